// SPDX-License-Identifier: MIT
// How well each model completes open baskets, how large it is and how fast: fits every model on the
// training baskets of a case folder (make_cases.py basket ...), tunes it on the valid cases alone,
// and measures it on the test cases.
//
//   evaluate_baskets --cases FOLDER [--models LIST] [--out FOLDER] [--max-bytes N] [--json FILE]
//
// The folder gives baskets in order of time without dates, so the number of a basket is its day
// here, and half-lives are shares of the training baskets.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include <bodega/collaborative/basket_weights.hpp>
#include <bodega/collaborative/cooccurrence.hpp>
#include <bodega/collaborative/ease_trainer.hpp>
#include <bodega/collaborative/item_neighbours.hpp>
#include <bodega/collaborative/popularity.hpp>
#include <bodega/collaborative/weighted_neighbours.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/hybrid/blend.hpp>

#include "cases.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::Cases;
using Clock = std::chrono::steady_clock;

constexpr std::size_t picks = 10;         // all metrics are @10
constexpr std::size_t neighbours = 200;   // of the neighbour models
const std::vector<double> penalties = {10, 30, 100, 300, 1000};  // of EASE, in baskets
constexpr std::size_t weight_bytes = 3;   // of an INT8 weight and its column
constexpr std::size_t kept = 50;          // EASE weights an item, where no limit asks for fewer

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// A model that was fitted, and what that took.
template <Scorer S>
struct Fitted {
  S scorer;
  std::string settings;
  std::size_t bytes = 0;
  double seconds = 0;
};

template <class Fit>
auto timed(std::string settings, Fit&& fit) {
  const auto start = Clock::now();
  auto model = fit();
  const double seconds = seconds_since(start);
  const std::size_t bytes = size_report(model).bytes;
  return Fitted<decltype(model)>{std::move(model), std::move(settings), bytes, seconds};
}

template <Scorer Items>
using WithPopularity = Blend<const Items&, const Popularity&>;

struct Row {
  std::string model, settings;
  RankingReport test;
  std::size_t bytes = 0;
  double fit_seconds = 0, p50_us = 0, p99_us = 0, peak_mb = 0;
};

/// The training baskets as models want them, and the questions.
class Task {
 public:
  explicit Task(const Cases& cases)
      : baskets_(cases.items.size()),
        best_sellers_(cases.items.size()),
        valid_(leave_one_out(cases.valid, cases)),
        test_(leave_one_out(cases.test, cases)),
        cases_(cases) {
    for (std::size_t b = 0; b < cases.train.size(); ++b)
      baskets_.add(Day(static_cast<std::int32_t>(b)), cases.train[b].customer,
                   cases.train[b].items);
    for (std::size_t b = 0; b < baskets_.size(); ++b)
      lines_ += static_cast<double>(baskets_[b].size());
    best_sellers_ = Popularity(baskets_, {.half_life_days = 0});
  }

  const Baskets& baskets() const noexcept { return baskets_; }
  double lines() const noexcept { return lines_; }
  /// A half-life in days (baskets) from one in shares of the training baskets.
  double days(double share) const noexcept {
    return share * static_cast<double>(cases_.train.size());
  }

  /// A list that a model leaves short ends with what sells best, as in the reference numbers.
  template <Scorer S>
  auto filled_up(const S& scorer) const {
    return blend(scorer, 1.0f, best_sellers_, 1e-12f);
  }

  template <Scorer S>
  double valid_ndcg(const S& scorer, const std::string& what) const {
    const double ndcg = evaluate_ranking(filled_up(scorer), valid_, {.k = picks}).ndcg.mean;
    std::fprintf(stderr, "  %s: valid NDCG@10 %.4f\n", what.c_str(), ndcg);
    return ndcg;
  }

