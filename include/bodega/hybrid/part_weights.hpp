// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What of a query there is to go by: a scorer that leads with an open basket may mislead without
/// one, so each situation may have weights of its own.
class Situation {
 public:
  static constexpr std::size_t count = 8;

  /// Nothing is known: what sells.
  constexpr Situation() noexcept = default;
  constexpr Situation(bool basket, bool customer, bool session) noexcept
      : bits_(static_cast<std::uint8_t>(basket | customer << 1 | session << 2)) {}
  /// The situation that a query is asked in. A viewed item is as good as a basket of it.
  explicit constexpr Situation(const Query& query) noexcept
      : Situation(!query.basket.empty() || !query.viewed.is_none(), !query.customer.is_none(),
                  !query.session.empty()) {}
  /// Precondition: below `count`.
  static constexpr Situation at(std::size_t index) noexcept {
    return {(index & 1) != 0, (index & 2) != 0, (index & 4) != 0};
  }

  constexpr std::size_t index() const noexcept { return bits_; }
  constexpr bool basket() const noexcept { return (bits_ & 1) != 0; }
  constexpr bool customer() const noexcept { return (bits_ & 2) != 0; }
  constexpr bool session() const noexcept { return (bits_ & 4) != 0; }
  constexpr bool operator==(const Situation&) const noexcept = default;

 private:
  std::uint8_t bits_ = 0;
};

constexpr std::string_view name(Situation situation) noexcept {
  constexpr std::array<std::string_view, Situation::count> names = {"plain",
                                                                    "basket",
                                                                    "customer",
                                                                    "basket and customer",
                                                                    "session",
                                                                    "basket and session",
                                                                    "customer and session",
                                                                    "basket, customer and session"};
  return names[situation.index()];
}

/// How much each part of a blend counts, by the part's name and by situation: what
/// `fit_blend_weights` learns and a bundle holds under "weights".
/// Thread safety: const calls from many threads.
class PartWeights {
 public:
  static constexpr std::string_view kind = "part_weights";

  PartWeights() = default;
  /// Without a situation yet. Throws Error(duplicate, invalid_argument) for a name given twice, and
  /// for an empty one.
  explicit PartWeights(std::span<const std::string> parts);

  /// Sets the weights of a situation, in place of those it had. Throws Error(shape) unless there is
  /// one for each part, (not_finite), (out_of_range) for a size beyond 1e9 and where none is above
  /// 0: every answer would be empty. Nothing is changed then.
  void set(Situation situation, std::span<const float> weights);

  std::size_t parts() const noexcept { return names_.size(); }
  std::string_view part(std::size_t number) const noexcept { return names_[number]; }
  /// Whether weights are there for this very situation.
  bool knows(Situation situation) const noexcept { return row_of(situation) < rows(); }
  /// Whether there is a weight for the part in any situation.
  bool names(std::string_view part) const noexcept { return names_.find(part) < parts(); }
  /// Returns the part's weight in the situation; where it is not known, in the nearest one: rather
  /// one that looks at less than one that looks at what the query has not. 0 for a part that is not
  /// named, and where nothing is known.
  float weight(Situation situation, std::string_view part) const noexcept;

  /// Throws Error(shape, out_of_range, not_finite, duplicate).
  void validate(const std::string& where) const;
  void restore() { names_.restore(); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("parts", self.names_);
    visit("situations", self.situations_);
    visit("weights", self.weights_);
  }

  bool operator==(const PartWeights& other) const noexcept = default;

 private:
  std::size_t rows() const noexcept { return situations_.size(); }
  std::size_t row_of(Situation situation) const noexcept {
    std::size_t row = 0;
    while (row < rows() && situations_[row] != situation.index()) ++row;
    return row;
  }
  static void check(std::span<const float> weights, const std::string& where);

  StringSet names_;
  std::vector<std::uint8_t> situations_;  // of each row
  Matrix<float> weights_;                 // situations x parts
};

#if BODEGA_BODIES

BODEGA_INLINE PartWeights::PartWeights(std::span<const std::string> parts) {
  for (const std::string& part : parts) {
    if (part.empty())
      throw Error(ErrorCode::invalid_argument, "PartWeights", "names of parts", "an empty one");
    if (names(part))
      throw Error(ErrorCode::duplicate, "PartWeights", "each part once", "'" + part + "' twice");
    names_.add(part);
  }
}

BODEGA_INLINE void PartWeights::set(Situation situation, std::span<const float> weights) {
  const std::string where = "PartWeights, weights for " + std::string(name(situation));
  validate_size(weights.size(), parts(), where);
  check(weights, where);
  const std::size_t row = row_of(situation);
  std::vector<std::uint8_t> situations = situations_;
  if (row == rows()) situations.push_back(static_cast<std::uint8_t>(situation.index()));
  Matrix<float> table(situations.size(), parts());
  for (std::size_t r = 0; r < situations.size(); ++r)
    for (std::size_t p = 0; p < parts(); ++p) table(r, p) = r == row ? weights[p] : weights_(r, p);
  situations_ = std::move(situations);
  weights_ = std::move(table);
}

BODEGA_INLINE float PartWeights::weight(Situation situation, std::string_view part) const noexcept {
  const std::size_t column = names_.find(part);
  if (column >= parts()) return 0;
  const auto bits = [](std::size_t of) { return std::popcount(static_cast<unsigned>(of)); };
  std::size_t nearest = rows();
  std::tuple<int, int, std::size_t> least{};
  for (std::size_t row = 0; row < rows(); ++row) {
    const std::size_t known = situations_[row], asked = situation.index();
    const std::tuple distance(bits(known & ~asked), bits(asked & ~known), known);
    if (nearest < rows() && !(distance < least)) continue;
    nearest = row;
    least = distance;
  }
  return nearest < rows() ? weights_(nearest, column) : 0.0f;
}

BODEGA_INLINE void PartWeights::check(std::span<const float> weights, const std::string& where) {
  validate_range(weights, -plausible::weight, plausible::weight, where);
  for (const float weight : weights)
    if (weight > 0) return;
  throw Error(ErrorCode::out_of_range, where, "a weight above 0", "none");
}

BODEGA_INLINE void PartWeights::validate(const std::string& where) const {
  names_.validate(where + ", parts");
  for (std::size_t p = 0; p < parts(); ++p)
    if (part(p).empty())
      throw Error(ErrorCode::invalid_argument, where + ", parts", "names", "an empty one");
  validate_size(weights_.rows(), rows(), where + ", rows of weights");
  if (rows() > 0) validate_size(weights_.columns(), parts(), where + ", columns of weights");
  unsigned seen = 0;
  for (std::size_t row = 0; row < rows(); ++row) {
    const std::string which = where + ", situation " + std::to_string(row);
    if (situations_[row] >= Situation::count || (seen >> situations_[row] & 1) != 0)
      throw Error(
          situations_[row] >= Situation::count ? ErrorCode::out_of_range : ErrorCode::duplicate,
          which, "one of 0 to 7, each once", std::to_string(situations_[row]));
    seen |= 1u << situations_[row];
    check(weights_.row(row), which);
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
