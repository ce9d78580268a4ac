// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/arguments.hpp"
#include "support/cases.hpp"
#include "support/evaluation.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

/// The frame of the programs that evaluate recommenders on a case folder (make_cases.py): what is
/// the same whether the question is an open basket, a session, the next basket or a user's taste.
///
/// A program is a class with its models by name, each a member function that fits and tunes one on
/// the valid cases and returns `evaluation.measure(...)`:
///
///   class Program {
///    public:
///     Program(const Evaluation& evaluation, std::optional<std::size_t> max_bytes);
///     static std::vector<std::pair<std::string_view,
///                                  Row (Program::*)(std::string_view)>> models();
///   };
///   int main(int argc, char** argv) {
///     return evaluate<Program>(argc, argv, "Completes open baskets.", "basket", {"NDCG@10"});
///   }
namespace bodega_benchmark {

/// The whole of a program's `main`: reads the arguments and the cases, runs the models named,
/// prints the table and writes the files. Returns the exit status.
template <class Program>
int evaluate(int argc, char** argv, const std::string& about, std::string_view protocol,
             const std::vector<std::string>& objective) {
  using Model = std::pair<std::string_view, typename Program::Model>;
  const std::vector<Model> models = Program::models();
  std::vector<std::pair<std::string, Model>> named;
  for (const Model& model : models) named.emplace_back(model.first, model);

  std::filesystem::path folder, out, json;
  std::vector<Model> chosen;
  std::optional<std::size_t> max_bytes;
  Arguments arguments(about);
  arguments.need("--cases", "FOLDER", "made by make_cases.py " + std::string(protocol), folder);
  arguments.list("--models", "models", chosen, std::move(named));
  arguments.take("--out", "FOLDER", "where each model's predictions go, for score.py", out);
  arguments.number("--max-bytes", "N", "what the file of 'best' may take", max_bytes);
  arguments.take("--json", "FILE", "where the table goes as JSON", json);
  return arguments.run(argc, argv, [&] {
    if (!out.empty()) std::filesystem::create_directories(out);
    const Cases cases = read_cases(folder, protocol);
    const Evaluation evaluation(cases, objective, out);
    Program program(evaluation, max_bytes);
    std::vector<Row> rows;
    for (const auto& [name, model] : chosen.empty() ? models : chosen) {
      tell(std::string(name));
      rows.push_back((program.*model)(name));
    }
    evaluation.print(rows);
    if (!json.empty()) write_file(json, evaluation.json(rows));
  });
}

}  // namespace bodega_benchmark