  /// Measures a model on the test cases and writes its predictions where `out` is not empty.
  template <Scorer S>
  Row measure(std::string_view name, const Fitted<S>& model,
              const std::filesystem::path& out) const {
    const auto scorer = filled_up(model.scorer);
    Row row{std::string(name), model.settings, evaluate_ranking(scorer, test_, {.k = picks}),
            model.bytes, model.seconds};
    std::string predictions;
    std::vector<double> times;
    Workspace workspace(scorer.items(), picks);
    for (const auto& one : cases_.test) {
      const auto start = Clock::now();
      const auto slate = select_slate(scorer, {.basket = one.query, .customer = one.customer},
                                      test_.catalogue(), picks, workspace);
      times.push_back(1e6 * seconds_since(start));
      predictions += one.id + '\t';
      for (const Pick& pick : slate)
        predictions.append(&pick == slate.data() ? "" : " ")
            .append(cases_.items[pick.item.value()]);
      predictions += '\n';
    }
    std::sort(times.begin(), times.end());
    if (!times.empty()) {
      row.p50_us = times[times.size() / 2];
      row.p99_us = times[times.size() * 99 / 100];
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    row.peak_mb = static_cast<double>(usage.ru_maxrss) / 1024;
    if (!out.empty()) write(out / (row.model + ".tsv"), predictions);
    return row;
  }

  static void write(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.flush();
    if (!file) throw Error(ErrorCode::io, path.string(), "a file to write", "none, or no room");
  }

 private:
  static LeaveOneOut leave_one_out(std::span<const bodega_benchmark::Case> part,
                                   const Cases& cases) {
    LeaveOneOut result(ItemMask(cases.items.size()));
    std::string_view before;
    for (const auto& one : part) {
      if (one.target.size() != 1)
        throw Error(ErrorCode::format, "case " + one.id, "one target",
                    std::to_string(one.target.size()));
      std::vector<ItemIndex> basket = one.query;
      basket.push_back(one.target.front());
      result.add(basket, one.query.size(), one.group() != before, one.customer);
      before = one.group();
    }
    return result;
  }

  Baskets baskets_;
  Popularity best_sellers_;
  LeaveOneOut valid_, test_;
  const Cases& cases_;
  double lines_ = 0;
};

/// The one of `settings` whose `quality(setting)` is highest; the first of equals.
template <class Setting, class Quality>
Setting best_of(const std::vector<Setting>& settings, Quality&& quality) {
  std::optional<double> best;
  Setting chosen = settings.front();
  for (const Setting& setting : settings)
    if (const double reached = quality(setting); !best || reached > *best) {
      best = reached;
      chosen = setting;
    }
  return chosen;
}

/// Climbs on a grid: moves one coordinate at a time to the neighbouring value as long as that
/// raises `quality(point)`, until none does.
template <std::size_t N, class Quality>
std::array<std::size_t, N> climb(std::array<std::size_t, N> point,
                                 const std::array<std::size_t, N>& sizes, Quality&& quality) {
  for (bool rises = true; rises;) {
    rises = false;
    for (std::size_t axis = 0; axis < N; ++axis)
      for (const bool up : {true, false})
        for (;;) {
          std::array<std::size_t, N> next = point;
          if (up ? next[axis] + 1 >= sizes[axis] : next[axis] == 0) break;
          next[axis] += up ? 1 : std::size_t{0} - 1;
          if (quality(next) <= quality(point)) break;
          point = next;
          rises = true;
        }
  }
  return point;
}

class Program {
 public:
  Program(const Task& task, std::filesystem::path out, std::optional<std::size_t> max_bytes)
      : task_(task), out_(std::move(out)), max_bytes_(max_bytes) {}

  using Model = Row (Program::*)(std::string_view name);
  static const std::vector<std::pair<std::string_view, Model>>& models() {
    static const std::vector<std::pair<std::string_view, Model>> all = {
        {"popularity", &Program::popularity},
        {"cosine200", &Program::cosine},
        {"bm25", &Program::bm25},
        {"rp3beta", &Program::rp3beta},
        {"ease", &Program::ease},
        {"ease50int8", &Program::ease_int8<50>},
        {"ease20int8", &Program::ease_int8<20>},
        {"ease+popularity", &Program::ease_and_popularity},
        {"best", &Program::best}};
    return all;
  }

