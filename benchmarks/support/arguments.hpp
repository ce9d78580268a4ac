// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>

#include "support/text.hpp"

/// The command line of all programs under benchmarks/.
///
///   Settings settings;
///   Arguments arguments("Trains a forecaster and scores it.");
///   arguments.need("--cases", "FOLDER", "made by make_demand.py", settings.cases);
///   arguments.number("--epochs", "N", "rounds of training", settings.epochs, 1, 1000);
///   return arguments.run(argc, argv, [&] { train(settings); });
namespace bodega_benchmark {

/// Options of a program, each bound to the variable it sets. What the variable holds before is the
/// default that --help tells. The variables must live as long as this.
class Arguments {
 public:
  static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

  /// `about` says what the program does, for --help.
  explicit Arguments(std::string about) : about_(std::move(about)) {}

  /// An option that must be given: a text or a path.
  template <class T>
  void need(std::string name, std::string value, std::string meaning, T& target) {
    add({std::move(name), std::move(value), std::move(meaning), true, false}, setter(target));
  }

  /// One that may be left out: a text or a path.
  template <class T>
  void take(std::string name, std::string value, std::string meaning, T& target) {
    add({std::move(name), std::move(value), std::move(meaning), false, false}, setter(target));
  }

  /// One that may be given several times, `least` times or more.
  void each(std::string name, std::string value, std::string meaning,
            std::vector<std::string>& target, std::size_t least = 0) {
    add({std::move(name), std::move(value), std::move(meaning), least > 0, true},
        [&target](const std::string& text) { target.push_back(text); });
  }

  /// A whole number from `least` to `most`, into a number or an optional one.
  template <class T>
  void number(std::string name, std::string value, std::string meaning, T& target,
              std::size_t least = 0, std::size_t most = no_limit) {
    if constexpr (!std::is_same_v<T, std::optional<std::size_t>>)
      meaning += "; " + std::to_string(target) + " if not given";
    add({name, std::move(value), std::move(meaning), false, false},
        [&target, name, least, most](const std::string& text) {
          target = static_cast<typename NumberOf<T>::type>(parsed(name, text, least, most));
        });
  }

  /// One of several words, each with what it stands for.
  template <class T>
  void choice(std::string name, std::string meaning, T& target,
              std::vector<std::pair<std::string, T>> words) {
    std::string all;
    for (const auto& [word, stands_for] : words) {
      all.append(all.empty() ? "" : "|").append(word);
      if (stands_for == target) meaning += "; " + word + " if not given";
    }
    const std::string value = all;
    add({name, value, std::move(meaning), false, false},
        [&target, name, all = std::move(all), words = std::move(words)](const std::string& text) {
          target = found(name, all, words, text);
        });
  }

  /// Several words with commas between them, each with what it stands for.
  template <class T>
  void list(std::string name, std::string meaning, std::vector<T>& target,
            std::vector<std::pair<std::string, T>> words) {
    std::string all;
    for (const auto& word : words) all.append(all.empty() ? "" : ", ").append(word.first);
    meaning += ", with commas between them, of: " + all + "; all if not given";
    add({name, "LIST", std::move(meaning), false, false},
        [&target, name, all = std::move(all), words = std::move(words)](const std::string& text) {
          target.clear();
          for (std::size_t begin = 0; begin <= text.size();) {
            const std::size_t end = std::min(text.find(',', begin), text.size());
            target.push_back(found(name, all, words, text.substr(begin, end - begin)));
            begin = end + 1;
          }
        });
  }

