// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/code_rules.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/item_codes.hpp>
#include <bodega/data/normalise_code.hpp>
#include <bodega/data/receipt_record.hpp>
#include <bodega/data/variable_weight.hpp>

/// How `read_receipts` reads a file.
namespace bodega::inline BODEGA_ABI {

/// What a return does: a line of a negative quantity, or of a receipt whose id starts with the
/// cancellation prefix (whatever the sign).
enum class Returns {
  /// It takes its quantity away from purchases of the item (`net_returns`): of the same customer on
  /// the same business day or earlier; without a customer of the same receipt, and then of others
  /// without a customer in the same store on the same day. A line is never taken below zero; what
  /// finds no purchase to take from is counted as unmatched. A line without a customer and at price
  /// 0 is a write-off, not a return, and takes nothing.
  net,
  drop  ///< It is left out and counted; the purchase stands.
};
constexpr auto enum_names(Returns) noexcept {
  using enum Returns;
  return std::to_array<EnumName<Returns>>({{net, "net"}, {drop, "drop"}});
}

/// What a line with price 0 is: given away, or a correction of the books. An empty price is not
/// known and always kept.
enum class FreeLines { keep, drop };
constexpr auto enum_names(FreeLines) noexcept {
  using enum FreeLines;
  return std::to_array<EnumName<FreeLines>>({{keep, "keep"}, {drop, "drop"}});
}

/// What happens to receipts on lonely days (`without_lonely_days`), which a wrong clock has dated.
enum class LonelyDays {
  drop,  ///< They are left out and counted.
  keep
};
constexpr auto enum_names(LonelyDays) noexcept {
  using enum LonelyDays;
  return std::to_array<EnumName<LonelyDays>>({{drop, "drop"}, {keep, "keep"}});
}

struct ReceiptOptions {
  ReceiptColumns columns = {};
  char separator = ',';
  Quoting quoting = Quoting::quotes;
  DecimalMark decimal_mark = DecimalMark::infer;
  DateOrder date_order = DateOrder::infer;
  /// When the business day begins, in seconds after midnight: a bar's night belongs to the evening.
  int day_starts_at = 0;
  /// Fields of the receipt (its number, time, customer, store, till) may be empty on its later
  /// lines, as in exports of orders; they are those of the line before.
  bool carry_down = false;
  Malformed malformed = Malformed::strict;
  /// A lenient read throws if fewer of the lines can be read: then the options are wrong, not the
  /// lines.
  double min_readable = 0.5;
  Returns returns = Returns::net;
  FreeLines free_lines = FreeLines::keep;
  LonelyDays lonely_days = LonelyDays::drop;
  std::string cancellation_prefix = {};
  NormaliseItem normalise = {};
  NormaliseCode normalise_receipt = {}, normalise_customer = {}, normalise_store = {};
  /// Schemes of codes with a weight or a price in them; the first that fits is taken.
  std::vector<VariableWeight> variable_weight = {};
  /// Customers who are nobody, but for case; an empty field is nobody as well.
  std::vector<std::string> no_customer = usual_nobodies();
  IsItem is_item = {};
  ParseTime parse_time = {};
  std::size_t max_offenders = 10;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    ReceiptColumns::options(self.columns, visit);
    visit("separator", self.separator, "Between the columns.");
    visit("quoting", self.quoting, "Whether fields may be in quotes.");
    visit("decimal_mark", self.decimal_mark,
          "Of quantities and prices; inferred from the whole column.");
    visit("date_order", self.date_order, "Of dates in digits; inferred from the whole column.");
    visit("day_starts_at", self.day_starts_at,
          "When the business day begins, in seconds after midnight.");
    visit("carry_down", self.carry_down,
          "Empty fields of the receipt are those of the line before.");
    visit("malformed", self.malformed, "What becomes of a bad line.");
    visit("min_readable", self.min_readable,
          "A lenient read throws if fewer of the lines can be read.");
    visit("returns", self.returns, "What becomes of a return.");
    visit("free_lines", self.free_lines, "What becomes of lines of price 0.");
    visit("lonely_days", self.lonely_days, "What becomes of the few days far from all others.");
    visit("cancellation_prefix", self.cancellation_prefix,
          "Receipts of such ids are returns; empty = told by sign alone.");
    visit("normalise", self.normalise,
          "Changes item codes: rules, such as upper_case_trimmed, or a function.");
    visit("normalise_receipt", self.normalise_receipt, "Changes the numbers of receipts.");
    visit("normalise_customer", self.normalise_customer, "Changes the codes of customers.");
    visit("normalise_store", self.normalise_store, "Changes the codes of stores.");
    visit("variable_weight", self.variable_weight,
          "Schemes of codes with a weight or a price in them; the first that fits.");
    visit("no_customer", self.no_customer,
          "Customers who are nobody, but for case; an empty field is nobody as well.");
    visit("is_item", self.is_item, "Which codes are articles; empty = all.");
    visit("parse_time", self.parse_time, "Reads a time; empty = as ISO 8601 writes it.");
    visit("max_offenders", self.max_offenders, "Malformed lines that the report shows.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

/// Returns the rules for codes that a bundle holds, so that a till reads what a scanner sends as
/// the receipts were read. Throws Error(invalid_argument) if codes are changed by a function, which
/// no file can hold.
CodeRules code_rules(const ReceiptOptions& options);

#if BODEGA_BODIES

BODEGA_INLINE CodeRules code_rules(const ReceiptOptions& options) {
  const auto rules = [](const NormaliseCode& normalise, const char* option) {
    if (normalise.is_function())
      throw Error(ErrorCode::invalid_argument, std::string("code_rules, option ") + option,
                  "rules, which a bundle can hold", "a function");
    return normalise.rules();
  };
  return CodeRules({.item = rules(options.normalise, "normalise"),
                    .receipt = rules(options.normalise_receipt, "normalise_receipt"),
                    .customer = rules(options.normalise_customer, "normalise_customer"),
                    .store = rules(options.normalise_store, "normalise_store"),
                    .variable_weight = options.variable_weight,
                    .no_customer = options.no_customer});
}

#endif

}  // namespace bodega::inline BODEGA_ABI