  Row run(std::string_view name) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(name.size()), name.data());
    for (const auto& [known, model] : models())
      if (known == name) return (this->*model)(name);
    throw Error(ErrorCode::invalid_argument, "--models", "one of " + names(), std::string(name));
  }

  static std::string names() {
    std::string all;
    for (const auto& model : models()) all.append(all.empty() ? "" : ", ").append(model.first);
    return all;
  }

 private:
  Row popularity(std::string_view name) {
    return task_.measure(name, timed("", [&] { return popular(0); }), out_);
  }

  Row cosine(std::string_view name) {
    return task_.measure(name, timed("", [&] {
      return fit_item_neighbours(Cooccurrence(task_.baskets()), {.neighbours = neighbours});
    }), out_);
  }

  Row bm25(std::string_view name) {
    const auto fit = [&](const std::pair<double, double>& s) {
      return timed("k1 " + number(s.first) + ", b " + number(s.second), [&] {
        return fit_bm25_neighbours(task_.baskets(),
                                   {.k1 = s.first, .b = s.second, .neighbours = neighbours});
      });
    };
    return measure_best(name, {{1.2, 0.75}, {1.2, 0.3}, {100, 0.8}}, fit);
  }

  Row rp3beta(std::string_view name) {
    const auto fit = [&](const std::pair<double, double>& s) {
      return timed("alpha " + number(s.first) + ", beta " + number(s.second), [&] {
        return fit_rp3beta(task_.baskets(),
                           {.alpha = s.first, .beta = s.second, .neighbours = neighbours});
      });
    };
    return measure_best(name, {{0.8, 0.4}, {0.8, 0.2}, {1, 0.6}}, fit);
  }

  Row ease(std::string_view name) {
    return task_.measure(
        name, timed("l2 " + number(l2()), [&] { return plain_ease(l2(), 0); }), out_);
  }

  template <std::size_t K>
  Row ease_int8(std::string_view name) {
    return task_.measure(
        name, timed("l2 " + number(l2()), [&] { return quantize(plain_ease(l2(), K)); }), out_);
  }

  Row ease_and_popularity(std::string_view name) {
    const auto sales = timed("", [&] { return popular(0); });
    const auto fit = [&](double penalty) {
      return timed("l2 " + number(penalty), [&] { return plain_ease(penalty, 0); });
    };
    std::map<double, std::pair<double, double>> share;  // of each penalty: the best and its NDCG
    const double penalty = best_of(penalties, [&](double of) {
      const auto items = fit(of);
      share[of].first = best_of<double>({0, 0.03, 0.1, 0.3, 1, 3}, [&](double beta) {
        const double ndcg = task_.valid_ndcg(with_popularity(items.scorer, sales.scorer, beta),
                                             items.settings + ", popularity " + number(beta));
        share[of].second = std::max(share[of].second, ndcg);
        return ndcg;
      });
      return share[of].second;
    });
    const double beta = share[penalty].first;
    const auto items = fit(penalty);
    return task_.measure(
        name, Fitted<WithPopularity<ItemItem<>>>{
                  with_popularity(items.scorer, sales.scorer, beta),
                  items.settings + ", popularity " + number(beta), items.bytes + sales.bytes,
                  items.seconds + sales.seconds},
        out_);
  }

  /// EASE in INT8 on sums that fade and in which large baskets are damped, plus what sells these
  /// days: every setting climbs on the valid cases, and as many weights an item are kept as the
  /// limit of bytes allows.
  Row best(std::string_view name) {
    static const std::vector<double> half_life = {0, 2, 1, 0.5, 0.25, 0.125, 0.0625, 0.03};
    static const std::vector<double> power = {0, 0.25, 0.5, 0.75, 1};
    static const std::vector<double> l2 = {1, 3, 10, 30, 100, 300, 1000};
    static const std::vector<double> share = {0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};
    static const std::vector<double> symmetry = {0, 0.125, 0.25, 0.375};
    using Point = std::array<std::size_t, 6>;
    enum { of_share, of_fashion, of_half_life, of_symmetry, of_l2, of_power };

    std::size_t weights = weights_within_limit();
    std::array<std::size_t, 4> fitted_at{};
    std::optional<Fitted<ItemItem<QuantizedCsrMatrix>>> items;
    std::optional<std::size_t> fashion;
    std::optional<Fitted<Popularity>> sales;
    const auto blended = [&](const Point& at) {
      const std::array<std::size_t, 4> fit_at{at[of_half_life], at[of_symmetry], at[of_l2],
                                              at[of_power]};
      if (!items || fitted_at != fit_at) {
        fitted_at = fit_at;
        items.emplace(timed(
            "l2 " + number(l2[at[of_l2]]) + ", half-life " + number(half_life[at[of_half_life]]) +
                ", size power " + number(power[at[of_power]]) + ", symmetry " +
                number(symmetry[at[of_symmetry]]) + ", " + std::to_string(weights) +
                " weights an item",
            [&] {
              return quantize(weighted_ease(l2[at[of_l2]], half_life[at[of_half_life]],
                                            power[at[of_power]], weights,
                                            EaseKeep::least_missed, symmetry[at[of_symmetry]]));
            }));
      }
      if (fashion != at[of_fashion]) {
        fashion = at[of_fashion];
        sales.emplace(timed("half-life " + number(half_life[*fashion]),
                            [&] { return popular(half_life[*fashion]); }));
      }
      return Fitted<WithPopularity<ItemItem<QuantizedCsrMatrix>>>{
          with_popularity(items->scorer, sales->scorer, share[at[of_share]]),
          items->settings + "; popularity " + number(share[at[of_share]]) + " of " +
              sales->settings,
          items->bytes + (at[of_share] > 0 ? sales->bytes : 0), items->seconds + sales->seconds};
    };
    std::map<Point, double> known;
    const auto ndcg = [&](const Point& at) {
      if (const auto found = known.find(at); found != known.end()) return found->second;
      const auto model = blended(at);
      return known[at] = task_.valid_ndcg(model.scorer, model.settings);
    };
    std::vector<Point> starts;  // far apart in what depends on each other most
    for (const std::size_t at_l2 : {2, 4, 6})
      for (std::size_t at_share = 0; at_share < share.size(); at_share += 2)
        starts.push_back({at_share, 0, 0, 1, at_l2, 1});
    const Point sizes{share.size(),    half_life.size(), half_life.size(),
                      symmetry.size(), l2.size(),        power.size()};
    const Point top = best_of<Point>({climb({2, 0, 0, 1, 3, 1}, sizes, ndcg),
                                      climb(best_of(starts, ndcg), sizes, ndcg)}, ndcg);
    for (bool more = true; more && max_bytes_;) {  // the estimate is a careful one
      const std::size_t room = *max_bytes_ - std::min(*max_bytes_, blended(top).bytes);
      const std::size_t fit = room / (weight_bytes * task_.baskets().items());
      more = fit > 0 && weights + fit < task_.baskets().items();
      if (more) {
        weights += fit;
        items.reset();
      }
    }
    return task_.measure(name, blended(top), out_);
  }

  /// How many INT8 weights an item fit the limit together with a popularity: found on a table of
  /// that shape.
  std::size_t weights_within_limit() const {
    const std::size_t items = task_.baskets().items();
    if (!max_bytes_) return kept;
    const std::size_t sales = size_report(popular(1)).bytes;
    const auto bytes = [&](std::size_t weights) {
      StrongestRows rows(items, 0);
      for (std::size_t i = 0; i < items; ++i) {
        for (std::size_t j = i == 0 ? 0 : items - weights; j < items; ++j)  // one row is long
          rows.offer(static_cast<std::uint32_t>(j), static_cast<float>(1 + j % 100));
        rows.end_row();
      }
      return sales + size_report(quantize(ItemItem<>(rows.take()))).bytes;
    };
    std::size_t fits = 0, beyond = std::max<std::size_t>(items, 1);
    while (fits + 1 < beyond) {
      const std::size_t middle = (fits + beyond) / 2;
      (bytes(middle) <= *max_bytes_ ? fits : beyond) = middle;
    }
    if (fits == 0)
      throw Error(ErrorCode::out_of_range, "--max-bytes",
                  "room for a weight an item: " + std::to_string(bytes(1)),
                  std::to_string(*max_bytes_));
    return fits;
  }

  /// Fits at every setting, measures the one that does best on the valid cases.
  template <class Setting = std::pair<double, double>, class Fit>
  Row measure_best(std::string_view name, const std::vector<Setting>& settings, const Fit& fit) {
    const Setting chosen = best_of(settings, [&](const Setting& setting) {
      const auto model = fit(setting);
      return task_.valid_ndcg(model.scorer, model.settings);
    });
    return task_.measure(name, fit(chosen), out_);
  }

  Popularity popular(double half_life) const {
    return Popularity(task_.baskets(), {.half_life_days = task_.days(half_life)});
  }

  ItemItem<> plain_ease(double penalty, std::size_t weights) const {
    return weighted_ease(penalty, 0, 0, weights, EaseKeep::strongest, 0);
  }

  /// The penalty is relative to the sums, which shrink when baskets are damped.
  ItemItem<> weighted_ease(double penalty, double half_life, double power, std::size_t weights,
                           EaseKeep keep, double symmetry) const {
    const Cooccurrence counts(task_.baskets(),
                              {.half_life_days = task_.days(half_life),
                               .max_basket = std::max<std::size_t>(task_.baskets().items(), 2)},
                              {}, inverse_size_weights(task_.baskets(), power));
    double sum = 0;
    for (std::uint32_t i = 0; i < counts.items(); ++i) sum += counts.count(ItemIndex(i));
    return fit_ease(counts, {.l2 = penalty * sum / std::max(task_.lines(), 1.0),
                             .neighbours = weights,
                             .keep = keep,
                             .symmetry = symmetry,
                             .single_precision = true});
  }

  /// `share` of the chance that a basket holds the item, on top of what its items say.
  template <Scorer Items>
  WithPopularity<Items> with_popularity(const Items& items, const Popularity& sales,
                                        double share) const {
    return blend(items, 1.0f, sales,
                 share * task_.lines() / static_cast<double>(task_.baskets().size()));
  }

  /// The penalty of plain EASE, chosen once for all models that use it.
  double l2() {
    if (!l2_)
      l2_ = best_of(penalties, [&](double penalty) {
        return task_.valid_ndcg(plain_ease(penalty, 0), "l2 " + number(penalty));
      });
    return *l2_;
  }

  const Task& task_;
  std::filesystem::path out_;
  std::optional<std::size_t> max_bytes_;
  std::optional<double> l2_;
};

