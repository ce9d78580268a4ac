// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bodega {

struct ScoredIndex {
  float score = 0;
  std::uint32_t index = 0;
  bool operator==(const ScoredIndex&) const = default;
};

/// The order of every list in the library: higher score first, equal scores by lower index.
constexpr bool ranks_before(const ScoredIndex& a, const ScoredIndex& b) noexcept {
  return a.score > b.score || (a.score == b.score && a.index < b.index);
}

/// Keeps the k best of what is offered, in a heap whose root is the worst kept. Memory is taken
/// once, by the constructor or `reset` with a larger k; offering allocates nothing.
/// Not safe from two threads at once. Cost of an offer: one comparison when it is rejected, else
/// the logarithm of k.
class TopK {
 public:
  TopK() = default;
  explicit TopK(std::size_t k) { reset(k); }

  /// Empties it for a new selection of the k best.
  void reset(std::size_t k) {
    heap_.clear();
    heap_.reserve(k);
    k_ = k;
  }

  /// Whether an offer of this score could still be kept; a cheap test for whole blocks.
  bool may_enter(float score) const noexcept {
    return heap_.size() < k_ || (k_ > 0 && score >= heap_.front().score);
  }

  /// A NaN score is never kept.
  void offer(float score, std::uint32_t index) noexcept {
    const ScoredIndex candidate{score, index};
    if (!(score == score)) return;
    if (heap_.size() < k_) {
      heap_.push_back(candidate);  // within the reserved capacity
      std::push_heap(heap_.begin(), heap_.end(), ranks_before);
    } else if (k_ > 0 && ranks_before(candidate, heap_.front())) {
      replace_worst(candidate);
    }
  }

  /// The kept ones, best first. Valid until the next `reset` or `offer`; call once per selection.
  std::span<const ScoredIndex> sorted() noexcept {
    std::sort_heap(heap_.begin(), heap_.end(), ranks_before);
    return heap_;
  }

  std::size_t size() const noexcept { return heap_.size(); }

  /// What a score must be above to be sure of a place when indices are offered in rising order:
  /// the worst kept score, or `when_open` while there is room.
  float threshold(float when_open) const noexcept {
    return k_ > 0 && heap_.size() == k_ ? heap_.front().score : when_open;
  }

 private:
  /// The root makes room; of each pair of children the worse moves up until the candidate fits.
  /// Half the work of popping and pushing.
  void replace_worst(const ScoredIndex& candidate) noexcept {
    std::size_t hole = 0;
    for (std::size_t child = 1; child < heap_.size(); child = 2 * hole + 1) {
      if (child + 1 < heap_.size()) child += ranks_before(heap_[child], heap_[child + 1]);
      if (!ranks_before(candidate, heap_[child])) break;
      heap_[hole] = heap_[child];
      hole = child;
    }
    heap_[hole] = candidate;
  }

  std::vector<ScoredIndex> heap_;
  std::size_t k_ = 0;
};

}  // namespace bodega
