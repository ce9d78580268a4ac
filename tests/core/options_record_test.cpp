// SPDX-License-Identifier: MIT
#include <bodega/core/options_record.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "check_error.hpp"
#include "toy_options.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

template <class T>
T there_and_back(const T& value) {
  T read{};
  const std::string text = option_text(value);
  INFO(text);
  CHECK(parse_option(text, read));
  return read;
}

}  // namespace

TEST_CASE("values as text") {
  CHECK(option_text(true) == "true");
  CHECK(option_text(300.0) == "300");
  CHECK(option_text(0.1f) == "0.1");
  CHECK(option_text(std::uint8_t{7}) == "7");
  CHECK(option_text(',') == ",");
  CHECK(option_text('\0').empty());
  CHECK(option_text(Crust::soft) == "soft");
  CHECK(option_text(std::optional<int>()) == "none");
  CHECK(option_text(std::vector<float>{0.5f, 0.9f}) == "[0.5,0.9]");
  CHECK(option_text(std::vector<float>()) == "[]");
  CHECK(option_text(std::string("two words")) == "two words");
}

TEST_CASE("every value is read back as it was") {
  for (const double value : {0.0, 0.1, -1e-300, 1.0 / 3, 5e-324, 1e308})
    CHECK(there_and_back(value) == value);
  for (const float value : {0.3f, 1.0f / 3, std::numeric_limits<float>::min()})
    CHECK(there_and_back(value) == value);
  CHECK(std::isinf(there_and_back(std::numeric_limits<float>::infinity())));
  CHECK(there_and_back(-std::numeric_limits<double>::infinity()) < 0);
  CHECK(std::isnan(there_and_back(std::numeric_limits<double>::quiet_NaN())));
  CHECK(there_and_back(std::numeric_limits<std::uint64_t>::max()) == ~std::uint64_t{0});
  CHECK(there_and_back(std::numeric_limits<std::int64_t>::min()) < 0);
  CHECK(there_and_back(Crust::crisp) == Crust::crisp);
  CHECK(there_and_back(std::optional(3)) == 3);
  CHECK_FALSE(there_and_back(std::optional<int>()));
  CHECK(there_and_back(std::vector<double>{0.1, 1e9}) == std::vector<double>{0.1, 1e9});
  CHECK(there_and_back(std::vector<int>()).empty());
  CHECK(there_and_back(std::string("a=b\nc")) == "a=b\nc");
}

TEST_CASE("what is no text of the type changes nothing") {
  const auto refused = []<class T>(std::initializer_list<const char*> texts, T value) {
    for (const char* text : texts) {
      T read = value;
      INFO(text);
      CHECK_FALSE(parse_option(text, read));
      CHECK(read == value);
    }
  };
  refused({"", "1.5", "-1", "256", "7 ", "x"}, std::uint8_t{9});
  refused({"", "one", "1.5x", "1 ", "1,5"}, 9.0);
  refused({"", "yes", "1", "True"}, true);
  refused({"", "hard", "Soft"}, Crust::crisp);
  refused({"", "1", "[1", "[1,,2]", "[x]"}, std::vector<int>{9});
  refused({"ab"}, 'c');
  refused({"", "nothing"}, std::optional(9));
}

TEST_CASE("a record has what has a text, and makes the options again") {
  const BakeOptions options{.loaves = 9,
                            .salt = 1.0 / 3,
                            .crust = Crust::soft,
                            .seeds = {3, 1},
                            .label = "rye",
                            .minutes = 40,
                            .oven = {.steam = true}};
  const OptionsRecord record = record_of(options);
  const OptionsRecord expected = {{"loaves", "9"},         {"salt", "0.3333333333333333"},
                                  {"crust", "soft"},       {"seeds", "[3,1]"},
                                  {"label", "rye"},        {"minutes", "40"},
                                  {"oven.degrees", "220"}, {"oven.steam", "true"}};
  CHECK(record == expected);
  CHECK(record_of(options_of<BakeOptions>(record)) == record);
}

TEST_CASE("long vectors stand in no record") {
  const auto has_seeds = [](std::size_t count) {
    const OptionsRecord record = record_of(BakeOptions{.seeds = std::vector<int>(count, 1)});
    return std::any_of(record.begin(), record.end(),
                       [](const RecordedOption& one) { return one.name == "seeds"; });
  };
  CHECK(has_seeds(most_recorded));
  CHECK_FALSE(has_seeds(most_recorded + 1));
}

TEST_CASE("a record may say less or more, but nothing false") {
  const auto options = options_of<BakeOptions>({{"made_by", "bake"}, {"salt", "2"}}, {.loaves = 7});
  CHECK(options.salt == 2);
  CHECK(options.loaves == 7);
  CHECK_ERROR(options_of<BakeOptions>({{"oven.degrees", "hot"}}), ErrorCode::format,
              "oven.degrees");
}
