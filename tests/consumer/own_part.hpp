// SPDX-License-Identifier: MIT
// What somebody outside the project adds to a till's list of parts: a scorer of his own.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/till/basic_till.hpp>
#include <bodega/till/part.hpp>

/// What the shop wants to sell this week.
class Campaign {
 public:
  static constexpr std::string_view kind = "campaign";

  Campaign() = default;
  explicit Campaign(std::vector<float> wanted) : wanted_(std::move(wanted)) {}

  std::size_t items() const noexcept { return wanted_.size(); }
  void add_scores(const bodega::Query&, float weight, std::span<float> scores) const noexcept {
    for (std::size_t i = 0; i < items(); ++i) scores[i] += weight * wanted_[i];
  }
  void explain(const bodega::Query&, float weight, bodega::ItemIndex item,
               bodega::Reasons& reasons) const noexcept {
    reasons.offer({bodega::Reason::Kind::popular, item, bodega::Reason::no_term,
                   weight * wanted_[item.value()]});
  }
  std::string describe(const bodega::Reason& reason, const bodega::Catalog& catalog) const {
    return "this week: " + std::string(catalog.id(reason.item));
  }
  void validate(const std::string& where) const { bodega::validate_finite(wanted_, where); }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("wanted", self.wanted_);
  }

 private:
  std::vector<float> wanted_;
};

/// Whether a till of these parts and the own one recommends by it and says so in its words.
template <class... Parts>
bool own_part_answers() {
  bodega::Catalog catalog;
  for (const char* code : {"bread", "butter", "jam"}) catalog.add({.id = code});
  bodega::Bundle bundle;
  bundle.add("catalog", catalog);
  bundle.add("campaign", Campaign({0, 0, 1}));
  const bodega::BasicTill<Parts..., bodega::Part<"campaign", Campaign>> till(bundle);
  bodega::Lane lane = till.lane();
  const bodega::TillSlate slate = lane.recommend({}, 2);
  return slate.size() == 1 && slate[0].code == "jam" && slate.answered_by == "campaign" &&
         slate[0].because[0].text() == "this week: jam";
}
