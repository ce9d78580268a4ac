// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/utf8.hpp>

namespace bodega::inline BODEGA_ABI {

/// What went wrong, for programs. People read `Error::what()`.
enum class ErrorCode {
  io,                ///< a file cannot be opened, read, written, synced or renamed
  format,            ///< bytes or text are not in the format they claim
  checksum,          ///< the format is right but the content was changed
  version,           ///< a file of a format version this library does not read
  missing,           ///< a column, tensor, model or file that is needed is absent
  duplicate,         ///< something that must be unique is there twice
  unknown_id,        ///< an external id that the catalogue does not hold
  out_of_range,      ///< an index or number outside its allowed range
  shape,             ///< sizes that do not fit together
  not_finite,        ///< NaN or infinity where a number is needed
  invalid_argument,  ///< an option or argument that makes no sense
  cancelled          ///< a progress callback asked to stop
};
constexpr auto enum_names(ErrorCode) noexcept {
  using enum ErrorCode;
  return std::to_array<EnumName<ErrorCode>>({{io, "io"},
                                             {format, "format"},
                                             {checksum, "checksum"},
                                             {version, "version"},
                                             {missing, "missing"},
                                             {duplicate, "duplicate"},
                                             {unknown_id, "unknown_id"},
                                             {out_of_range, "out_of_range"},
                                             {shape, "shape"},
                                             {not_finite, "not_finite"},
                                             {invalid_argument, "invalid_argument"},
                                             {cancelled, "cancelled"}});
}

/// The one exception type of the library: bad input, said in four parts so that a program can
/// react and a person can mend it. Thrown before anything is changed; never on the serving path.
/// Each part is `printable`, whatever it quotes: valid UTF-8 without control characters, of some
/// 400 bytes at most, so that a hostile file cannot write on the screen that shows the message.
class Error : public std::runtime_error {
 public:
  /// `where` names the place as the user knows it: "receipts.csv:12, column quantity",
  /// "store-17.bodega, tensor items.values", "fit_ease, option l2".
  Error(ErrorCode code, std::string where, std::string expected, std::string found);

  ErrorCode code() const noexcept { return code_; }
  const std::string& where() const noexcept { return where_; }
  const std::string& expected() const noexcept { return expected_; }
  const std::string& found() const noexcept { return found_; }

 private:
  /// Makes the parts printable before they are kept.
  static std::string message(ErrorCode code, std::string& where, std::string& expected,
                             std::string& found);
  static constexpr std::size_t max_part_bytes = 400;

  ErrorCode code_;
  std::string where_, expected_, found_;
};

#if BODEGA_BODIES

BODEGA_INLINE Error::Error(ErrorCode code, std::string where, std::string expected,
                           std::string found)
    : std::runtime_error(message(code, where, expected, found)),
      code_(code),
      where_(std::move(where)),
      expected_(std::move(expected)),
      found_(std::move(found)) {}

BODEGA_INLINE std::string Error::message(ErrorCode code, std::string& where, std::string& expected,
                                         std::string& found) {
  for (std::string* part : {&where, &expected, &found})
    if (part->size() > max_part_bytes || !is_printable(*part))
      *part = printable(*part, max_part_bytes);
  return where + ": expected " + expected + ", found " + found + " [" +
         std::string(bodega::name(code)) + "]";
}

#endif

}  // namespace bodega::inline BODEGA_ABI