  /// Sets the variables.
  /// Throws Error: invalid_argument for an option that is not known, has no value or a wrong one;
  /// duplicate for one given twice; missing for one that is needed and not given.
  void parse(const std::vector<std::string>& words) {
    std::vector<std::size_t> given(options_.size(), 0);
    for (std::size_t i = 0; i < words.size(); i += 2) {
      const auto option = std::find_if(options_.begin(), options_.end(),
                                       [&](const Option& one) { return one.name == words[i]; });
      if (option == options_.end())
        throw bodega::Error(bodega::ErrorCode::invalid_argument, "the command line",
                            "one of " + names(), "'" + words[i] + "'");
      if (i + 1 == words.size())
        throw bodega::Error(bodega::ErrorCode::invalid_argument, option->name,
                            option->value + " after it", "nothing");
      if (given[static_cast<std::size_t>(option - options_.begin())]++ > 0 && !option->repeated)
        throw bodega::Error(bodega::ErrorCode::duplicate, option->name, "it once", "it again");
      option->set(words[i + 1]);
    }
    for (std::size_t o = 0; o < options_.size(); ++o)
      if (options_[o].needed && given[o] == 0)
        throw bodega::Error(bodega::ErrorCode::missing, "the command line",
                            options_[o].name + " " + options_[o].value, "none");
  }

  /// Returns what --help prints.
  std::string help(const std::string& program) const {
    std::string text = wrapped("usage: " + program + usage(), 4) + "\n" + wrapped(about_, 0) + "\n";
    for (const Option& option : options_)
      text += wrapped("  " + option.name + " " + option.value + ": " + option.meaning, 6);
    return text;
  }

  /// The whole of a program's `main`: parses and calls `program()`, or prints the help.
  /// Returns the exit status: 0, 1 for an Error of the program, 2 for a wrong command line.
  template <class Program>
  int run(int argc, char** argv, Program&& program) {
    const std::string name = std::filesystem::path(argv[0]).filename().string();
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (std::find(words.begin(), words.end(), "--help") != words.end()) {
      std::fputs(help(name).c_str(), stdout);
      return 0;
    }
    try {
      parse(words);
    } catch (const bodega::Error& error) {
      std::fprintf(stderr, "%s: %s\n(%s --help tells what may be given)\n", name.c_str(),
                   error.what(), name.c_str());
      return 2;
    }
    try {
      program();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(), error.what());
      return 1;
    }
    return 0;
  }

 private:
  struct Option {
    std::string name, value, meaning;
    bool needed = false, repeated = false;
    std::function<void(const std::string&)> set{};
  };
  template <class T>
  struct NumberOf {
    using type = T;
  };
  template <class T>
  struct NumberOf<std::optional<T>> {
    using type = T;
  };

  void add(Option option, std::function<void(const std::string&)> set) {
    option.set = std::move(set);
    options_.push_back(std::move(option));
  }

  template <class T>
  static std::function<void(const std::string&)> setter(T& target) {
    return [&target](const std::string& text) { target = text; };
  }

  static std::size_t parsed(const std::string& name, const std::string& text, std::size_t least,
                            std::size_t most) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least || number > most)
      throw bodega::Error(bodega::ErrorCode::invalid_argument, name,
                          "a whole number of " + std::to_string(least) +
                              (most == no_limit ? " or more" : " to " + std::to_string(most)),
                          "'" + text + "'");
    return number;
  }

  template <class T>
  static T found(const std::string& name, const std::string& all,
                 const std::vector<std::pair<std::string, T>>& words, const std::string& text) {
    for (const auto& [word, stands_for] : words)
      if (word == text) return stands_for;
    throw bodega::Error(bodega::ErrorCode::invalid_argument, name, all, "'" + text + "'");
  }

  std::string names() const {
    std::string all;
    for (const Option& option : options_) all.append(all.empty() ? "" : ", ").append(option.name);
    return all;
  }

  std::string usage() const {
    std::string text;
    for (const Option& option : options_) {
      const std::string one =
          option.name + " " + option.value + (option.repeated && option.needed ? " ..." : "");
      text += option.needed ? " " + one : " [" + one + (option.repeated ? " ...]" : "]");
    }
    return text;
  }

  std::string about_;
  std::vector<Option> options_;
};

}  // namespace bodega_benchmark
