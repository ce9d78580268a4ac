// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <istream>
#include <memory>
#include <new>
#include <streambuf>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

/// Reading what gzip has packed. Programs that include this link `bodega::gzip`, which brings zlib.
namespace bodega::inline BODEGA_ABI {

/// What a packed file may become: a small one that was made to harm would become a thousand times
/// as much. Lines of receipts become five to twenty times as much.
struct GzipLimits {
  std::size_t bytes = std::size_t{64} << 20;  ///< at most so many,
  std::size_t times = 64;                     ///< and so many times what was read of the file
};

/// The text within a gzip stream, also of several members one after the other, as a stream:
///
///   GzipInput in("receipts.csv.gz");
///   const Receipts receipts = read_receipts(in, in.name());
///
/// What is wrong in it is thrown by whoever reads, as an Error with the stream's name: format (no
/// gzip stream, one that was cut short, a wrong checksum), out_of_range (beyond the limits), io.
/// Memory: two blocks of 64 KiB and zlib's 40 KiB, whatever the file.
class GzipInput : public std::istream {
 public:
  /// Error (io) where the file cannot be opened.
  explicit GzipInput(const std::filesystem::path& path, const GzipLimits& limits = {});
  /// Borrows the stream of packed bytes; `name` is what errors call it.
  GzipInput(std::istream& packed, std::string name, const GzipLimits& limits = {});
  ~GzipInput() override;

  const std::string& name() const noexcept;

 private:
  class Unpacked;
  std::unique_ptr<std::ifstream> file_;
  std::unique_ptr<Unpacked> buffer_;
};

class GzipInput::Unpacked : public std::streambuf {
 public:
  Unpacked(std::istream& packed, std::string name, const GzipLimits& limits)
      : packed_(packed), name_(std::move(name)), limits_(limits) {
    constexpr int gzip_alone = 15 + 16;
    if (inflateInit2(&state_, gzip_alone) != Z_OK) throw std::bad_alloc();
  }
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;
  ~Unpacked() override { inflateEnd(&state_); }

  const std::string& name() const noexcept { return name_; }

 protected:
  int_type underflow() override;

 private:
  bool refill();
  [[noreturn]] void refuse(ErrorCode code, std::string expected, std::string found) const {
    throw Error(code, name_, std::move(expected), std::move(found));
  }

  static constexpr std::size_t block = std::size_t{1} << 16;
  std::istream& packed_;
  std::string name_;
  GzipLimits limits_;
  z_stream state_ = {};
  std::vector<char> in_ = std::vector<char>(block), out_ = std::vector<char>(block);
  std::size_t read_ = 0, unpacked_ = 0;
  bool within_ = true;  // a member
};

// Inline also beside bodega::compiled, which has no zlib.
inline GzipInput::GzipInput(const std::filesystem::path& path, const GzipLimits& limits)
    : std::istream(nullptr),
      file_(std::make_unique<std::ifstream>(path, std::ios::binary)),
      buffer_(std::make_unique<Unpacked>(*file_, path.string(), limits)) {
  if (!*file_)
    throw Error(ErrorCode::io, path.string(), "a file to read", "none that can be opened");
  rdbuf(buffer_.get());
  exceptions(std::ios::badbit);  // an Error of the buffer goes through
}

inline GzipInput::GzipInput(std::istream& packed, std::string name, const GzipLimits& limits)
    : std::istream(nullptr), buffer_(std::make_unique<Unpacked>(packed, std::move(name), limits)) {
  rdbuf(buffer_.get());
  exceptions(std::ios::badbit);
}

inline GzipInput::~GzipInput() = default;
inline const std::string& GzipInput::name() const noexcept { return buffer_->name(); }

/// More packed bytes; false at the end.
inline bool GzipInput::Unpacked::refill() {
  if (state_.avail_in > 0) return true;
  packed_.read(in_.data(), static_cast<std::streamsize>(in_.size()));
  if (packed_.bad()) refuse(ErrorCode::io, "a stream to read", "a read error");
  const auto count = static_cast<std::size_t>(packed_.gcount());
  read_ += count;
  state_.next_in = reinterpret_cast<Bytef*>(in_.data());
  state_.avail_in = static_cast<uInt>(count);
  return count > 0;
}

inline GzipInput::Unpacked::int_type GzipInput::Unpacked::underflow() {
  for (;;) {
    if (!refill()) {
      if (within_)
        refuse(ErrorCode::format, "a whole gzip stream",
               read_ == 0 ? "no bytes" : "one that was cut short");
      return traits_type::eof();
    }
    if (!within_) {
      // Behind a member comes another one, or the zeros that fill a block of a tape.
      if (*state_.next_in == 0) {
        ++state_.next_in;
        --state_.avail_in;
        continue;
      }
      inflateReset(&state_);
      within_ = true;
    }
    state_.next_out = reinterpret_cast<Bytef*>(out_.data());
    state_.avail_out = static_cast<uInt>(out_.size());
    const int result = inflate(&state_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result != Z_OK && result != Z_STREAM_END)
      refuse(ErrorCode::format, "a gzip stream",
             state_.msg != nullptr ? state_.msg : "what zlib cannot unpack");
    within_ = result != Z_STREAM_END;
    const std::size_t count = out_.size() - state_.avail_out;
    unpacked_ += count;
    // By quotients, which do not overflow.
    if (unpacked_ > limits_.bytes &&
        (limits_.times == 0 || (unpacked_ - limits_.bytes) / limits_.times >= read_))
      refuse(ErrorCode::out_of_range,
             "at most " + std::to_string(limits_.bytes) + " bytes and " +
                 std::to_string(limits_.times) + " times the " + std::to_string(read_) +
                 " packed ones",
             std::to_string(unpacked_) + " and more");
    if (count == 0) continue;
    setg(out_.data(), out_.data(), out_.data() + count);
    return traits_type::to_int_type(out_[0]);
  }
}

}  // namespace bodega::inline BODEGA_ABI
