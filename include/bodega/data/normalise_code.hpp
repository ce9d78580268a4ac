// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/code_buffer.hpp>
#include <bodega/data/code_rule.hpp>
#include <bodega/data/gtin.hpp>
#include <bodega/text/upper_case.hpp>

namespace bodega::inline BODEGA_ABI {

/// Letters to upper case by Unicode's rules, blanks of every kind and signs without width at both
/// ends away: "85123a " is "85123A".
inline void upper_case_trimmed(std::string& id) { id = upper_case(trimmed(id)); }

/// Changes a code to the one spelling that is used: by rules, one after the other, which a bundle
/// can hold (`CodeRules`), or by a function, which it cannot.
class NormaliseCode {
 public:
  using Function = std::function<void(std::string& code)>;

  /// Codes stay as they are.
  NormaliseCode() = default;
  NormaliseCode(CodeRule rule) : rules_{rule} {}
  NormaliseCode(std::initializer_list<CodeRule> rules) : rules_(rules) {}
  NormaliseCode(std::vector<CodeRule> rules) : rules_(std::move(rules)) {}
  /// A rule where the function is that of a rule.
  NormaliseCode(void (*function)(std::string&));
  template <class F>
  requires(!std::same_as<F, NormaliseCode> && std::is_class_v<F> &&
           std::invocable<const F&, std::string&>)  //
      NormaliseCode(F function)
      : function_(std::move(function)) {}

  /// Whether it changes anything.
  explicit operator bool() const noexcept { return function_ || !rules_.empty(); }
  const std::vector<CodeRule>& rules() const noexcept { return rules_; }
  bool is_function() const noexcept { return static_cast<bool>(function_); }

  void operator()(std::string& code) const {
    if (function_) return function_(code);
    CodeBuffer buffer;
    if (rules_.empty() || !buffer.assign(code)) return;
    for (const CodeRule rule : rules_) apply(rule, buffer);
    code = buffer.text();
  }

 private:
  std::vector<CodeRule> rules_;
  Function function_;
};

#if BODEGA_BODIES

BODEGA_INLINE NormaliseCode::NormaliseCode(void (*function)(std::string&)) {
  if (function == static_cast<void (*)(std::string&)>(&gtin))
    rules_ = {CodeRule::gtin};
  else if (function == static_cast<void (*)(std::string&)>(&whole_number))
    rules_ = {CodeRule::whole_number};
  else if (function == &upper_case_trimmed)
    rules_ = {CodeRule::upper_case_trimmed};
  else
    function_ = function;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
