// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/code_rule.hpp>
#include <bodega/data/normalise_code.hpp>
#include <bodega/data/string_table.hpp>

namespace bodega::inline BODEGA_ABI {

/// Numbers the names of customers, stores or tills as they come; each spelling is normalised once.
class Spellings {
 public:
  static constexpr std::uint32_t none = StringSet::none;

  /// A spelling that is empty, or but for case one of `nobody`, names nobody.
  explicit Spellings(NormaliseCode normalise = {}, std::vector<std::string> nobody = {})
      : normalise_(std::move(normalise)), nobody_(std::move(nobody)) {}

  /// The number of the name that a spelling stands for; `none` if it names nobody.
  std::uint32_t find(std::string_view spelling);

  StringSet& names() noexcept { return names_; }

 private:
  std::uint32_t number(std::string_view spelling);

  NormaliseCode normalise_;
  std::vector<std::string> nobody_;
  StringSet spellings_, names_;
  std::vector<std::uint32_t> name_of_;  // by spelling
  std::string last_;
  std::uint32_t last_name_ = none;
};

#if BODEGA_BODIES

BODEGA_INLINE std::uint32_t Spellings::find(std::string_view spelling) {
  if (spelling.empty()) return none;
  if (spelling == last_) return last_name_;  // as on all lines of a receipt
  std::uint32_t known = spellings_.find(spelling);
  if (known == StringSet::none) {
    name_of_.push_back(number(spelling));
    known = spellings_.add(spelling);
  }
  last_ = spelling;
  return last_name_ = name_of_[known];
}

BODEGA_INLINE std::uint32_t Spellings::number(std::string_view spelling) {
  std::string name(trimmed(spelling));
  for (const std::string& one : nobody_)
    if (same_but_case(name, one)) return none;
  if (normalise_) normalise_(name);
  return name.empty() ? none : names_.add(name);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
