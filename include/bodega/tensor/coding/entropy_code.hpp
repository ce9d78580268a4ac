// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>

/// Whole numbers in as few bytes as their frequencies allow: binary arithmetic coding with
/// probabilities that are learned on the way, so no table is stored and few numbers cost little
/// more than many. Integers only: the same bytes on every machine. A coder is told every bit with
/// its context; `ArithmeticEncoder::bit` returns the bit, `ArithmeticDecoder::bit` the one it
/// finds, so that a code is written down once for both directions. Sources: Witten, Neal, Cleary,
/// "Arithmetic coding for data compression", CACM 1987; Howard, Vitter, "Practical implementations
/// of arithmetic coding", 1992; the estimator is that of Krichevsky and Trofimov, IEEE Trans.
/// Information Theory 1981; Elias, "Universal codeword sets", ibid. 1975. Cost: about 5 ns a bit,
/// 10 to 15 bits a number of one byte.
namespace bodega::inline BODEGA_ABI {

/// The chance that the next bit of one context is 1: (ones + 1/2) / (bits + 1), and from 255 bits
/// on a running mean.
class AdaptiveBit {
 public:
  /// In 1/65,536, never 0 or 1.
  std::uint32_t chance() const noexcept { return chance_ >> 8; }

  void learn(bool bit) noexcept {
    const std::int64_t wanted = bit ? most : least, before = chance_;
    chance_ = static_cast<std::uint32_t>(before + (wanted - before) * share[seen_] / (1 << 16));
    if (seen_ + 1u < share.size()) ++seen_;
  }

 private:
  static constexpr std::int64_t least = 16 << 8, most = (1 << 24) - least;
  /// What the n-th bit counts, in 1/65,536: 1 / (n + 2).
  static constexpr auto share = [] {
    std::array<std::int64_t, 255> shares{};
    for (std::size_t n = 0; n < shares.size(); ++n)
      shares[n] = (1 << 16) / static_cast<std::int64_t>(n + 2);
    return shares;
  }();

  std::uint32_t chance_ = 1 << 23;
  std::uint8_t seen_ = 0;
};

class ArithmeticEncoder {
 public:
  bool bit(AdaptiveBit& context, bool bit) {
    narrow(context.chance(), bit);
    context.learn(bit);
    return bit;
  }
  /// A bit of which nothing is known.
  bool even_bit(bool bit) {
    narrow(1 << 15, bit);
    return bit;
  }

  /// The code, at least so many bytes. Ends it.
  std::vector<std::uint8_t> finish(std::size_t least = 0) {
    // What is not stored is read as 0, so one byte names a number of the last interval.
    if (low_ > 0) bytes_.push_back(static_cast<std::uint8_t>((low_ >> 24) + 1));
    while (!bytes_.empty() && bytes_.back() == 0) bytes_.pop_back();
    if (bytes_.size() < least) bytes_.resize(least);
    return std::move(bytes_);
  }

 private:
  void narrow(std::uint32_t chance, bool bit) {
    const auto part = std::uint64_t{high_ - low_} * chance >> 16;
    const std::uint32_t middle = low_ + static_cast<std::uint32_t>(part);
    (bit ? high_ : low_) = bit ? middle : middle + 1;
    for (; (low_ ^ high_) >> 24 == 0; low_ <<= 8, high_ = high_ << 8 | 0xFF)
      bytes_.push_back(static_cast<std::uint8_t>(high_ >> 24));
  }

  std::uint32_t low_ = 0, high_ = 0xFFFF'FFFF;
  std::vector<std::uint8_t> bytes_;
};

/// Reads any bytes: those that are no code give arbitrary bits.
class ArithmeticDecoder {
 public:
  /// Borrows the bytes.
  explicit ArithmeticDecoder(std::span<const std::uint8_t> bytes) noexcept : bytes_(bytes) {
    for (int i = 0; i < 4; ++i) shift_in();
  }

  bool bit(AdaptiveBit& context, bool = false) noexcept {
    const bool bit = narrow(context.chance());
    context.learn(bit);
    return bit;
  }
  bool even_bit(bool = false) noexcept { return narrow(1 << 15); }

  /// Whether all that was not needed yet is 0, as after the last number of a code.
  bool ended() const noexcept {
    for (std::size_t i = used_ < 3 ? 0 : used_ - 3; i < bytes_.size(); ++i)
      if (bytes_[i] != 0) return false;
    return true;
  }

 private:
  bool narrow(std::uint32_t chance) noexcept {
    const auto part = std::uint64_t{high_ - low_} * chance >> 16;
    const std::uint32_t middle = low_ + static_cast<std::uint32_t>(part);
    const bool bit = code_ <= middle;
    (bit ? high_ : low_) = bit ? middle : middle + 1;
    for (; (low_ ^ high_) >> 24 == 0; low_ <<= 8, high_ = high_ << 8 | 0xFF) shift_in();
    return bit;
  }
  void shift_in() noexcept {
    code_ = code_ << 8 | (used_ < bytes_.size() ? bytes_[used_] : 0u);
    ++used_;
  }

  std::span<const std::uint8_t> bytes_;
  std::size_t used_ = 0;
  std::uint32_t low_ = 0, high_ = 0xFFFF'FFFF, code_ = 0;
};

/// Whole numbers from 0, small ones often (Elias' gamma code): how many bits, one by one; the bits
/// after the first, of which two are learned and the others taken as they come.
class AdaptiveNumber {
 public:
  template <class Coder>
  std::uint64_t code(Coder& coder, std::uint64_t number = 0) {
    const auto width = static_cast<std::size_t>(std::bit_width(number));
    std::size_t bits = 0;
    while (bits < 64 && coder.bit(longer_[bits], bits < width)) ++bits;
    std::uint64_t found = bits > 0;
    for (std::size_t left = bits; left > 1; --left) {
      const bool bit = number >> (left - 2) & 1;
      const bool next =
          bits - left < 2 ? coder.bit(leading_[bits - 1][found], bit) : coder.even_bit(bit);
      found = found << 1 | (next ? 1 : 0);
    }
    return found;
  }

 private:
  std::array<AdaptiveBit, 64> longer_;
  std::array<std::array<AdaptiveBit, 4>, 64> leading_;
};

/// |number|, also of the smallest.
constexpr std::uint64_t magnitude(std::int64_t number) noexcept {
  const auto bits = static_cast<std::uint64_t>(number);
  return number < 0 ? 0 - bits : bits;
}

/// Whole numbers around 0: magnitude, and a sign where that is not 0.
class AdaptiveSigned {
 public:
  template <class Coder>
  std::int64_t code(Coder& coder, std::int64_t number = 0) {
    const std::uint64_t size = size_.code(coder, magnitude(number));
    if (size == 0) return 0;
    return static_cast<std::int64_t>(coder.bit(negative_, number < 0) ? 0 - size : size);
  }

 private:
  AdaptiveNumber size_;
  AdaptiveBit negative_;
};

}  // namespace bodega::inline BODEGA_ABI
