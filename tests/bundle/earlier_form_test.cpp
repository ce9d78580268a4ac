// SPDX-License-Identifier: MIT
#include <bodega/bundle/earlier_form.hpp>

#include <string>
#include <string_view>
#include <vector>

#include <bodega/bundle/bundle.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {

/// Of the first version of a library, and of the second, which counts in steps as well.
struct First {
  static constexpr std::string_view kind = "toy";
  std::vector<float> sums;
  void validate(const std::string&) const {}
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("sums", self.sums);
  }
};

struct Second {
  static constexpr std::string_view kind = "toy";
  std::vector<float> sums;
  float step = 1;
  void validate(const std::string&) const {}
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("step", self.step);
    visit("sums", self.sums);
  }
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "step";
  }
  bool uses_added() const noexcept { return step != 1; }
};

}  // namespace

TEST_CASE("a model without its later parameters is a file of before, either way") {
  static_assert(Extended<Second> && !Extended<First>);
  Bundle before, after;
  before.add("toy", First{{1, 2}});
  after.add("toy", Second{{1, 2}});
  CHECK(before.serialize() == after.serialize());
  REQUIRE(before.holds<Second>("toy"));
  CHECK(before.get<Second>("toy").step == 1);
  CHECK(before.get<Second>("toy").sums == std::vector<float>{1, 2});
  CHECK(after.get<First>("toy").sums == std::vector<float>{1, 2});
}

TEST_CASE("a model that uses its later parameters is read by who knows them") {
  Bundle bundle;
  bundle.add("toy", Second{{1, 2}, 0.5f});
  CHECK_FALSE(bundle.holds<First>("toy"));
  CHECK_ERROR(bundle.get<First>("toy"), ErrorCode::format, "toy");
  REQUIRE(bundle.holds<Second>("toy"));
  CHECK(bundle.get<Second>("toy").step == 0.5f);
}
