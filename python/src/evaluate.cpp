// SPDX-License-Identifier: MIT
#include <bodega/evaluate/ranking.hpp>

#include "scorer.hpp"

namespace bodega::python {
namespace {

std::string shown(const Estimate& estimate) {
  return std::to_string(estimate.mean) + " +- " + std::to_string(estimate.half_width);
}

}  // namespace

void bind_evaluate(py::module_& m) {
  const LeaveOneOutOptions leave_one_out;
  py::class_<LeaveOneOut>(
      m, "LeaveOneOut",
      "The cases: each item of each held-out basket hidden once, to be found from the others.")
      .def(
          py::init([](const Baskets& held_out, const py::object& catalogue,
                      std::size_t longest_basket, std::size_t max_cases) {
            return LeaveOneOut(held_out,
                               to_mask(catalogue, held_out.items(), "LeaveOneOut, catalogue"),
                               {.longest_basket = longest_basket, .max_cases = max_cases});
          }),
          "held_out"_a, "catalogue"_a = py::none(), py::kw_only(),
          "longest_basket"_a = leave_one_out.longest_basket,
          "max_cases"_a = leave_one_out.max_cases,
          "catalogue: the items that are compared, a boolean array such as items_in_baskets of the "
          "training baskets; all where None. max_cases: 0 = all.")
      .def(py::init([](const py::array& catalogue) {
             return LeaveOneOut(to_mask(catalogue, static_cast<std::size_t>(catalogue.size()),
                                        "LeaveOneOut, catalogue"));
           }),
           "catalogue"_a, "Without cases, for those that you choose and add() takes.")
      .def(
          "add",
          [](LeaveOneOut& self, const py::object& basket, std::size_t hidden, bool new_basket,
             CustomerIndex customer) {
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
      [](const Baskets& training, std::size_t at_least) {
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

  const RankingOptions ranking;
  m.def(
      "evaluate_ranking",
      [](const AnyScorer& scorer, const LeaveOneOut& cases, std::size_t k, std::size_t threads,
         const py::object& progress) {
        const RankingOptions options{
            .k = k, .threads = threads, .progress = progress_callback(progress)};
        return unlocked([&] { return evaluate_ranking(scorer, cases, options); });
      },
      "scorer"_a, "cases"_a, py::kw_only(), "k"_a = ranking.k, "threads"_a = ranking.threads,
      "progress"_a = py::none(),
      "Asks the scorer for every case, exactly as a shop would. The result is the same at any "
      "number of threads (0 = all cores).");
  m.def("ranking_difference", &ranking_difference, "a"_a, "b"_a, "cases"_a,
        "By how much report `a` is better than `b`, over the same cases.");
}

}  // namespace bodega::python
