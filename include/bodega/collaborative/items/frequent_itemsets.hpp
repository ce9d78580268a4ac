// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/core/ratio.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

struct FrequentItemsetsOptions {
  double support = 0.001;
  std::size_t longest = 3;
  /// Of a larger basket only the first so many distinct items are seen, in every count.
  std::size_t max_basket = 100;
  /// More sets than this raise the support, or shorten the sets where raising it would leave next
  /// to nothing.
  std::size_t max_itemsets = 200'000;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("support", self.support,
          "Least share of the baskets that hold a set, 0 to 1; one basket at least.");
    visit("longest", self.longest, "Items in a set at most.");
    visit("max_basket", self.max_basket,
          "Of a larger basket only the first so many distinct items are seen.");
    visit("max_itemsets", self.max_itemsets,
          "More sets than this raise the support, or shorten the sets.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

/// All sets of up to `longest` items that `min_count` baskets or more hold, with exact counts. Both
/// numbers are what the search ended with; they differ from the options where those asked for more
/// sets than they allowed.
struct FrequentItemsets {
  SparsePattern sets;                ///< sets x items, in lexicographic order
  std::vector<std::uint32_t> count;  ///< baskets with each set
  std::uint32_t min_count = 1;
  std::size_t longest = 0;
  std::size_t baskets = 0;      ///< all
  std::size_t cut_baskets = 0;  ///< those seen in part, being larger than `max_basket`

  /// Where a set (items rising) stands, or `sets.rows()`. Cost: the logarithm of the sets.
  std::size_t find(std::span<const std::uint32_t> set) const noexcept;
};

namespace detail {
#if BODEGA_BODIES
/// Baskets as a tree of shared beginnings, most frequent items first.
class FpTree {
 public:
  /// Sequences of labels, each counting so many times; labels rise within one.
  struct Paths {
    struct Path {
      std::size_t begin;
      std::uint32_t length, count;
    };
    std::vector<std::uint32_t> labels;
    std::vector<Path> paths;

    std::span<const std::uint32_t> operator[](const Path& path) const noexcept {
      return {labels.data() + path.begin, path.length};
    }
    /// What was put behind `begin` becomes a path.
    void end_path(std::size_t begin, std::uint32_t count) {
      const std::size_t length = labels.size() - begin;
      if (length > 0) paths.push_back({begin, static_cast<std::uint32_t>(length), count});
    }
  };

  /// `items[label]` is what a label stands for, `count[label]` how often it is in the paths.
  FpTree(Paths paths, std::vector<std::uint32_t> items, std::vector<std::uint32_t> count);

  std::size_t size() const noexcept { return items_.size(); }
  std::uint32_t item(std::size_t label) const noexcept { return items_[label]; }
  std::uint32_t count(std::size_t label) const noexcept { return count_[label]; }

  /// How often each smaller label stands before `label`.
  std::vector<std::uint32_t> counts_before(std::uint32_t label) const;

  /// The tree of what stands before `label`, without what does so less than `least` times.
  FpTree before(std::uint32_t label, std::span<const std::uint32_t> counts,
                std::uint32_t least) const;

 private:
  struct Node {
    std::uint32_t label = 0, parent = 0, count = 0;
    std::uint32_t next = 0;  // another node of that label; 0, the root, ends the list
  };
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> items_, count_, last_;
};

/// The search in the tree, and what it has found within its limits.
class FpGrowth {
 public:
  FpGrowth(std::uint32_t min_count, const FrequentItemsetsOptions& options)
      : options_(options), min_count_(min_count), longest_(options.longest) {}

  /// All frequent sets. The most frequent items come first, so that a limit is met early and what
  /// is bought seldom is never looked at.
  void search(const FpTree& tree);

  void write_to(FrequentItemsets& result);

 private:
  struct Found {
    std::size_t begin;
    std::uint32_t length, count;
  };

  /// Sets that have `label` and, of the tree, smaller labels.
  void grow(const FpTree& tree, std::uint32_t label, ProgressPulse& pulse);

  void keep(std::uint32_t count);

  /// Raises the support so that at most half of the sets allowed are left; where that leaves less
  /// than one in twenty, since so many are equally frequent, the longest sets go instead.
  void narrow();

  std::span<const std::uint32_t> items_of(const Found& found) const noexcept {
    return {items_.data() + found.begin, found.length};
  }

  const FrequentItemsetsOptions& options_;
  std::uint32_t min_count_;
  std::size_t longest_;
  std::vector<std::uint32_t> prefix_, items_;
  std::vector<Found> found_;
};
#endif
}  // namespace detail

/// The frequent itemsets by FP-growth: baskets become a tree of shared beginnings, and the sets
/// with an item are found in the smaller tree of what is bought with it. Source: Han, Pei, Yin,
/// "Mining frequent patterns without candidate generation", SIGMOD 2000. Whatever the data, at most
/// `max_itemsets` sets are held; see `FrequentItemsets` for what was given up for it. Error
/// (out_of_range, invalid_argument) where the support is not 0 to 1, or a limit is 0. Memory: at
/// most 4 bytes for each line of the baskets seen, 24 for each basket and 16 for each node, of
/// which there are no more than lines; as much again for each item of the longest set but two.
/// Cost: for each set but the longest, the baskets that hold it times the items in them.
FrequentItemsets find_frequent_itemsets(const Baskets& baskets,
                                        const FrequentItemsetsOptions& options = {});

#if BODEGA_BODIES

BODEGA_INLINE std::size_t FrequentItemsets::find(
    std::span<const std::uint32_t> set) const noexcept {
  std::size_t first = 0, last = sets.rows();
  while (first < last) {
    const std::size_t middle = first + (last - first) / 2;
    const auto row = sets.row(middle);
    if (std::lexicographical_compare(row.begin(), row.end(), set.begin(), set.end()))
      first = middle + 1;
    else
      last = middle;
  }
  if (first == sets.rows()) return first;
  const auto row = sets.row(first);
  return std::equal(row.begin(), row.end(), set.begin(), set.end()) ? first : sets.rows();
}

namespace detail {

BODEGA_INLINE FpTree::FpTree(Paths paths, std::vector<std::uint32_t> items,
                             std::vector<std::uint32_t> count)
    : items_(std::move(items)), count_(std::move(count)), last_(items_.size(), 0) {
  std::sort(paths.paths.begin(), paths.paths.end(), [&](const auto& a, const auto& b) {
    const auto left = paths[a], right = paths[b];
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
  });
  nodes_.push_back({});
  std::vector<std::uint32_t> branch;  // the nodes of the path before
  for (const auto& path : paths.paths) {
    const auto labels = paths[path];
    std::size_t shared = 0;
    while (shared < std::min(labels.size(), branch.size()) &&
           nodes_[branch[shared]].label == labels[shared])
      ++shared;
    branch.resize(shared);
    for (const std::uint32_t label : labels.subspan(shared)) {
      const auto node = static_cast<std::uint32_t>(nodes_.size());
      nodes_.push_back({label, branch.empty() ? 0 : branch.back(), 0, last_[label]});
      last_[label] = node;
      branch.push_back(node);
    }
    for (const std::uint32_t node : branch) nodes_[node].count += path.count;
  }
}

BODEGA_INLINE std::vector<std::uint32_t> FpTree::counts_before(std::uint32_t label) const {
  std::vector<std::uint32_t> counts(label, 0);
  for (std::uint32_t node = last_[label]; node != 0; node = nodes_[node].next)
    for (std::uint32_t up = nodes_[node].parent; up != 0; up = nodes_[up].parent)
      counts[nodes_[up].label] += nodes_[node].count;
  return counts;
}

BODEGA_INLINE FpTree FpTree::before(std::uint32_t label, std::span<const std::uint32_t> counts,
                                    std::uint32_t least) const {
  std::vector<std::uint32_t> items, kept, relabelled(label, label);
  for (std::uint32_t other = 0; other < label; ++other)
    if (counts[other] >= least) {
      relabelled[other] = static_cast<std::uint32_t>(items.size());
      items.push_back(items_[other]);
      kept.push_back(counts[other]);
    }
  Paths paths;
  for (std::uint32_t node = last_[label]; node != 0; node = nodes_[node].next) {
    const std::size_t begin = paths.labels.size();
    for (std::uint32_t up = nodes_[node].parent; up != 0; up = nodes_[up].parent)
      if (relabelled[nodes_[up].label] != label)
        paths.labels.push_back(relabelled[nodes_[up].label]);
    std::reverse(paths.labels.begin() + static_cast<std::ptrdiff_t>(begin), paths.labels.end());
    paths.end_path(begin, nodes_[node].count);
  }
  return FpTree(std::move(paths), std::move(items), std::move(kept));
}

BODEGA_INLINE void FpGrowth::search(const FpTree& tree) {
  ProgressPulse pulse(options_.progress, "frequent itemsets", tree.size());
  for (std::uint32_t label = 0; label < tree.size(); ++label) {
    pulse(label);
    grow(tree, label, pulse);
  }
  pulse(tree.size());
}

BODEGA_INLINE void FpGrowth::write_to(FrequentItemsets& result) {
  std::sort(found_.begin(), found_.end(), [&](const Found& a, const Found& b) {
    const auto left = items_of(a), right = items_of(b);
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
  });
  for (const Found& found : found_) {
    result.sets.add_row(items_of(found));
    result.count.push_back(found.count);
  }
  result.min_count = min_count_;
  result.longest = longest_;
}

BODEGA_INLINE void FpGrowth::grow(const FpTree& tree, std::uint32_t label, ProgressPulse& pulse) {
  if (tree.count(label) < min_count_ || prefix_.size() >= longest_) return;
  prefix_.push_back(tree.item(label));
  keep(tree.count(label));
  if (prefix_.size() < longest_ && label > 0) {
    const auto counts = tree.counts_before(label);
    if (prefix_.size() + 1 == longest_) {  // the last items need no tree
      for (std::uint32_t other = 0; other < label; ++other) {
        prefix_.push_back(tree.item(other));
        keep(counts[other]);
        prefix_.pop_back();
      }
    } else {
      const FpTree smaller = tree.before(label, counts, min_count_);
      for (std::uint32_t other = 0; other < smaller.size(); ++other, pulse())
        grow(smaller, other, pulse);
    }
  }
  prefix_.pop_back();
}

BODEGA_INLINE void FpGrowth::keep(std::uint32_t count) {
  if (count < min_count_ || prefix_.size() > longest_) return;
  found_.push_back({items_.size(), static_cast<std::uint32_t>(prefix_.size()), count});
  items_.insert(items_.end(), prefix_.begin(), prefix_.end());
  std::sort(items_.end() - static_cast<std::ptrdiff_t>(prefix_.size()), items_.end());
  while (found_.size() > options_.max_itemsets) narrow();
}

BODEGA_INLINE void FpGrowth::narrow() {
  std::vector<std::uint32_t> counts;
  counts.reserve(found_.size());
  for (const Found& found : found_) counts.push_back(found.count);
  const std::size_t half = options_.max_itemsets / 2;
  std::nth_element(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(half), counts.end(),
                   std::greater<>());
  const std::uint32_t raised = counts[half] + 1;
  const auto left = static_cast<std::size_t>(std::count_if(
      found_.begin(), found_.end(), [&](const Found& found) { return found.count >= raised; }));
  if (left < options_.max_itemsets / 20 && longest_ > 1)
    --longest_;
  else
    min_count_ = raised;
  std::vector<std::uint32_t> items;
  std::vector<Found> kept;
  for (const Found& found : found_)
    if (found.count >= min_count_ && found.length <= longest_) {
      const auto of_set = items_of(found);
      kept.push_back({items.size(), found.length, found.count});
      items.insert(items.end(), of_set.begin(), of_set.end());
    }
  items_ = std::move(items);
  found_ = std::move(kept);
}

}  // namespace detail

BODEGA_INLINE FrequentItemsets find_frequent_itemsets(const Baskets& baskets,
                                                      const FrequentItemsetsOptions& options) {
  const std::string where = "find_frequent_itemsets, option ";
  if (!(options.support >= 0 && options.support <= 1))
    throw Error(ErrorCode::out_of_range, where + "support", "0 to 1",
                std::to_string(options.support));
  for (const auto& [name, value] : {std::pair{"longest", options.longest},
                                    {"max_basket", options.max_basket},
                                    {"max_itemsets", options.max_itemsets}})
    if (value == 0) throw Error(ErrorCode::invalid_argument, where + name, "1 or more", "0");

  FrequentItemsets result;
  result.sets = SparsePattern(baskets.items());
  result.baskets = baskets.size();
  const auto seen = [&](std::size_t b) {
    return baskets[b].first(std::min(baskets[b].size(), options.max_basket));
  };
  std::vector<std::uint32_t> count(baskets.items(), 0);
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    result.cut_baskets += baskets[b].size() > options.max_basket;
    for (const ItemIndex item : seen(b)) ++count[item.value()];
  }
  const auto min_count = static_cast<std::uint32_t>(
      std::max<std::uint64_t>(1, least_part(options.support, baskets.size())));

  std::vector<std::uint32_t> items;
  for (std::uint32_t i = 0; i < count.size(); ++i)
    if (count[i] >= min_count) items.push_back(i);
  std::stable_sort(items.begin(), items.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return count[a] > count[b]; });
  const auto infrequent = static_cast<std::uint32_t>(items.size());
  std::vector<std::uint32_t> label(baskets.items(), infrequent), count_of_label(items.size());
  for (std::uint32_t l = 0; l < items.size(); ++l) {
    label[items[l]] = l;
    count_of_label[l] = count[items[l]];
  }
  detail::FpTree::Paths paths;
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    const std::size_t begin = paths.labels.size();
    for (const ItemIndex item : seen(b))
      if (label[item.value()] != infrequent) paths.labels.push_back(label[item.value()]);
    std::sort(paths.labels.begin() + static_cast<std::ptrdiff_t>(begin), paths.labels.end());
    paths.end_path(begin, 1);
  }
  detail::FpGrowth growth(min_count, options);
  growth.search(detail::FpTree(std::move(paths), std::move(items), std::move(count_of_label)));
  growth.write_to(result);
  return result;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
