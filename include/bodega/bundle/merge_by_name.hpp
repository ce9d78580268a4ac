// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// The order of a list of what has names, by these. Compiled once for all of them.
std::vector<std::size_t> order_by_name(std::span<const std::string* const> names);

/// Two lists as one, ordered by name. What throws, throws at once and changes nothing.
template <class Named>
class MergeByName {
 public:
  MergeByName(std::vector<Named>& list, std::vector<Named>& more) : list_(&list), more_(&more) {
    std::vector<const std::string*> names;
    for (const std::vector<Named>* part : {list_, more_})
      for (const Named& one : *part) names.push_back(&one.name);
    order_ = order_by_name(names);
    merged_.reserve(order_.size());
  }
  /// The first list becomes both.
  void commit() noexcept {
    const std::size_t first = list_->size();
    for (const std::size_t i : order_)
      merged_.push_back(std::move(i < first ? (*list_)[i] : (*more_)[i - first]));
    *list_ = std::move(merged_);
  }

 private:
  std::vector<Named>*list_, *more_;
  std::vector<std::size_t> order_;
  std::vector<Named> merged_;
};
template <class Named>
void sort_by_name(std::vector<Named>& list) {
  std::vector<Named> none;
  MergeByName<Named>(list, none).commit();
}

#if BODEGA_BODIES

[[gnu::noinline]] BODEGA_INLINE std::vector<std::size_t> order_by_name(
    std::span<const std::string* const> names) {
  std::vector<std::size_t> order(names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return *names[a] < *names[b]; });
  return order;
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
