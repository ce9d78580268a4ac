// SPDX-License-Identifier: MIT
//
// To add a model: a scorer (or a forecaster) with `kind`, `parameters` and `validate`. With those
// it can be pruned, quantized, measured, saved and loaded, in any format of its weights.
//
//   compress_and_save [OUTPUT FILE]

#include <cstddef>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/bundle/bundle.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/core/query.hpp>

using namespace bodega;

namespace {

/// Who buys i buys j as well: a score for each pair.
template <WeightFormat W = CsrMatrix<float>>
class Companions {
 public:
  static constexpr std::string_view kind = "companions";
  template <WeightFormat V>
  using with_weights = Companions<V>;  // what quantizing makes of it

  Companions() = default;
  explicit Companions(W weights) : weights_(std::move(weights)) {}

  std::size_t items() const noexcept { return weights_.columns(); }
  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_query_item(query, items(),
                        [&](ItemIndex item) { add_row(weights_, item.value(), weight, scores); });
  }
  void explain(const Query& query, float weight, ItemIndex pick, Reasons& reasons) const noexcept {
    for_each_query_item(query, items(), [&](ItemIndex item) {
      const float part = weight * entry(weights_, item.value(), pick.value());
      reasons.offer({Reason::Kind::bought_together, item, Reason::no_term, part});
    });
  }
  /// The named list of tensors, said once: pruning, INT8, the file and the report walk it.
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("weights", self.weights_, Role::weight);
  }
  /// Called when it was read from a file: throws what is wrong with the numbers.
  void validate(const std::string& where) const { validate_weights(weights_, where); }
  // A model with something that its parameters only imply (an index, a transposed matrix) builds it
  // in a member `restore()`, which is called when it was read or converted.

 private:
  W weights_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string file = argc > 1 ? argv[1] : "companions.bodega";
  const Companions<> model(CsrMatrix<float>({3, {0, 2, 3, 3}, {1, 2, 0}}, {0.9f, 0.1f, 0.8f}));
  const auto small = quantize(prune(model, {.sparsity = 0.3f}));
  std::printf("%s\n", size_report(small).to_string().c_str());

  Bundle bundle;
  bundle.add("companions", small);
  bundle.save(file);  // whole or not at all
  const auto same = Bundle::open(file).get<Companions<QuantizedCsrMatrix>>("companions");
  std::printf("read again: %zu items\n", same.items());
}
