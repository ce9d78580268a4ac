// SPDX-License-Identifier: MIT
#include <algorithm>

#include <bodega/data/cases.hpp>
#include <bodega/data/split.hpp>
#include <bodega/evaluate/next_basket.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/metrics/list_metrics.hpp>

#include "def_fit.hpp"
#include "scorer.hpp"

namespace bodega::python {

template <>
struct OptionCaster<const Cooccurrence*> {
  static std::string type() { return "Cooccurrence | None"; }
  static const Cooccurrence* read(py::handle value, const std::string& where) {
    if (value.is_none()) return nullptr;
    if (!py::isinstance<Only<Cooccurrence>>(value)) refuse_option(where, type(), value);
    return &value.cast<const Only<Cooccurrence>&>().get();
  }
  static std::string shown(const Cooccurrence*) { return "None"; }
};

namespace {

std::string shown(const Estimate& estimate) {
  return std::to_string(estimate.mean) + " +- " + std::to_string(estimate.half_width);
}

using Metric = double (*)(std::size_t k, std::span<const ItemIndex> list,
                          std::span<const ItemIndex> targets);

/// What stands twice in a list would count twice.
void need_distinct(std::vector<ItemIndex> items, const std::string& where) {
  std::sort(items.begin(), items.end());
  const auto twice = std::adjacent_find(items.begin(), items.end());
  if (twice != items.end())
    throw Error(ErrorCode::duplicate, where, "each item once",
                "item " + std::to_string(twice->value()) + " twice");
}

void bind_list_metrics(py::module_& m) {
  const auto bind = [&](const char* name, Metric metric, const char* doc) {
    m.def(
        name,
        [metric, where = std::string(name)](Count<"k"> k, const py::object& items,
                                            const py::object& targets) {
          const std::vector<ItemIndex> list = to_items(items, where + ", items"),
                                       wanted = to_items(targets, where + ", targets");
          need_distinct(list, where + ", items");
          need_distinct(wanted, where + ", targets");
          return metric(k, list, wanted);
        },
        "k"_a, "items"_a, "targets"_a, doc);
  };
  bind("recall_at", &recall_at,
       "Targets among the first k items / number of targets. items: best first, none twice; "
       "targets: each once.");
  bind("reciprocal_rank_at", &reciprocal_rank_at, "1 / place of the first target, 0 beyond k.");
  bind("ndcg_at", &ndcg_at,
       "Sum over targets at place r <= k of 1 / log2(r + 1), over that of the best possible list.");
  bind("average_precision_at", &average_precision_at,
       "The mean over targets of the precision at each one's place (0 beyond k), over min(k, "
       "targets); its mean over cases is MAP@k.");
}

void bind_baskets(py::module_& m) {
  m.def(
      "split_last_baskets",
      [](const Baskets& baskets, Count<"split_last_baskets, last"> last) {
        auto parts = split_last_baskets(baskets, last);
        return py::make_tuple(std::move(parts.train), std::move(parts.valid),
                              std::move(parts.test));
      },
      "baskets"_a, "last"_a = 1,
      "(train, valid, test): each customer's last baskets are test, as many before them valid. "
      "Customers with too few, and baskets without a customer, are left out.");

  py::class_<BasketCases>(m, "BasketCases",
                          "Questions with a set of answers each: the next basket of a customer, "
                          "the next view of a session.")
      .def(py::init(
               [](const Baskets& held_out, const Baskets& history, const py::object& catalogue) {
                 return BasketCases(held_out, history,
                                    to_mask(catalogue, held_out.items(), "BasketCases, catalogue"));
               }),
           "held_out"_a, "history"_a, "catalogue"_a = py::none(),
           "A case for each held-out basket, asked with its customer alone; `history` says what "
           "the customer has bought before. catalogue: what may be recommended, a boolean array; "
           "all where None.")
      .def(py::init([](const py::array& catalogue) {
             return BasketCases(to_mask(catalogue, static_cast<std::size_t>(catalogue.size()),
                                        "BasketCases, catalogue"));
           }),
           "catalogue"_a, "Without cases, for those that you choose and add() takes.")
      .def(
          "add",
          [](BasketCases& self, const py::object& query, const py::object& target,
             const py::object& seen, CustomerIndex customer, std::optional<std::size_t> group) {
            self.add(customer, to_items(query, "BasketCases.add, query"),
                     to_items(target, "BasketCases.add, target"),
                     to_items(seen, "BasketCases.add, seen"), group.value_or(self.size()));
          },
          "query"_a, "target"_a, "seen"_a = py::tuple(), "customer"_a = py::none(),
          "group"_a = py::none(),
          "One case more. seen: the targets that the customer has bought before. Cases of a group "
          "are not independent and must follow each other; None: a group of its own.")
      .def("__len__", &BasketCases::size);

  py::class_<BasketReport>(m, "BasketReport", "How well a recommender foresees whole baskets.")
      .def_readonly("k", &BasketReport::k, "Length of the lists.")
      .def_readonly("cases", &BasketReport::cases, "Questions.")
      .def_readonly("recall", &BasketReport::recall, "See recall_at.")
      .def_readonly("ndcg", &BasketReport::ndcg, "See ndcg_at.")
      .def_readonly("average_precision", &BasketReport::average_precision,
                    "See average_precision_at.")
      .def_readonly("reciprocal_rank", &BasketReport::reciprocal_rank, "See reciprocal_rank_at.")
      .def_readonly("repeat_recall", &BasketReport::repeat_recall,
                    "Recall of the targets bought before, over the cases that have such.")
      .def_readonly("explore_recall", &BasketReport::explore_recall,
                    "Recall of the targets never bought, over the cases that have such.")
      .def_readonly("repeat_cases", &BasketReport::repeat_cases,
                    "Cases with targets bought "
                    "before.")
      .def_readonly("explore_cases", &BasketReport::explore_cases,
                    "Cases with targets never bought.")
      .def_readonly("coverage", &BasketReport::coverage,
                    "Different items in all lists / items of the catalogue.")
      .def_readonly("novelty", &BasketReport::novelty,
                    "Mean over all places of -log2 of the share of baskets that hold the item; 0 "
                    "without `sold`.")
      .def_readonly("diversity", &BasketReport::diversity,
                    "Mean over lists of 1 - cosine of their pairs of items; 0 without `sold`.")
      .def_property_readonly(
          "shown",
          [](const BasketReport& self) {
            return py::array_t<std::uint16_t>(static_cast<py::ssize_t>(self.shown.size()),
                                              self.shown.data());
          },
          "Items of each case's list.")
      .def("__repr__", [](const BasketReport& self) {
        return "BasketReport(k=" + std::to_string(self.k) +
               ", cases=" + std::to_string(self.cases) + ", recall=" + shown(self.recall) +
               ", ndcg=" + shown(self.ndcg) + ")";
      });

  def_fit(
      m, "evaluate_baskets",
      [](const PythonScorer& scorer, const BasketCases& cases,
         const BasketEvaluationOptions& options) {
        return unlocked([&] { return evaluate_baskets(scorer.any(), cases, options); });
      },
      "Asks the scorer for every case, exactly as a shop would. query_items: as in recommend.", {},
      "scorer"_a, "cases"_a);
}

}  // namespace

void bind_evaluate(py::module_& m) {
  py::class_<LeaveOneOut, std::shared_ptr<LeaveOneOut>> held(
      m, "LeaveOneOut",
      "The cases: each item of each held-out basket hidden once, to be found from the others.");
  def_init(
      held,
      [](const Baskets& held_out, const py::object& catalogue, const LeaveOneOutOptions& options) {
        return LeaveOneOut(held_out, to_mask(catalogue, held_out.items(), "LeaveOneOut, catalogue"),
                           options);
      },
      "catalogue: the items that are compared, a boolean array such as items_in_baskets of the "
      "training baskets; all where None.",
      {}, "held_out"_a, "catalogue"_a = py::none());
  def_init(
      held,
      [](const py::array& catalogue, const NoOptions&) {
        return LeaveOneOut(to_mask(catalogue, static_cast<std::size_t>(catalogue.size()),
                                   "LeaveOneOut, catalogue"));
      },
      "Without cases, for those that you choose and add() takes.", {}, "catalogue"_a);
  held.def(
          "add",
          [](LeaveOneOut& self, const py::object& basket, Count<"LeaveOneOut.add, hidden"> hidden,
             bool new_basket, CustomerIndex customer) {
            self.add(to_items(basket, "LeaveOneOut.add, basket"), hidden, new_basket, customer);
          },
          "basket"_a, "hidden"_a, "new_basket"_a = true, "customer"_a = py::none(),
          "One case more: the item at place `hidden` of the basket. Cases of one basket must "
          "follow each other; new_basket says that this is the first of another.")
      .def("__len__", &LeaveOneOut::size)
      .def_property_readonly("baskets", &LeaveOneOut::baskets, "Baskets with two items or more.")
      .def_property_readonly("removed_items", &LeaveOneOut::removed_items,
                             "Items of held-out baskets that are not in the catalogue.");
  m.def(
      "items_in_baskets",
      [](const Baskets& training, Count<"items_in_baskets, at_least"> at_least) {
        return from_mask(items_in_baskets(training, at_least));
      },
      "training"_a, "at_least"_a = 5,
      "Which items at least so many baskets hold, as a boolean array.");

  py::class_<Estimate>(m, "Estimate", "A mean and the half width of its 95 % interval.")
      .def_readonly("mean", &Estimate::mean, "Over the cases.")
      .def_readonly("half_width", &Estimate::half_width,
                    "Of the 95 % interval; the cases of one basket count as one observation.")
      .def("__repr__", &shown);
  py::class_<RankingReport>(m, "RankingReport", "How well a recommender completes open baskets.")
      .def_readonly("k", &RankingReport::k, "Length of the slates.")
      .def_readonly("cases", &RankingReport::cases, "Hidden items.")
      .def_readonly("baskets", &RankingReport::baskets, "Baskets that they are of.")
      .def_readonly("hit_rate", &RankingReport::hit_rate,
                    "HR@k: is the hidden item among the first k.")
      .def_readonly("reciprocal_rank", &RankingReport::reciprocal_rank,
                    "MRR@k: 1 / its rank, 0 beyond k.")
      .def_readonly("ndcg", &RankingReport::ndcg, "NDCG@k: 1 / log2(1 + rank), 0 beyond k.")
      .def_readonly("coverage", &RankingReport::coverage,
                    "Different items in all the first k / items of the catalogue.")
      .def_property_readonly(
          "rank",
          [](const RankingReport& self) {
            return py::array_t<std::uint32_t>(static_cast<py::ssize_t>(self.rank.size()),
                                              self.rank.data());
          },
          "Of each case's hidden item, from 1; 0 = not among the k.")
      .def("__repr__", [](const RankingReport& self) {
        return "RankingReport(k=" + std::to_string(self.k) +
               ", cases=" + std::to_string(self.cases) + ", hit_rate=" + shown(self.hit_rate) +
               ", reciprocal_rank=" + shown(self.reciprocal_rank) + ")";
      });
  py::class_<RankingDifference>(m, "RankingDifference",
                                "By how much one recommender is better than another, case by case.")
      .def_readonly("hit_rate", &RankingDifference::hit_rate, "HR@k.")
      .def_readonly("reciprocal_rank", &RankingDifference::reciprocal_rank, "MRR@k.")
      .def_readonly("ndcg", &RankingDifference::ndcg, "NDCG@k.");

  def_fit(
      m, "evaluate_ranking",
      [](const PythonScorer& scorer, const LeaveOneOut& cases, const RankingOptions& options) {
        return unlocked([&] { return evaluate_ranking(scorer.any(), cases, options); });
      },
      "Asks the scorer for every case, exactly as a shop would.", {}, "scorer"_a, "cases"_a);
  m.def("ranking_difference", &ranking_difference, "a"_a, "b"_a, "cases"_a,
        "By how much report `a` is better than `b`, over the same cases.");
  bind_list_metrics(m);
  bind_baskets(m);
}

}  // namespace bodega::python