constexpr std::string_view usage =
    "usage: evaluate_baskets --cases FOLDER [--models LIST] [--out FOLDER] [--max-bytes N]\n"
    "                        [--json FILE]\n"
    "LIST: names with commas between them; all if not given. --max-bytes limits 'best'.\n";

struct Arguments {
  std::filesystem::path cases, out, json;
  std::vector<std::string> models;
  std::optional<std::size_t> max_bytes;
};

Arguments parse(std::span<char*> arguments) {
  Arguments result;
  std::string models;
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    const std::string name = arguments[i];
    if (i + 1 == arguments.size())
      throw Error(ErrorCode::invalid_argument, name, "a value after it", "none");
    const std::string value = arguments[i + 1];
    if (name == "--cases") result.cases = value;
    else if (name == "--models") models = value;
    else if (name == "--out") result.out = value;
    else if (name == "--json") result.json = value;
    else if (name == "--max-bytes") {
      if (value.empty() || value.size() > 15 ||
          value.find_first_not_of("0123456789") != std::string::npos)
        throw Error(ErrorCode::invalid_argument, name, "a whole number of bytes", value);
      result.max_bytes = std::stoull(value);
    } else {
      throw Error(ErrorCode::invalid_argument, name, "an option of evaluate_baskets", "another");
    }
  }
  if (result.cases.empty())
    throw Error(ErrorCode::missing, "evaluate_baskets", "--cases FOLDER", "none");
  for (std::size_t begin = 0; begin < models.size();) {
    const std::size_t end = std::min(models.find(',', begin), models.size());
    result.models.push_back(models.substr(begin, end - begin));
    begin = end + 1;
  }
  for (const std::string& model : result.models)
    if (std::none_of(Program::models().begin(), Program::models().end(),
                     [&](const auto& known) { return known.first == model; }))
      throw Error(ErrorCode::invalid_argument, "--models", "names among " + Program::names(),
                  "'" + model + "'");
  if (result.models.empty())
    for (const auto& model : Program::models()) result.models.emplace_back(model.first);
  return result;
}

