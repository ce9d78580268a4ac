// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/string_table.hpp>

/// Reads a folder of evaluation cases: what to learn from (train.csv), the catalogue (items.csv),
/// and which questions are asked (valid.jsonl, test.jsonl), as meta.json describes it.
namespace bodega_benchmark {

/// Rows of train.csv that belong together: a basket, a session, or all that a user liked.
struct History {
  std::string part;  ///< "train" or "valid"
  bodega::CustomerIndex customer = bodega::CustomerIndex::none();
  std::vector<bodega::ItemIndex> items;  ///< in order, with repeats; those of items.csv
};

struct Case {
  std::string id;
  bodega::CustomerIndex customer = bodega::CustomerIndex::none();
  std::vector<bodega::ItemIndex> query;
  std::vector<bodega::ItemIndex> target;  ///< none() for an item that is not in items.csv
  std::vector<bodega::ItemIndex> seen;    ///< next basket: the part of target bought before

  /// Cases of one group (a basket, a session, a customer) are not independent.
  std::string_view group() const { return std::string_view(id).substr(0, id.rfind('.')); }
};

struct Cases {
  std::string dataset, protocol;
  std::vector<std::string> metrics;                      ///< "NDCG@10"
  std::vector<std::string> fit_for_valid, fit_for_test;  ///< parts of train to learn from
  bool exclude_query = true;  ///< items of the query may not be recommended
  bodega::StringSet items;    ///< what is in more histories first, then as in items.csv
  bodega::StringSet customers;
  std::vector<History> train;  ///< oldest first
  std::vector<Case> valid, test;
};

namespace detail {

inline std::ifstream open(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw bodega::Error(bodega::ErrorCode::io, path.string(),
                        "a file of a case folder (made by make_cases.py)", "none to read");
  return file;
}

inline std::string at(const std::filesystem::path& path, std::size_t line) {
  return path.string() + ":" + std::to_string(line);
}

/// `read(json)`, with what is wrong in it told as an Error at `where`.
template <class Read>
void parse(const std::string& text, const std::string& where, Read&& read) {
  try {
    read(nlohmann::json::parse(text));
  } catch (const nlohmann::json::exception& e) {
    throw bodega::Error(bodega::ErrorCode::format, where, "JSON as make_cases.py writes it",
                        e.what());
  }
}

inline void read_meta(const std::filesystem::path& path, Cases& cases) {
  std::ifstream file = open(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  parse(text, path.string(), [&](const nlohmann::json& meta) {
    meta.at("dataset").get_to(cases.dataset);
    meta.at("protocol").get_to(cases.protocol);
    meta.at("metrics").get_to(cases.metrics);
    meta.at("fit_for_valid").get_to(cases.fit_for_valid);
    meta.at("fit_for_test").get_to(cases.fit_for_test);
    meta.at("exclude_query").get_to(cases.exclude_query);
  });
}

inline void read_items(const std::filesystem::path& path, Cases& cases) {
  std::ifstream file = open(path);
  bodega::CsvReader csv(file, path.string());
  const bodega::CsvHeader header(csv);
  const std::size_t item = header.need("item"), count = header.need("count");
  std::vector<std::pair<unsigned long long, std::string>> rows;
  while (csv.next()) {
    header.check(csv);
    const std::string number(csv.fields()[count]);
    if (number.empty() || number.size() > 18 ||
        number.find_first_not_of("0123456789") != std::string::npos)
      throw bodega::Error(bodega::ErrorCode::format, csv.where() + ", column count",
                          "a whole number", "'" + number + "'");
    rows.emplace_back(std::stoull(number), csv.fields()[item]);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [sold, id] : rows)
    if (cases.items.size() != cases.items.add(id))
      throw bodega::Error(bodega::ErrorCode::duplicate, path.string(), "every item once",
                          "'" + id + "' twice");
}

inline bodega::CustomerIndex customer_of(std::string_view id, Cases& cases) {
  return id.empty() ? bodega::CustomerIndex::none()
                    : bodega::CustomerIndex(cases.customers.add(id));
}

inline void read_train(const std::filesystem::path& path, Cases& cases) {
  std::ifstream file = open(path);
  bodega::CsvReader csv(file, path.string());
  const bodega::CsvHeader header(csv);
  const std::size_t part = header.need("part"), customer = header.need("customer"),
                    basket = header.need("basket"), item = header.need("item");
  std::string before;
  while (csv.next()) {
    header.check(csv);
    const auto field = csv.fields();
    std::string key(field[part]);
    key.append(1, '\n').append(field[customer]).append(1, '\n').append(field[basket]);
    if (key != before)
      cases.train.push_back({std::string(field[part]), customer_of(field[customer], cases), {}});
    before = std::move(key);
    if (const std::uint32_t index = cases.items.find(field[item]); index != cases.items.none)
      cases.train.back().items.emplace_back(index);
  }
}

inline std::vector<Case> read_part(const std::filesystem::path& path, Cases& cases) {
  std::ifstream file = open(path);
  std::vector<Case> part;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const std::string where = at(path, number);
    const auto items_of = [&](const nlohmann::json& ids, std::vector<bodega::ItemIndex>& items) {
      for (const auto& id : ids) {
        const std::uint32_t index = cases.items.find(id.get_ref<const std::string&>());
        items.push_back(index != cases.items.none ? bodega::ItemIndex(index)
                                                  : bodega::ItemIndex::none());
      }
    };
    parse(line, where, [&](const nlohmann::json& json) {
      Case one;
      json.at("id").get_to(one.id);
      if (const auto& customer = json.at("customer"); !customer.is_null())
        one.customer = customer_of(customer.get_ref<const std::string&>(), cases);
      items_of(json.at("query"), one.query);
      std::erase(one.query, bodega::ItemIndex::none());
      items_of(json.at("target"), one.target);
      if (json.contains("seen")) items_of(json["seen"], one.seen);
      if (one.target.empty() || one.seen.size() > one.target.size() ||
          ((cases.protocol == "basket" || cases.protocol == "session") &&
           std::count(one.target.begin(), one.target.end(), bodega::ItemIndex::none()) > 0))
        throw bodega::Error(bodega::ErrorCode::unknown_id, where, "targets, of items.csv",
                            json.at("target").dump());
      part.push_back(std::move(one));
    });
  }
  return part;
}

}  // namespace detail

/// Error (io, format, missing, duplicate, unknown_id) naming file and line of what is not as
/// make_cases.py writes it, (invalid_argument) where the cases are of another protocol.
inline Cases read_cases(const std::filesystem::path& folder, std::string_view protocol) {
  if (!std::filesystem::is_directory(folder))
    throw bodega::Error(bodega::ErrorCode::io, folder.string(),
                        "a case folder (made by make_cases.py)", "no folder");
  Cases cases;
  detail::read_meta(folder / "meta.json", cases);
  if (cases.protocol != protocol)
    throw bodega::Error(bodega::ErrorCode::invalid_argument, (folder / "meta.json").string(),
                        "protocol '" + std::string(protocol) + "'", "'" + cases.protocol + "'");
  detail::read_items(folder / "items.csv", cases);
  detail::read_train(folder / "train.csv", cases);
  cases.valid = detail::read_part(folder / "valid.jsonl", cases);
  cases.test = detail::read_part(folder / "test.jsonl", cases);
  return cases;
}

}  // namespace bodega_benchmark
