// SPDX-License-Identifier: MIT
#include "support/arguments.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"

using bodega::ErrorCode;
using bodega_benchmark::Arguments;

namespace {

enum class Colour { red, green };

struct Settings {
  std::filesystem::path cases;
  std::string column;
  std::vector<std::string> texts;
  std::size_t epochs = 10;
  std::optional<std::size_t> max_bytes;
  Colour colour = Colour::red;
  std::vector<Colour> colours;
};

Arguments arguments_of(Settings& settings) {
  const std::vector<std::pair<std::string, Colour>> words = {{"red", Colour::red},
                                                             {"green", Colour::green}};
  Arguments arguments("Measures something.");
  arguments.need("--cases", "FOLDER", "what to read", settings.cases);
  arguments.take("--column", "NAME", "where it stands", settings.column);
  arguments.each("--text", "NAME", "what is said of it", settings.texts);
  arguments.number("--epochs", "N", "rounds", settings.epochs, 1, 20);
  arguments.number("--max-bytes", "N", "the limit", settings.max_bytes);
  arguments.choice("--colour", "of the plot", settings.colour, words);
  arguments.list("--colours", "names", settings.colours, words);
  return arguments;
}

void parse(const std::vector<std::string>& words) {
  Settings settings;
  arguments_of(settings).parse(words);
}

int run(std::vector<std::string> words, int& calls) {
  words.insert(words.begin(), "/bin/measure");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  Settings settings;
  return arguments_of(settings).run(static_cast<int>(argv.size()), argv.data(), [&] { ++calls; });
}

}  // namespace

TEST_CASE("Options set the variables they are bound to") {
  Settings settings;
  arguments_of(settings).parse({"--text", "name", "--cases", "folder", "--max-bytes", "0",
                                "--epochs", "20", "--text", "brand", "--colour", "green",
                                "--colours", "green,red", "--column", ""});
  CHECK(settings.cases == "folder");
  CHECK(settings.column.empty());
  CHECK(settings.texts == std::vector<std::string>{"name", "brand"});
  CHECK(settings.epochs == 20);
  CHECK(settings.max_bytes == std::size_t{0});
  CHECK(settings.colour == Colour::green);
  CHECK(settings.colours == std::vector<Colour>{Colour::green, Colour::red});
}

TEST_CASE("What is not given stays as it was") {
  Settings settings;
  arguments_of(settings).parse({"--cases", "folder"});
  CHECK(settings.epochs == 10);
  CHECK_FALSE(settings.max_bytes);
  CHECK(settings.colour == Colour::red);
  CHECK(settings.colours.empty());
}

TEST_CASE("A wrong command line is refused, naming the option") {
  CHECK_ERROR(parse({}), ErrorCode::missing, "command line");
  CHECK_ERROR(parse({"folder"}), ErrorCode::invalid_argument, "command line");
  CHECK_ERROR(parse({"--case", "folder"}), ErrorCode::invalid_argument, "command line");
  CHECK_ERROR(parse({"--cases"}), ErrorCode::invalid_argument, "--cases");
  CHECK_ERROR(parse({"--cases", "a", "--cases", "b"}), ErrorCode::duplicate, "--cases");
  CHECK_ERROR(parse({"--epochs", "0"}), ErrorCode::invalid_argument, "--epochs");
  CHECK_ERROR(parse({"--epochs", "21"}), ErrorCode::invalid_argument, "--epochs");
  CHECK_ERROR(parse({"--epochs", "3x"}), ErrorCode::invalid_argument, "--epochs");
  CHECK_ERROR(parse({"--max-bytes", "-1"}), ErrorCode::invalid_argument, "--max-bytes");
  CHECK_ERROR(parse({"--colour", "blue"}), ErrorCode::invalid_argument, "--colour");
  CHECK_ERROR(parse({"--colours", "red,"}), ErrorCode::invalid_argument, "--colours");
}

TEST_CASE("The help names every option, its meaning and its default") {
  Settings settings;
  const std::string help = arguments_of(settings).help("measure");
  for (const char* part :
       {"usage: measure --cases FOLDER", "[--text NAME ...]", "Measures something.",
        "--epochs N: rounds; 10 if not given", "red|green: of the plot; red if not given",
        "--colours LIST: names, with commas between them, of: red, green; all if not given"})
    CHECK(help.find(part) != std::string::npos);
  for (std::size_t begin = 0; begin < help.size(); begin = help.find('\n', begin) + 1)
    CHECK(help.find('\n', begin) - begin <= 100);
}

TEST_CASE("A program runs where its command line is right, and its failure is told") {
  int calls = 0;
  CHECK(run({"--cases", "folder"}, calls) == 0);
  CHECK(calls == 1);
  CHECK(run({"--cases", "folder", "--help"}, calls) == 0);
  CHECK(run({}, calls) == 2);
  CHECK(calls == 1);
  Settings settings;
  std::string name = "measure", option = "--cases", value = "folder";
  std::vector<char*> argv = {name.data(), option.data(), value.data()};
  CHECK(arguments_of(settings).run(3, argv.data(), [] { throw std::runtime_error("no"); }) == 1);
}
