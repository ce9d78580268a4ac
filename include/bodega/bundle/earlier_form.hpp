// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/parameters.hpp>

namespace bodega::inline BODEGA_ABI {

/// A model type that got parameters after files of it had been written. It says which, and whether
/// one of them is other than what the files without it mean:
///
///   static constexpr bool added_later(std::string_view parameter) noexcept;
///   bool uses_added() const noexcept;
///
/// A bundle reads files without these parameters, which then keep the values of a new model, and
/// writes such a file where no added one is used: a till of before can still read it.
template <class M>
concept Extended = requires(const M& model, std::string_view parameter) {
  { M::added_later(parameter) } -> std::same_as<bool>;
  { model.uses_added() } -> std::same_as<bool>;
};

/// The model as a file of before lists it.
template <Extended M>
struct EarlierForm {
  static constexpr std::string_view kind = M::kind;

  M model;

  void validate(const std::string& where) const { model.validate(where); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    M::parameters(self.model,
                  [&]<class P>(std::string_view name, P& parameter, Role role = Role::state) {
                    if (!M::added_later(name)) visit(name, parameter, role);
                  });
  }
};

}  // namespace bodega::inline BODEGA_ABI
