// SPDX-License-Identifier: MIT
#include <bodega/core/ratio.hpp>

#include <cstdint>
#include <string>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("ratios of whole numbers: a share as it is written is reached by its part, not below") {
  for (std::uint64_t whole = 1; whole <= 1000; ++whole)
    for (std::uint64_t hundredths = 0; hundredths <= 100; ++hundredths) {
      const double share = std::stod("0." + std::to_string(100 + hundredths).substr(1)) +
                           (hundredths == 100 ? 1.0 : 0.0);
      const std::uint64_t least = (hundredths * whole + 99) / 100;  // in whole numbers
      if (least_part(share, whole) != least) FAIL(share << " of " << whole);
      const bool exact = least * 100 == hundredths * whole;
      if (reaches(least, whole, share) != true || exceeds(least, whole, share) == exact)
        FAIL(share << " of " << whole);
      if (least > 0 && reaches(least - 1, whole, share)) FAIL(share << " of " << whole);
      if (nearest_part(share, whole) != (2 * hundredths * whole + 100) / 200)
        FAIL(share << " of " << whole);
    }
}

TEST_CASE("ratios of whole numbers: a share that is itself a quotient is reached by its part") {
  for (std::uint64_t whole = 1; whole <= 400; ++whole)
    for (std::uint64_t part = 1; part <= whole; ++part) {
      const double share = static_cast<double>(part) / static_cast<double>(whole);
      if (!reaches(part, whole, share) || exceeds(part, whole, share) ||
          reaches(part - 1, whole, share) || least_part(share, whole) != part)
        FAIL(part << " / " << whole);
    }
  const CounterRandom random(5);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::uint64_t whole = 1 + random.below(0xFFFFFFFFu, 1, i),
                        part = random.below(static_cast<std::uint32_t>(whole), 2, i);
    const double share = static_cast<double>(part) / static_cast<double>(whole);
    CHECK(least_part(share, whole) == part);
  }
}

TEST_CASE("ratios of whole numbers: products beyond what doubles count") {
  const std::uint64_t large = 4294967295u;
  CHECK(exceeds(large * large, large * (large - 1), 1));
  CHECK(exceeds(large * large, large * large - 1, 1));
  CHECK_FALSE(exceeds(large * large, large * large, 1));
  CHECK(reaches(large * 7, large * 25, 0.28));
  CHECK_FALSE(exceeds(large * 7, large * 25, 0.28));
  CHECK(ratio_of(1, 0) == 0);
  CHECK(least_part(1, large) == large);
  CHECK(least_part(0, large) == 0);
}

TEST_CASE("ratios of whole numbers: what was rounded to a float is found again") {
  for (std::uint64_t whole = 1; whole <= 1500; ++whole)
    for (std::uint64_t part = 0; part <= whole; ++part) {
      const double ratio = static_cast<double>(part) / static_cast<double>(whole);
      if (ratio_from(static_cast<float>(ratio)) != ratio) FAIL(part << " / " << whole);
    }
  const CounterRandom random(7);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const float any = random.uniform(1, i);
    CHECK(static_cast<float>(ratio_from(any)) == any);
  }
  CHECK(as_written(0.7f) == 0.7);
  CHECK(as_written(0.28f) == 0.28);
  CHECK(as_written(0.5f) == 0.5);
  CHECK(as_written(1e-7f) == 1e-7);
}
