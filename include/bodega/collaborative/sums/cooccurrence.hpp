// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/sums/count_pairs.hpp>
#include <bodega/collaborative/sums/decayed_sums.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

struct CooccurrenceOptions {
  /// A receipt this old counts half; 0 = all receipts count the same.
  double half_life_days = 0;
  /// Of a larger basket only the first so many distinct items make pairs (all of them are counted
  /// as items), so that one order of 10,000 articles cannot cost 50 million pairs.
  std::size_t max_basket = 1000;
  /// How often each of the baskets counts, 0 = not at all; empty = all count once.
  /// `inverse_size_weights` and `squared_idf_weights` make such.
  std::vector<float> weights = {};
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("half_life_days", self.half_life_days,
          "A receipt this old counts half; 0 = all receipts count the same.");
    visit("max_basket", self.max_basket,
          "Of a larger basket only the first so many distinct items make pairs.");
    visit("weights", self.weights,
          "How often each basket counts, as of inverse_size_weights; empty = all once.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

/// How often items are bought, alone and together: sums over receipts, and so over days, stores
/// and the chain. The training input of every item-item model.
///
/// Receipts wait in a short list until enough have come to be worth counting; then all their pairs
/// are counted (`count_pairs`) into a sparse upper triangle. Reading gives the same with or without
/// receipts waiting.
/// Memory: 8 bytes for each pair of items ever bought together, 8 for each item, and 4 for each
/// basket line that waits (all lines while the constructor counts, and then 16 for each basket);
/// bulk counting costs one addition a pair. Pairs are floats: whole counts are exact up to 16.7
/// million. Thread rule: const calls from many threads; a change excludes all others.
class Cooccurrence {
 public:
  static constexpr std::string_view kind = "cooccurrence";

  Cooccurrence() = default;

  /// Empty sums for a catalogue of `items`. Error (invalid_argument, shape) on a bad option, such
  /// as weights of baskets that are not there.
  explicit Cooccurrence(std::size_t items, const CooccurrenceOptions& options = {})
      : Cooccurrence(Baskets(items), options) {}

  /// Sums over all baskets, which may come in any order of time. Error (shape, invalid_argument) on
  /// a bad option, such as weights that are not one finite number of 0 or more a basket;
  /// (cancelled) where `progress` says so.
  explicit Cooccurrence(const Baskets& baskets, const CooccurrenceOptions& options = {});

  std::size_t items() const noexcept { return counts_.size(); }
  /// The latest day seen: all sums are as of this day. 1970-01-01 before the first receipt.
  Day day() const noexcept { return clock_.day(); }
  double half_life_days() const noexcept { return clock_.half_life_days(); }

  /// Adds what a receipt sells; its returns are left out. Error (out_of_range) on an item outside
  /// the catalogue. Cost: as `add`.
  void observe(const Receipt& receipt);

  /// Adds one basket, `weight` times. An item on several lines counts once; an empty basket says
  /// nothing. Error (out_of_range, invalid_argument) on an item outside the catalogue or a weight
  /// that is not a finite number above 0. Cost: amortised, the pairs and some ten times the lines.
  void add(std::span<const ItemIndex> basket, Day day, float weight = 1);

  /// Adds the sums of another store or period; both are read as of the later day from then on.
  /// Error (shape, invalid_argument) where catalogue size or half-life differ. The caller must
  /// ensure that both catalogues list the same items in the same order.
  /// Cost: linear in the pairs of both.
  void merge(const Cooccurrence& other);

  /// Lets time pass without receipts; an earlier day changes nothing.
  void decay_to(Day day) noexcept {
    clock_.decay_to(day, pairs_.values(), waiting_weight_, counts_, baskets_);
  }

  /// Baskets with the item, decayed; 0 for an index outside the catalogue.
  float count(ItemIndex item) const noexcept {
    if (item.value() >= items()) return 0;
    return static_cast<float>(counts_[item.value()] * clock_.present());
  }

  /// All baskets, decayed.
  double baskets() const noexcept { return baskets_ * clock_.present(); }

  /// Baskets with both items, decayed; 0 for an item with itself. Cost: the receipts that wait.
  float pair(ItemIndex a, ItemIndex b) const noexcept;

  /// All pairs as of `day()`: symmetric, without diagonal. Cost: linear in the pairs.
  CsrMatrix<float> pairs() const;

  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("clock", self.clock_);
    visit("max_basket", self.max_basket_);
    visit("baskets", self.baskets_);
    visit("counts", self.counts_);
    visit("pairs", self.pairs_);
    visit("waiting", self.waiting_);
    visit("waiting_weight", self.waiting_weight_);
  }

  bool operator==(const Cooccurrence&) const = default;

 private:
  static constexpr std::size_t few_waiting = 1 << 16, most_waiting = 1 << 28;  // basket lines

  static CsrMatrix<float> empty_pairs(std::size_t items) {
    return {SparsePattern(items, std::vector<std::uint32_t>(items + 1, 0), {}), {}};
  }

  static void check(const CooccurrenceOptions& options, std::size_t baskets);

  /// a + factor b.
  static CsrMatrix<float> sum(const CsrMatrix<float>& a, const CsrMatrix<float>& b, float factor);

  /// `distinct` is room that the caller keeps from one receipt to the next.
  void append(std::span<const ItemIndex> basket, Day day, float weight,
              std::vector<std::uint32_t>& distinct);

  /// The first `max_basket_` distinct items of a giant basket.
  std::vector<std::uint32_t> first_distinct(std::span<const ItemIndex> basket) const;

  void count_waiting(const ProgressCallback& progress);

  void clear_waiting() {
    waiting_ = SparsePattern(items());
    waiting_weight_.clear();
  }

  CsrMatrix<float> all_pairs(const ProgressCallback& progress) const;

  DecayedSums clock_;
  std::uint64_t max_basket_ = CooccurrenceOptions{}.max_basket;
  double baskets_ = 0;
  std::vector<double> counts_;  // per item
  CsrMatrix<float> pairs_;      // upper triangle of what has been counted
  SparsePattern waiting_;       // receipts x items, not yet counted
  std::vector<float> waiting_weight_;
};

#if BODEGA_BODIES

BODEGA_INLINE Cooccurrence::Cooccurrence(const Baskets& baskets, const CooccurrenceOptions& options)
    : clock_(options.half_life_days, "Cooccurrence"),
      max_basket_(options.max_basket),
      counts_(baskets.items(), 0.0),
      pairs_(empty_pairs(baskets.items())),
      waiting_(baskets.items()) {
  check(options, baskets.size());
  if (baskets.empty()) return;
  std::size_t lines = 0;
  for (std::size_t i = 0; i < baskets.size(); ++i) lines += baskets[i].size();
  waiting_.reserve(baskets.size(), std::min(lines, most_waiting));
  waiting_weight_.reserve(baskets.size());
  std::vector<std::uint32_t> distinct;
  for (std::size_t i = 0; i < baskets.size(); ++i) {
    const float weight = options.weights.empty() ? 1 : options.weights[i];
    if (weight > 0) append(baskets[i], baskets.day(i), weight, distinct);
    if (waiting_.size() >= most_waiting) count_waiting(options.progress);
  }
  count_waiting(options.progress);
}

BODEGA_INLINE void Cooccurrence::observe(const Receipt& receipt) {
  std::vector<ItemIndex> sold;
  for (const ReceiptLine& line : receipt.lines) {
    DecayedSums::check_item(line.item, items(), "Cooccurrence");
    if (line.quantity > Quantity()) sold.push_back(line.item);
  }
  add(sold, receipt.when.day());
}

BODEGA_INLINE void Cooccurrence::add(std::span<const ItemIndex> basket, Day day, float weight) {
  DecayedSums::check_weight(weight, "Cooccurrence");
  for (const ItemIndex item : basket) DecayedSums::check_item(item, items(), "Cooccurrence");
  std::vector<std::uint32_t> distinct;
  if (waiting_.size() >= std::max(few_waiting, pairs_.size() / 8)) count_waiting({});
  append(basket, day, weight, distinct);
}

BODEGA_INLINE void Cooccurrence::merge(const Cooccurrence& other) {
  clock_.check_merge(other.clock_, items(), other.items(), "Cooccurrence::merge");
  const CsrMatrix<float> others = other.all_pairs({});
  CsrMatrix<float> mine = all_pairs({});
  DecayedSums clock = clock_;
  const double factor = clock.join(other.clock_, mine.values());
  pairs_ = sum(mine, others, static_cast<float>(factor));
  clear_waiting();
  clock_.join(other.clock_, counts_, baskets_);
  DecayedSums::add(std::span(counts_), std::span<const double>(other.counts_), factor);
  baskets_ += factor * other.baskets_;
}

BODEGA_INLINE float Cooccurrence::pair(ItemIndex a, ItemIndex b) const noexcept {
  const auto [i, j] = std::minmax({a.value(), b.value()});
  if (i == j || j >= items()) return 0;
  double sum = pairs_.at(i, j);
  for (std::size_t r = 0; r < waiting_.rows(); ++r)
    if (waiting_.find(r, i) < waiting_.size() && waiting_.find(r, j) < waiting_.size())
      sum += waiting_weight_[r];
  return static_cast<float>(sum * clock_.present());
}

BODEGA_INLINE CsrMatrix<float> Cooccurrence::pairs() const {
  const CsrMatrix<float> upper = all_pairs({});
  const CsrMatrix<float> lower = upper.transposed();
  const auto present = static_cast<float>(clock_.present());
  PairRows rows(items(), 2 * upper.size());
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  for (std::size_t i = 0; i < items(); ++i) {
    columns.clear();
    values.clear();
    for (const CsrMatrix<float>* half : {&lower, &upper}) {
      const auto entries = half->row(i);
      columns.insert(columns.end(), entries.columns.begin(), entries.columns.end());
      values.insert(values.end(), entries.values.begin(), entries.values.end());
    }
    for (float& value : values) value *= present;
    rows.add_row(columns, values);
  }
  return std::move(rows).matrix();
}

BODEGA_INLINE void Cooccurrence::validate(const std::string& where) const {
  clock_.validate(where + ", clock");
  pairs_.validate(where + ", pairs");
  DecayedSums::validate_sums(pairs_.values(), where + ", pairs");
  validate_size(pairs_.rows(), items(), where + ", rows of pairs");
  validate_size(pairs_.columns(), items(), where + ", columns of pairs");
  for (std::size_t i = 0; i < items(); ++i)
    if (pairs_.row(i).size() > 0 && pairs_.row(i).columns.front() <= i)
      throw Error(ErrorCode::format, where + ", pairs of item " + std::to_string(i),
                  "items above it", std::to_string(pairs_.row(i).columns.front()));
  waiting_.validate(where + ", waiting");
  validate_size(waiting_.columns(), items(), where + ", columns of waiting");
  validate_size(waiting_weight_.size(), waiting_.rows(), where + ", waiting_weight");
  DecayedSums::validate_sums(std::span(waiting_weight_), where + ", waiting_weight");
  DecayedSums::validate_sums(std::span(counts_), where + ", counts");
  DecayedSums::validate_sum(baskets_, where + ", baskets");
}

BODEGA_INLINE void Cooccurrence::check(const CooccurrenceOptions& options, std::size_t baskets) {
  if (options.max_basket < 2)
    throw Error(ErrorCode::invalid_argument, "Cooccurrence, option max_basket", "2 or more",
                std::to_string(options.max_basket));
  if (options.weights.empty()) return;
  validate_size(options.weights.size(), baskets, "Cooccurrence, option weights");
  for (std::size_t i = 0; i < baskets; ++i)
    if (!(options.weights[i] >= 0) || !std::isfinite(options.weights[i]))
      throw Error(ErrorCode::invalid_argument,
                  "Cooccurrence, weight of basket " + std::to_string(i),
                  "a finite number of 0 or more", std::to_string(options.weights[i]));
}

BODEGA_INLINE CsrMatrix<float> Cooccurrence::sum(const CsrMatrix<float>& a,
                                                 const CsrMatrix<float>& b, float factor) {
  PairRows rows(a.columns(), a.size() + b.size());
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  for (std::size_t i = 0; i < a.rows(); ++i) {
    const auto in_a = a.row(i), in_b = b.row(i);
    columns.clear();
    values.clear();
    for (std::size_t k = 0, m = 0; k < in_a.size() || m < in_b.size();) {
      const std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
      const std::uint32_t of_a = k < in_a.size() ? in_a.columns[k] : none;
      const std::uint32_t of_b = m < in_b.size() ? in_b.columns[m] : none;
      float value = 0;
      if (of_a <= of_b) value += in_a.values[k++];
      if (of_b <= of_a) value += factor * in_b.values[m++];
      columns.push_back(std::min(of_a, of_b));
      values.push_back(value);
    }
    rows.add_row(columns, values);
  }
  return std::move(rows).matrix();
}

BODEGA_INLINE void Cooccurrence::append(std::span<const ItemIndex> basket, Day day, float weight,
                                        std::vector<std::uint32_t>& distinct) {
  if (basket.empty()) return;
  distinct.resize(basket.size());
  std::transform(basket.begin(), basket.end(), distinct.begin(),
                 [](ItemIndex item) { return item.value(); });
  sort_distinct(distinct);
  const bool giant = distinct.size() > max_basket_;
  std::vector<std::uint32_t> first = giant ? first_distinct(basket) : std::vector<std::uint32_t>();
  waiting_.make_room(1, distinct.size());
  make_room(1, waiting_weight_);  // what follows cannot fail
  const double stored =
      clock_.weigh(day, weight, pairs_.values(), waiting_weight_, counts_, baskets_);
  baskets_ += stored;
  for (const std::uint32_t item : distinct) counts_[item] += stored;
  if (giant) distinct.swap(first);
  if (distinct.size() < 2) return;
  waiting_.add_row(distinct);
  waiting_weight_.push_back(static_cast<float>(stored));
}

BODEGA_INLINE std::vector<std::uint32_t> Cooccurrence::first_distinct(
    std::span<const ItemIndex> basket) const {
  std::vector<bool> seen(items(), false);
  std::vector<std::uint32_t> first;
  for (std::size_t k = 0; first.size() < max_basket_; ++k)
    if (!seen[basket[k].value()]) {
      seen[basket[k].value()] = true;
      first.push_back(basket[k].value());
    }
  sort_distinct(first);
  return first;
}

BODEGA_INLINE void Cooccurrence::count_waiting(const ProgressCallback& progress) {
  if (waiting_.size() == 0) return;
  pairs_ = all_pairs(progress);
  clear_waiting();
}

BODEGA_INLINE CsrMatrix<float> Cooccurrence::all_pairs(const ProgressCallback& progress) const {
  if (waiting_.size() == 0) return pairs_;
  CsrMatrix<float> counted = count_pairs(waiting_, waiting_weight_, {.progress = progress});
  return pairs_.size() == 0 ? std::move(counted) : sum(pairs_, counted, 1);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
