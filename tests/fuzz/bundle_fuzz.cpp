// SPDX-License-Identifier: MIT
// The bundle reader and the models behind it: whatever the bytes, there is an Error or a till that
// answers. The first byte of an input chooses how the rest is taken: even, as a file; odd, as
// edits of a good file (three bytes each: place, place, value). Both are tried as they are and with
// checksums that fit, because a checksum guards against decay, not against this.
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/till/till.hpp>

namespace {

using namespace bodega;
using Bytes = std::vector<std::byte>;

/// A shop of six items with every model that a till knows. An Error here ends the program.
Bytes good_file() {
  Catalog catalog;
  for (const char* const id : {"tea", "milk", "bread", "jam", "salt", "soap"})
    catalog.add({id, std::string(id) + " of the house", Money::from_whole(2), {{"kind", id}}});
  CsrMatrix<float> weights(6);
  for (std::uint32_t i = 0; i < 6; ++i)
    weights.add_row(std::array<std::uint32_t, 2>{i / 2, i / 2 + 3}, std::array{0.5f, 0.1f});
  DailySales history(6, Day(20'000), 20);
  for (std::uint32_t i = 0; i < 120; ++i)
    history.add(ItemIndex(i % 6), Day(20'000 + static_cast<std::int32_t>(i / 6)), 3);
  history.mark_unknown(ItemIndex(1), Day(20'012));
  Covariates covariates({"promotion"}, Day(20'000), 25, 6);
  covariates.set("promotion", ItemIndex(2), Day(20'020), 1);
  Bundle bundle;
  bundle.add("catalog", catalog);
  bundle.add("items", quantize(ItemItem<>(std::move(weights))));
  bundle.add("content", fit_content_model(catalog));
  bundle.add("popularity", Popularity(6));
  bundle.add("search", quantize(SearchIndex(catalog)));
  bundle.add("weights", TillWeights());
  bundle.add("demand", quantize(prune(Lstm<8>()), {.scheme = Scheme::affine}));
  bundle.add("demand_baseline", WeekdayMean());
  bundle.add("demand_factors", FactorMean<>({Matrix<float>(1, 20), Matrix<float>(1, 6)}, 1, 7));
  bundle.add("demand_memory", IntermittentDemand(history.slice(0, 15)));
  bundle.add("demand_levels", PooledLevel(6, {.pools = {0, 0, 0, 1, 1, 1}}));
  bundle.add("covariates", covariates);
  bundle.add("history", history);
  const Till opens(bundle);
  return bundle.serialize();
}

/// The same file with checksums that fit it, as far as it can be read.
Bytes resealed(Bytes file) {
  try {
    const std::size_t end = 8 + safetensors_header_size(file, "");
    const std::string_view header(reinterpret_cast<const char*>(file.data()), end);
    const auto put = [&](std::size_t at, std::uint32_t crc) {
      if (at <= end - 8) std::memcpy(file.data() + at, hex8(crc).data(), 8);
    };
    constexpr std::string_view tensors_key = "bodega.tensor_crc32\":\"",
                               header_key = "bodega.header_crc32\":\"";
    if (std::size_t at = header.find(tensors_key); at != std::string_view::npos) {
      at += tensors_key.size();
      for (const StoredTensor& tensor : read_safetensors(file, "").tensors) {
        put(at, crc32(tensor.bytes));
        at += 8;
      }
    }
    if (std::size_t at = header.find(header_key); at != std::string_view::npos) {
      at += header_key.size();
      if (at <= end - 8) std::memset(file.data() + at, '0', 8);
      put(at, crc32(std::span(file).first(end)));
    }
  } catch (const Error&) {
  }
  return file;
}

void use(const Bytes& file) {
  try {
    const Bundle bundle = Bundle::parse(file);
    if (Bundle::parse(bundle.serialize()).serialize() != bundle.serialize()) std::abort();
    Till till(bundle);
    Lane lane = till.lane();
    const auto models = till.models();
    const Catalog& catalog = models->catalog();
    const auto last = static_cast<std::uint32_t>(catalog.size() - 1);
    const std::array basket{catalog.id(ItemIndex(0)), catalog.id(ItemIndex(last)),
                            catalog.id(ItemIndex(std::min(last, 1u)))};
    const auto check = [](const TillSlate& slate) {
      for (const TillPick& pick : slate) {
        if (!std::isfinite(pick.score)) std::abort();
        for (const TillReason& reason : pick.because)
          if (reason.text().empty()) std::abort();
      }
    };
    for (const auto& query :
         {TillQuery{}, TillQuery{.basket = basket}, TillQuery{.viewed = basket[2], .card = "77"}})
      check(lane.recommend(query, 3));
    for (const char* text : {"te", "house bread", "huose"})
      check(lane.search(text, {.basket = basket}, 3));
    for (int day = 0; day < 2; ++day) {
      constexpr std::array levels{0.1f, 0.5f, 0.9f};
      std::array<float, 3> quantiles{};
      for (const std::string_view item : {basket[0], basket[1]}) {
        const Forecast answer = till.forecast(item, levels, quantiles);
        // Finite and plausible: a thousand of the largest shares of the largest level.
        if (!(answer.units >= 0 && double{answer.units} < 1e30)) std::abort();
        for (std::size_t q = 0; q < 3; ++q)
          if (!(quantiles[q] >= (q > 0 ? quantiles[q - 1] : 0))) std::abort();
      }
      if (const auto next = till.forecast_day()) {
        const std::array lines{TillReceiptLine{basket[0], Quantity::from_whole(2)}};
        till.observe({.id = "1", .when = Moment(*next), .card = "77", .lines = lines});
        till.close_day();
      }
    }
    till.undo("1");
    till.replace(bundle);
    check(lane.recommend({.basket = basket}, 3));
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto input = std::as_bytes(std::span(data + 1, size - 1));
  Bytes file(input.begin(), input.end());
  if (data[0] % 2 == 1) {
    static const Bytes good = good_file();
    file = good;
    for (std::size_t i = 0; i + 3 <= input.size(); i += 3) {
      const auto place =
          std::to_integer<std::size_t>(input[i]) * 256 + std::to_integer<std::size_t>(input[i + 1]);
      file[place % file.size()] = input[i + 2];
    }
  }
  use(file);
  use(resealed(std::move(file)));
  return 0;
}