void print(const Cases& cases, const std::vector<Row>& rows) {
  std::printf("%s: %zu training baskets, %zu items, %zu valid and %zu test cases\n\n",
              cases.dataset.c_str(), cases.train.size(), cases.items.size(), cases.valid.size(),
              cases.test.size());
  std::printf("| model | HR@10 | MRR@10 | NDCG@10 | coverage | bytes | fit s | us p50 | us p99 "
              "| peak MB so far | settings |\n"
              "| --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n");
  const auto metric = [](const Estimate& e) {
    return fixed(e.mean, 4) + " +- " + fixed(e.half_width, 4);
  };
  for (const Row& row : rows)
    std::printf("| %s | %s | %s | %s | %.2f | %zu | %.2f | %.1f | %.1f | %.0f | %s |\n",
                row.model.c_str(), metric(row.test.hit_rate).c_str(),
                metric(row.test.reciprocal_rank).c_str(), metric(row.test.ndcg).c_str(),
                row.test.coverage, row.bytes, row.fit_seconds, row.p50_us, row.p99_us, row.peak_mb,
                row.settings.c_str());
}

std::string json_of(const Cases& cases, const std::vector<Row>& rows) {
  nlohmann::json models = nlohmann::json::array();
  for (const Row& row : rows)
    models.push_back({{"model", row.model},
                      {"settings", row.settings},
                      {"HR@10", row.test.hit_rate.mean},
                      {"HR@10_pm", row.test.hit_rate.half_width},
                      {"MRR@10", row.test.reciprocal_rank.mean},
                      {"MRR@10_pm", row.test.reciprocal_rank.half_width},
                      {"NDCG@10", row.test.ndcg.mean},
                      {"NDCG@10_pm", row.test.ndcg.half_width},
                      {"coverage@10", row.test.coverage},
                      {"bytes", row.bytes},
                      {"fit_seconds", row.fit_seconds},
                      {"p50_us", row.p50_us},
                      {"p99_us", row.p99_us},
                      {"peak_mb_so_far", row.peak_mb}});
  return nlohmann::json{{"dataset", cases.dataset},
                        {"protocol", cases.protocol},
                        {"cases", cases.test.size()},
                        {"models", models}}
             .dump(1) + "\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 2 || std::string_view(argv[1]) == "--help") {
      std::fprintf(argc < 2 ? stderr : stdout, "%.*smodels: %s\n", static_cast<int>(usage.size()),
                   usage.data(), Program::names().c_str());
      return argc < 2 ? 2 : 0;
    }
    const Arguments arguments = parse({argv, static_cast<std::size_t>(argc)});
    if (!arguments.out.empty()) std::filesystem::create_directories(arguments.out);
    const Cases cases = bodega_benchmark::read_cases(arguments.cases, "basket");
    const Task task(cases);
    Program program(task, arguments.out, arguments.max_bytes);
    std::vector<Row> rows;
    for (const std::string& model : arguments.models) rows.push_back(program.run(model));
    print(cases, rows);
    if (!arguments.json.empty()) Task::write(arguments.json, json_of(cases, rows));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "evaluate_baskets: %s\n", e.what());
    return 1;
  }
}
