// SPDX-License-Identifier: MIT
#include <bodega/data/absences.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/data/read_receipts.hpp>
#include <bodega/data/split.hpp>

#include "codes.hpp"
#include "source.hpp"

namespace bodega::python {
namespace {

ItemIndex checked(const Catalog& catalog, ItemIndex item) {
  if (item.value() >= catalog.size())
    throw Error(ErrorCode::out_of_range, "Catalog",
                "an item below " + std::to_string(catalog.size()),
                item.is_none() ? "None" : std::to_string(item.value()));
  return item;
}

std::size_t checked(std::size_t index, std::size_t size, const char* where) {
  if (index >= size) throw py::index_error(std::string(where) + ": " + std::to_string(index));
  return index;
}

}  // namespace

namespace {

Item to_item(const std::string& id, const std::string& description, const py::object& price,
             const py::object& attributes) {
  Item item{.id = id, .description = description, .price = to_money(price)};
  if (attributes.is_none()) return item;
  const py::object pairs =
      py::hasattr(attributes, "items") ? attributes.attr("items")() : attributes;
  const std::string where = "Catalog.add, item " + id + ", attributes";
  for (const py::handle pair : pairs) {
    if (!py::isinstance<py::sequence>(pair) || py::isinstance<py::str>(pair) || py::len(pair) != 2)
      refuse_type(where, "a dict, or (name, value) pairs", pair);
    const py::object name = pair[py::int_(0)], value = pair[py::int_(1)];
    for (const py::object& text : {name, value})
      if (!py::isinstance<py::str>(text))
        throw py::type_error(where + ": expected texts, found " +
                             py::repr(text).cast<std::string>() + " for " +
                             py::repr(name).cast<std::string>());
    item.attributes.emplace_back(name.cast<std::string>(), value.cast<std::string>());
  }
  return item;
}

void bind_catalog(py::module_& m) {
  model_class<Only<Catalog>, Model>(
      m, "Catalog", "The articles of a shop: external id <-> index, in the order they were added.")
      .def(py::init([] { return std::make_shared<Only<Catalog>>(Catalog()); }))
      .def(
          "add",
          [](Only<Catalog>& self, const std::string& id, const std::string& description,
             const py::object& price, const py::object& attributes) {
            return self.get().add(to_item(id, description, price, attributes));
          },
          "id"_a, "description"_a = "", "price"_a = 0, "attributes"_a = py::none(),
          "Appends an item and returns its index. price: per unit, 0 = not known. attributes: a "
          "dict, "
          "or (name, value) pairs where names repeat.")
      .def("__len__", [](const Only<Catalog>& self) { return self.get().size(); })
      .def(
          "__contains__",
          [](const Only<Catalog>& self, const std::string& id) {
            return !self.get().find(id).is_none();
          },
          "id"_a)
      .def(
          "find",
          [](const Only<Catalog>& self, const std::string& id) { return self.get().find(id); },
          "id"_a, "The item's index; None where the catalogue does not hold the id.")
      .def(
          "at", [](const Only<Catalog>& self, const std::string& id) { return self.get().at(id); },
          "id"_a, "The item's index. Error (unknown_id) where the catalogue does not hold the id.")
      .def(
          "id",
          [](const Only<Catalog>& self, ItemIndex item) {
            return to_text(self.get().id(checked(self.get(), item)));
          },
          "item"_a, "The shop's own code of an item.")
      .def(
          "description",
          [](const Only<Catalog>& self, ItemIndex item) {
            return to_text(self.get().description(checked(self.get(), item)));
          },
          "item"_a, "May be empty.")
      .def(
          "price",
          [](const Only<Catalog>& self, ItemIndex item) {
            return self.get().price(checked(self.get(), item)).value();
          },
          "item"_a, "Per unit; 0 = not known.")
      .def(
          "attributes",
          [](const Only<Catalog>& self, ItemIndex item) {
            const Catalog& catalog = self.get();
            py::list attributes;
            for (std::size_t n = 0; n < catalog.attribute_count(checked(catalog, item)); ++n) {
              const auto [name, value] = catalog.attribute(item, n);
              attributes.append(py::make_tuple(to_text(name), to_text(value)));
            }
            return attributes;
          },
          "item"_a, "(name, value) pairs.")
      .def_property_readonly(
          "ids",
          [](const Only<Catalog>& self) {
            py::list ids;
            for (std::uint32_t i = 0; i < self.get().size(); ++i)
              ids.append(to_text(self.get().id(ItemIndex(i))));
            return ids;
          },
          "All ids, by index.")
      .def_property_readonly(
          "unprintable",
          [](const Only<Catalog>& self) {
            py::list items;
            for (const ItemIndex item : self.get().unprintable()) items.append(item.value());
            return items;
          },
          "The items of which some text is no valid UTF-8 or holds control characters.");

  def_fit(
      m, "read_catalog",
      [](const py::object& source, const CatalogOptions& options) {
        return std::make_shared<Only<Catalog>>(
            Source(source, "read_catalog, source").visit([&](auto&&... from) {
              return read_catalog(from..., options);
            }));
      },
      "Reads a catalogue from CSV: a path, or an open file; gzip is unpacked. Columns are named; "
      "without "
      "`attributes` "
      "every other column is one. normalise: rules, such as 'upper_case_trimmed', or a callable on "
      "the id.",
      {}, "source"_a);
}

void bind_baskets(py::module_& m) {
  py::class_<Baskets, std::shared_ptr<Baskets>>(
      m, "Baskets",
      "Receipts reduced to what models eat: distinct items bought together, when, by whom.")
      .def(py::init([](Count<"Baskets, items"> items) { return Baskets(items); }), "items"_a,
           "None yet, over a catalogue of so many items.")
      .def(
          "add",
          [](Baskets& self, Moment when, const py::object& items, CustomerIndex customer,
             StoreId store, TillId till) {
            self.add(when, customer, to_items(items, "Baskets.add"), store, till);
          },
          "when"_a, "items"_a, "customer"_a = py::none(), "store"_a = py::none(),
          "till"_a = py::none(),
          "Appends a basket; an item named twice counts once. when: a datetime, or a date; store, "
          "till: indices of where it was sold.")
      .def("__len__", &Baskets::size)
      .def(
          "__getitem__",
          [](const Baskets& self, Count<"Baskets, i"> i) {
            const auto items = self[checked(i, self.size(), "Baskets")];
            py::array_t<std::uint32_t> array(static_cast<py::ssize_t>(items.size()));
            for (std::size_t k = 0; k < items.size(); ++k)
              array.mutable_data()[k] = items[k].value();
            return array;
          },
          "i"_a)
      .def_property_readonly("items", &Baskets::items, "Size of the catalogue.")
      .def_property_readonly("customers", &Baskets::customers,
                             "One more than the highest customer index.")
      .def(
          "when",
          [](const Baskets& self, Count<"Baskets, i"> i) {
            return self.when(checked(i, self.size(), "Baskets.when"));
          },
          "i"_a, "When it was bought.")
      .def(
          "customer",
          [](const Baskets& self, Count<"Baskets, i"> i) {
            return self.customer(checked(i, self.size(), "Baskets.customer"));
          },
          "i"_a, "None where not known.")
      .def(
          "store",
          [](const Baskets& self, Count<"Baskets, i"> i) {
            return self.store(checked(i, self.size(), "Baskets.store"));
          },
          "i"_a, "Index of the store; None where not known.")
      .def(
          "till",
          [](const Baskets& self, Count<"Baskets, i"> i) {
            return self.till(checked(i, self.size(), "Baskets.till"));
          },
          "i"_a, "Index of the till; None where not known.")
      .def(
          "user_items", [](const Baskets& self) { return from_csr(user_items(self)); },
          "Customers x items, in how many baskets, as scipy.sparse.csr_matrix.")
      .def(
          "basket_items", [](const Baskets& self) { return from_csr(basket_items(self)); },
          "Baskets x items, 1 where the basket holds the item, as scipy.sparse.csr_matrix.");
}

std::shared_ptr<Only<DailySales>> to_daily_sales(const py::object& units, Day first_day,
                                                 const py::object& traded,
                                                 const py::object& known) {
  const Matrix<float> table = to_matrix(units, "DailySales, units");
  std::vector<bool> open(table.columns(), true);
  if (!traded.is_none()) {
    const Numbers<std::uint8_t> days = to_flags(traded, "DailySales, traded");
    if (days.shape != std::vector{table.columns()})
      throw Error(ErrorCode::shape, "DailySales, traded",
                  "one entry for each of " + std::to_string(table.columns()) + " days",
                  std::to_string(days.values.size()));
    open.assign(days.values.begin(), days.values.end());
  }
  std::vector<bool> certain(table.size(), true);
  if (!known.is_none()) {
    const Numbers<std::uint8_t> cells = to_flags(known, "DailySales, known");
    if (cells.shape != std::vector{table.rows(), table.columns()})
      throw Error(ErrorCode::shape, "DailySales, known", "the shape of units",
                  py::str(py::tuple(py::cast(cells.shape))));
    certain.assign(cells.values.begin(), cells.values.end());
  }
  for (std::size_t i = 0; i < table.rows(); ++i)
    for (std::size_t c = 0; c < table.columns(); ++c)
      if (!certain[i * table.columns() + c])
        continue;
      else if (!(table(i, c) >= 0) || (table(i, c) > 0 && !open[c]))
        throw Error(ErrorCode::out_of_range,
                    "DailySales, item " + std::to_string(i) + ", column " + std::to_string(c),
                    open[c] ? "0 units or more" : "0 units on a day without trade",
                    std::to_string(table(i, c)));
  DailySales sales(table.rows(), first_day, table.columns());
  for (std::size_t c = 0; c < table.columns(); ++c) {
    if (!open[c]) continue;
    sales.open(sales.day(c));
    for (std::uint32_t i = 0; i < table.rows(); ++i)
      if (!certain[i * table.columns() + c])
        sales.mark_unknown(ItemIndex(i), sales.day(c));
      else if (table(i, c) > 0)
        sales.add(ItemIndex(i), sales.day(c), table(i, c));
  }
  return std::make_shared<Only<DailySales>>(std::move(sales));
}

void bind_daily_sales(py::module_& m) {
  using Held = Only<DailySales>;
  const auto wrap = [](DailySales&& sales) { return std::make_shared<Held>(std::move(sales)); };
  model_class<Held, Model>(
      m, "DailySales",
      "Units sold, items x days, and which days traded: zeros of a closed day are no demand.")
      .def(py::init(&to_daily_sales), "units"_a, "first_day"_a, "traded"_a = py::none(),
           "known"_a = py::none(),
           "From an array (items x consecutive days); for each day, whether the shop was open (all "
           "where None); for each cell, whether its sales are known (an item that was sold out: "
           "False, and what stands in units is not read).")
      .def_property_readonly(
          "items", [](const Held& self) { return self.get().items(); },
          "Rows of `units`: the size of the catalogue.")
      .def_property_readonly(
          "units",
          [](const py::object& self) {
            const DailySales& sales = self.cast<const Held&>().get();
            const auto items = static_cast<py::ssize_t>(sales.items());
            const auto days = static_cast<py::ssize_t>(sales.days());
            return view(items > 0 ? sales.row(ItemIndex(0)).data() : nullptr, {items, days}, self);
          },
          "float32, items x days; read-only, not a copy.")
      .def_property_readonly(
          "days",
          [](const Held& self) {
            std::vector<std::int64_t> days;
            for (std::size_t c = 0; c < self.get().days(); ++c)
              days.push_back(self.get().day(c).days_since_1970());
            return days_array(std::move(days));
          },
          "The day of each column, as datetime64[D].")
      .def_property_readonly(
          "traded",
          [](const Held& self) {
            py::array_t<bool> traded(static_cast<py::ssize_t>(self.get().days()));
            for (std::size_t c = 0; c < self.get().days(); ++c)
              traded.mutable_data()[c] = self.get().traded(c);
            return traded;
          },
          "Whether each column's day traded.")
      .def_property_readonly(
          "known",
          [](const Held& self) {
            const DailySales& sales = self.get();
            py::array_t<bool> known(
                {static_cast<py::ssize_t>(sales.items()), static_cast<py::ssize_t>(sales.days())});
            for (std::uint32_t i = 0; i < sales.items(); ++i)
              for (std::size_t c = 0; c < sales.days(); ++c)
                known.mutable_data()[i * sales.days() + c] = sales.known(ItemIndex(i), c);
            return known;
          },
          "items x days, False where the shop was closed, and where the item was sold out or not "
          "in "
          "the shop.")
      .def(
          "list", [](Held& self, ItemIndex item, Day day) { self.get().list(item, day); }, "item"_a,
          "day"_a, "The item is in the shop from that day on, whether or not it sold.")
      .def(
          "mark_away",
          [](Held& self, ItemIndex item, const py::iterable& days) {
            DailySales changed = self.get();  // all or nothing
            for (const py::handle day : days) changed.mark_away(item, day.cast<Day>());
            self.get() = std::move(changed);
          },
          "item"_a, "days"_a,
          "The item was not in the shop on these days, though it was before: they are unknown.")
      .def(
          "trading_days", [wrap](const Held& self) { return wrap(self.get().trading_days()); },
          "Only the days with trade, side by side; each column keeps its day.")
      .def(
          "slice",
          [wrap](const Held& self, Count<"slice, begin"> begin, Count<"slice, end"> end) {
            return wrap(self.get().slice(begin, end));
          },
          "begin"_a, "end"_a, "Columns [begin, end), clamped to those that are there.")
      .def(
          "tail",
          [wrap](const Held& self, Count<"tail, count"> count) {
            return wrap(self.get().tail(count));
          },
          "count"_a, "The last columns: what a till needs to forecast.");
}

/// What a table says of absences, for people and programs.
py::dict absences_of(const AbsenceReport& report) {
  const auto indices = [](const std::vector<ItemIndex>& items) {
    std::vector<std::uint32_t> found;
    for (const ItemIndex item : items) found.push_back(item.value());
    return found;
  };
  return py::dict("never_sold"_a = report.never_sold, "came_later"_a = report.came_later,
                  "left"_a = report.left, "came_back"_a = report.came_back,
                  "days_absent"_a = report.days_absent, "first_left"_a = indices(report.first_left),
                  "first_back"_a = indices(report.first_back));
}

void bind_absences(py::module_& m) {
  m.def(
      "absences",
      [](const Only<DailySales>& sales) {
        return absences_of(unlocked([&] { return absences(sales.get()); }));
      },
      "sales"_a,
      "Which items were not in the shop all the time, counted, as a dict: never_sold, came_later, "
      "left, came_back, days_absent; first_left and first_back name ten of each.");
  m.def(
      "mark_absences",
      [](Only<DailySales>& sales, std::size_t least_days, double chance) {
        return absences_of(unlocked([&] {
          return mark_absences(sales.get(), {least_days, chance});
        }));
      },
      "sales"_a, "least_days"_a = AbsenceOptions{}.least_days, "chance"_a = AbsenceOptions{}.chance,
      "Marks the days on which items were away: stretches of least_days or more known days without "
      "a sale that are less likely than `chance` for the item. Returns what `absences` says then.");
}

py::dict lines_of(const Receipts& receipts) {
  std::vector<std::uint32_t> receipt, item;
  std::vector<std::int64_t> time, store, till, customer;
  std::vector<double> quantity, price;
  const auto number = [](auto id) { return id.is_none() ? -1 : std::int64_t{id.value()}; };
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    const Receipt one = receipts[i];
    for (const ReceiptLine& line : one.lines) {
      receipt.push_back(static_cast<std::uint32_t>(i));
      time.push_back(one.when.seconds_since_1970());
      store.push_back(number(one.store));
      till.push_back(number(one.till));
      customer.push_back(number(one.customer));
      item.push_back(line.item.value());
      quantity.push_back(line.quantity.value());
      price.push_back(line.price.value());
    }
  }
  return py::dict("receipt"_a = owned(std::move(receipt)),
                  "time"_a = owned(std::move(time)).attr("view")("datetime64[s]"),
                  "store"_a = owned(std::move(store)), "till"_a = owned(std::move(till)),
                  "customer"_a = owned(std::move(customer)), "item"_a = owned(std::move(item)),
                  "quantity"_a = owned(std::move(quantity)), "price"_a = owned(std::move(price)));
}

py::list texts_of(const StringSet& strings) {
  py::list texts;
  for (std::size_t i = 0; i < strings.size(); ++i) texts.append(to_text(strings[i]));
  return texts;
}

void bind_receipts(py::module_& m) {
  auto report = py::class_<ReadReport>(
      m, "ReadReport", "What became of every line of the file. str() of it is for people.");
  struct Counter {
    const char* name;
    std::size_t ReadReport::*count;
    const char* doc;
  };
  for (const Counter& one : std::initializer_list<Counter>{
           {"lines", &ReadReport::lines, "Of the file, without the header."},
           {"kept", &ReadReport::kept, "Sales."},
           {"returns", &ReadReport::returns, "Returns and cancellations, netted or dropped."},
           {"not_items", &ReadReport::not_items, "Codes that is_item refuses."},
           {"zero_quantity", &ReadReport::zero_quantity, "Lines of 0 units, left out."},
           {"free_dropped", &ReadReport::free_dropped, "Lines of price 0, left out."},
           {"lonely", &ReadReport::lonely, "Lines on days far from all others, left out."},
           {"malformed", &ReadReport::malformed, "Lines that could not be read."},
           {"returns_unmatched", &ReadReport::returns_unmatched,
            "Of the returns, those that found too little to net."},
           {"sales_undone", &ReadReport::sales_undone, "Of the kept, those netted to nothing."},
           {"without_customer", &ReadReport::without_customer, "Of the kept."},
           {"free_kept", &ReadReport::free_kept, "Of the kept, those with price 0."},
           {"rounded", &ReadReport::rounded, "Lines with a number of more places than are kept."},
           {"zoned", &ReadReport::zoned,
            "Lines whose time names a zone: the clock is read as it stands."},
           {"recoded", &ReadReport::recoded, "Lines read as Windows-1252."},
           {"carried", &ReadReport::carried, "Lines with the number or time of the line before."},
           {"weighed", &ReadReport::weighed, "Lines whose code holds their weight or price."},
           {"numbers_shared", &ReadReport::numbers_shared,
            "Receipts whose number another customer has on that day."},
           {"spread", &ReadReport::spread, "Receipts with lines more than 6 hours apart."},
           {"unprintable", &ReadReport::unprintable,
            "Of the items, those whose texts hold control characters."},
           {"receipts", &ReadReport::receipts, "In the result."},
           {"items", &ReadReport::items, "In the result."},
           {"customers", &ReadReport::customers, "In the result."},
           {"trading_days", &ReadReport::trading_days, "Days with a sale."}})
    report.def_readonly(one.name, one.count, one.doc);
  report.def_readonly("first_day", &ReadReport::first_day, "Of the sales.")
      .def_readonly("last_day", &ReadReport::last_day, "Of the sales.")
      .def_readonly("lonely_days", &ReadReport::lonely_days, "The days of `lonely`.")
      .def_readonly("learnt", &ReadReport::learnt, "How columns are written that were inferred.")
      .def_readonly("absent_columns", &ReadReport::absent_columns,
                    "Optional columns that were asked for and are not there.")
      .def_property_readonly(
          "first_offenders",
          [](const ReadReport& self) {
            py::list offenders;
            for (const ReadReport::Offender& offender : self.first_offenders)
              offenders.append(py::make_tuple(offender.line, to_text(offender.error.what())));
            return offenders;
          },
          "(line number, what is wrong) of the first malformed lines.")
      .def("__str__", [](const ReadReport& self) { return to_text(self.summary()); });

  py::class_<Receipts, std::shared_ptr<Receipts>>(m, "Receipts",
                                                  "Receipts in order of time, sales only.")
      .def("__len__", &Receipts::size)
      .def_property_readonly(
          "catalog",
          [](const Receipts& self) { return std::make_shared<Only<Catalog>>(self.catalog()); },
          "The catalogue that was given, or one of every item sold (a copy).")
      .def_property_readonly(
          "customers", [](const Receipts& self) { return texts_of(self.customers()); },
          "The customers' own ids, by index.")
      .def_property_readonly(
          "stores", [](const Receipts& self) { return texts_of(self.stores()); },
          "The names of the stores, by index.")
      .def_property_readonly(
          "tills", [](const Receipts& self) { return texts_of(self.tills()); },
          "The names of the tills, by index.")
      .def_property_readonly("report", &Receipts::report, py::return_value_policy::copy,
                             "What became of every line.")
      .def(
          "baskets", [](const Receipts& self) { return unlocked([&] { return self.baskets(); }); },
          "What was bought together.")
      .def(
          "daily_sales",
          [](const Receipts& self, std::size_t least_days, double chance) {
            return std::make_shared<Only<DailySales>>(unlocked([&] {
              return self.daily_sales({least_days, chance});
            }));
          },
          "least_days"_a = AbsenceOptions{}.least_days, "chance"_a = AbsenceOptions{}.chance,
          "Units, items x calendar days from the first to the last sale. Days on which an item was "
          "away are unknown (`mark_absences`; least_days=0: none).")
      .def(
          "user_items",
          [](const Receipts& self) {
            return from_csr(unlocked([&] { return self.interactions(); }));
          },
          "Customers x items, number of receipts, as scipy.sparse.csr_matrix.")
      .def("lines", &lines_of,
           "A dict of arrays, an entry for each line: receipt, time, store, till, customer (-1: "
           "none), item, quantity, price. Ready for pandas.DataFrame.")
      .def(
          "id",
          [](const Receipts& self, Count<"Receipts.id, i"> i) {
            return to_text(self.id(checked(i, self.size(), "Receipts.id")));
          },
          "i"_a, "The shop's own number of a receipt.");

  def_fit(
      m, "read_receipts",
      [](const py::object& source, const py::object& catalog, const ReceiptOptions& options) {
        std::optional<Catalog> given;
        if (!catalog.is_none()) given = catalog.cast<const Only<Catalog>&>().get();
        return Source(source, "read_receipts, source").visit([&](auto&&... from) {
          return read_receipts(from..., options, std::move(given));
        });
      },
      "Reads receipts from CSV: a path, or an open file; gzip is unpacked. An absent or empty name "
      "of an optional "
      "column means that it is not there. malformed: 'strict' raises on the first bad line, "
      "'lenient' counts them. returns: 'net' takes them from earlier purchases, 'drop' leaves them "
      "out. free_lines: 'keep' or 'drop' lines of price 0. normalise and its siblings: rules, one "
      "after the other, such as 'gtin' or ['joined', 'gtin'] (`CodeRules` has them), or a "
      "callable on codes. is_item: a callable that says which ids are articles. parse_time: a "
      "callable from text to datetime, or None where it is none.",
      {}, "source"_a, "catalog"_a = py::none());
}

void bind_split(py::module_& m) {
  py::class_<TimeCut>(m, "TimeCut",
                      "Where time is cut: train is before valid_from, test from test_from on.")
      .def(py::init([](Day valid_from, Day test_from) {
             return TimeCut{valid_from, test_from};
           }),
           "valid_from"_a, "test_from"_a)
      .def_readonly("valid_from", &TimeCut::valid_from, "First day of the valid part.")
      .def_readonly("test_from", &TimeCut::test_from, "First day of the test part.");
  m.def("time_cut", &time_cut, "baskets"_a, "valid_fraction"_a, "test_fraction"_a,
        "The latest cut that leaves at least these fractions of the baskets to valid and to test.");
  m.def(
      "split_by_time",
      [](const Baskets& baskets, const TimeCut& cut) {
        auto [train, valid, test] = split_by_time(baskets, cut);
        return std::tuple(std::move(train), std::move(valid), std::move(test));
      },
      "data"_a, "cut"_a, "Baskets as (train, valid, test), without a look ahead.");
  m.def(
      "split_by_time",
      [](const Only<DailySales>& sales, const TimeCut& cut) {
        auto [train, valid, test] = split_by_time(sales.get(), cut);
        const auto held = [](DailySales&& part) {
          return std::make_shared<Only<DailySales>>(std::move(part));
        };
        return std::tuple(held(std::move(train)), held(std::move(valid)), held(std::move(test)));
      },
      "data"_a, "cut"_a, "The columns before, between and from the cuts.");
}

}  // namespace

void bind_data(py::module_& m) {
  bind_catalog(m);
  bind_baskets(m);
  bind_daily_sales(m);
  bind_absences(m);
  bind_receipts(m);
  bind_split(m);
}

}  // namespace bodega::python
