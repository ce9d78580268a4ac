// SPDX-License-Identifier: MIT
#include <set>
#include <string>

#include <bodega/core/error.hpp>
#include <bodega/core/progress.hpp>

#include "check_error.hpp"

using namespace bodega;

TEST_CASE("An error says where, what was expected and what was found") {
  const Error error(ErrorCode::format, "receipts.csv:12, column quantity", "a number", "'x'");
  CHECK(std::string(error.what()) ==
        "receipts.csv:12, column quantity: expected a number, found 'x' [format]");
  CHECK(error.code() == ErrorCode::format);
  CHECK(error.where() == "receipts.csv:12, column quantity");
  CHECK(error.expected() == "a number");
  CHECK(error.found() == "'x'");
}

TEST_CASE("foreign inputs: an error quotes them escaped, bounded and whole") {
  const std::string nul("a\0b", 3);
  const Error raw(ErrorCode::format, "shop\x1B[2J.csv:3", "a number", "'" + nul + "\xFF\n\u202E'");
  CHECK(raw.where() == "shop\\u{1B}[2J.csv:3");
  CHECK(raw.found() == "'a\\u{00}b\\xFF\\n\\u{202E}'");
  CHECK(std::string(raw.what()) ==
        "shop\\u{1B}[2J.csv:3: expected a number, found "
        "'a\\u{00}b\\xFF\\n\\u{202E}' [format]");
  for (const std::string& text :
       {std::string(788'000, '9'), std::string(788'000, '\0'), std::string(788'000, '\xC3')}) {
    const Error large(ErrorCode::format, text, text, "'" + text + "'");
    const std::string what = large.what();
    CHECK(what.size() < 1'500);
    CHECK(is_printable(what));
    CHECK(what.ends_with("' [format]"));
    CHECK(large.where().size() < 450);
  }
}

TEST_CASE("Every code has a name of its own") {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::cancelled); ++code)
    names.insert(name(static_cast<ErrorCode>(code)));
  CHECK(names.size() == static_cast<std::size_t>(ErrorCode::cancelled) + 1);
  CHECK(names.count("unknown") == 0);
}

TEST_CASE("A progress callback that says no cancels") {
  std::size_t calls = 0;
  const ProgressCallback until_two = [&](const Progress& progress) {
    ++calls;
    return progress.done < 2;
  };
  report_progress(until_two, {"counting", 1, 2});
  CHECK_ERROR(report_progress(until_two, {"counting", 2, 2}), ErrorCode::cancelled, "counting");
  CHECK(calls == 2);
  report_progress({}, {"counting", 2, 2});
}
