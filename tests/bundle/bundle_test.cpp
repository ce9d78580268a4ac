// SPDX-License-Identifier: MIT
#include <bodega/bundle/bundle.hpp>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/wait.h>
#endif

#include <nlohmann/json.hpp>

#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/core/options_record.hpp>
#include <bodega/core/random.hpp>

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "contract/failing_allocations.hpp"
#include "toy_models.hpp"
#include "toy_options.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

using SmallNet = ToyNet<16, QuantizedMatrix>;
using SmallItems = ToyItems<QuantizedCsrMatrix>;

Bundle example() {
  Bundle bundle;
  bundle.add("net", quantize(prune(toy_net<16>())));
  bundle.add("items", quantize(toy_items()));
  bundle.add("table", toy_table());
  return bundle;
}

/// What `parse` says of these bytes; "" where it accepts them.
std::string complaint(std::span<const std::byte> file) {
  try {
    Bundle::parse(file, "shop.bodega");
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

TEST_CASE("models come back bit for bit, from memory and from a file") {
  const TemporaryFolder folder;
  const Bundle bundle = example();
  bundle.save(folder / "shop.bodega");
  for (const Bundle& from :
       {bundle, Bundle::parse(bundle.serialize()), Bundle::open(folder / "shop.bodega")}) {
    CHECK(from.get<SmallNet>("net") == quantize(prune(toy_net<16>())));
    const auto items = from.get<SmallItems>("items");
    CHECK(items.weights == quantize(toy_items()).weights);
    CHECK(items.restored_rows == 12);
    CHECK(from.get<ToyTable>("table") == toy_table());
    CHECK(from.names() == std::vector<std::string>{"items", "net", "table"});
    CHECK(from.kind("net") == "toy_net");
  }
}

TEST_CASE("equal content gives equal bytes, in whatever order it was added") {
  Bundle other;
  other.add("table", toy_table());
  other.add("items", quantize(toy_items()));
  other.add("net", quantize(prune(toy_net<16>())));
  const auto file = example().serialize();
  CHECK(other.serialize() == file);
  CHECK(Bundle::parse(file).serialize() == file);
}

TEST_CASE("the file holds the bytes that the size report counts, and a header") {
  const auto small = quantize(toy_net<64>());
  Bundle bundle;
  bundle.add("net", small);
  const auto file = bundle.serialize();
  CHECK(file.size() == 8 + safetensors_header_size(file, "file") + size_report(small).bytes);
}

TEST_CASE("a file is safetensors to an independent parser") {
  const auto file = example().serialize();
  std::uint64_t size = 0;
  std::memcpy(&size, file.data(), 8);
  const auto header =
      nlohmann::json::parse(std::string(reinterpret_cast<const char*>(file.data()) + 8, size));
  std::set<std::pair<std::size_t, std::size_t>> ranges;
  for (const auto& [tensor, info] : header.items()) {
    if (tensor == "__metadata__") {
      for (const auto& [key, value] : info.items()) CHECK(value.is_string());
      CHECK(info["bodega.format"] == "1");
      CHECK(info["bodega.model.net"] == "toy_net(input:int8 recurrent:int8 bias:F32 scale:F32)");
      continue;
    }
    const std::size_t begin = info["data_offsets"][0], end = info["data_offsets"][1];
    std::size_t elements = 1;
    for (const std::size_t side : info["shape"]) elements *= side;
    CHECK(elements * size_of(*parse_dtype(info["dtype"].get<std::string>())) == end - begin);
    ranges.emplace(begin, end);
  }
  std::size_t next = 0;
  for (const auto& [begin, end] : ranges) {
    CHECK(begin == next);
    next = end;
  }
  CHECK(8 + size + next == file.size());
}

#if BODEGA_POSIX_FILES
TEST_CASE("the public safetensors package reads the same tensors") {
  const TemporaryFolder folder;
  const Bundle bundle = example();
  bundle.save(folder / "shop.bodega");
  std::string expected;
  for (const std::string& model : bundle.names())
    expected += model + " " + std::string(bundle.signature(model)) + "\n";
  for (const StoredTensor& tensor : bundle.tensors()) {
    std::string shape;
    for (const std::size_t side : tensor.shape)
      shape += (shape.empty() ? "" : "x") + std::to_string(side);
    expected += tensor.name + " " + std::string(name(tensor.dtype)) + " [" + shape + "] " +
                hex8(crc32(tensor.bytes)) + "\n";
  }
  const char* const python = std::getenv("BODEGA_TEST_PYTHON");  // else the one in the path
  const auto script = std::filesystem::path(BODEGA_TESTS) / "bundle/check_safetensors.py";
  const std::string command = std::string(python ? python : "python3") + " '" + script.string() +
                              "' '" + (folder / "shop.bodega") + "'";
  std::FILE* const process = popen(command.c_str(), "r");
  REQUIRE(process != nullptr);
  std::string printed;
  for (int c; (c = std::fgetc(process)) != EOF;) printed += static_cast<char>(c);
  const int status = pclose(process);
  if (WIFEXITED(status) && (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127)) {
    WARN("skipped: python3 has no package safetensors (pip install safetensors numpy)");
    return;
  }
  CHECK(status == 0);
  CHECK(printed == expected);
}
#endif

TEST_CASE("any changed bit is found and named") {
  const auto good = example().serialize();
  REQUIRE(complaint(good) == "");
  const std::size_t data = 8 + safetensors_header_size(good, "file");
  for (std::size_t at = 0; at < good.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      auto file = good;
      file[at] ^= static_cast<std::byte>(1 << bit);
      const std::string said = complaint(file);
      const std::string place = at < data ? "shop.bodega, header" : "shop.bodega, tensor ";
      if (said.find(place) == std::string::npos) {
        CAPTURE(at, bit, said);
        FAIL_CHECK("not found, or in the wrong place");
      }
    }
}

TEST_CASE("a file cut short anywhere, or with bytes appended, is found") {
  const auto good = example().serialize();
  for (std::size_t size = 0; size < good.size(); ++size) {
    if (complaint(std::span(good).first(size)).find("shop.bodega") == std::string::npos) {
      CAPTURE(size);
      FAIL_CHECK("not found");
    }
  }
  for (const std::size_t more : {1, 8, 1000}) {
    auto file = good;
    file.resize(good.size() + more);
    CHECK(complaint(file).find("shop.bodega") == 0);
  }
}

TEST_CASE("foreign files are told from broken ones") {
  const auto plain = write_safetensors(
      {{"format", "pt"}},
      std::vector<StoredTensor>{{"weight", DType::F32, {1}, std::vector<std::byte>(4)}});
  CHECK(complaint(plain).find("a safetensors file that bodega did not write") != std::string::npos);
  CHECK(complaint({}).find("shop.bodega, header") == 0);
  CHECK(complaint(bytes("{\"__metadata__\":{}}")).find("shop.bodega, header") == 0);
  CHECK(complaint(bytes("id,description,price\n1,tea,2.50\n")).find("shop.bodega, header") == 0);
  const CounterRandom random(3);
  for (std::uint64_t size = 0; size < 300; ++size) {
    std::vector<std::byte> noise(size);
    for (std::size_t i = 0; i < size; ++i)
      noise[i] = static_cast<std::byte>(random.below(256, size, i));
    if (const std::uint64_t header = size - 8; size > 8 && size % 2 == 1)
      std::memcpy(noise.data(), &header, 8);  // noise as the header
    CHECK(complaint(noise).find("shop.bodega, header") == 0);
  }
}

TEST_CASE("a file of a later layout says so") {
  auto file = example().serialize();
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  file[text.find("bodega.format\":\"1") + 16] = std::byte{'2'};
  CHECK_ERROR(Bundle::parse(file, "shop.bodega"), ErrorCode::version, "shop.bodega, header");
}

TEST_CASE("a model is read only as what it is") {
  const Bundle bundle = Bundle::parse(example().serialize(), "shop.bodega");
  CHECK(bundle.contains("net"));
  CHECK_FALSE(bundle.contains("absent"));
  CHECK(bundle.holds<SmallNet>("net"));
  CHECK_FALSE(bundle.holds<SmallNet>("absent"));
  CHECK_FALSE(bundle.holds<SmallNet>("items"));
  CHECK_FALSE(bundle.holds<ToyNet<16>>("net"));
  CHECK_ERROR(bundle.get<SmallNet>("absent"), ErrorCode::missing, "shop.bodega, model absent");
  CHECK_ERROR(bundle.get<SmallNet>("items"), ErrorCode::format, "shop.bodega, model items");
  CHECK_ERROR(bundle.get<ToyNet<16>>("net"), ErrorCode::format, "shop.bodega, model net");
  CHECK_ERROR((bundle.get<ToyNet<32, QuantizedMatrix>>("net")), ErrorCode::shape,
              "shop.bodega, model net, columns of input");
  CHECK_ERROR(bundle.kind("absent"), ErrorCode::missing, "shop.bodega, model absent");
}

TEST_CASE("what a bundle refuses to hold leaves it as it was") {
  Bundle bundle = example();
  const auto before = bundle.serialize();
  for (const char* const bad : {"", "a.b", "Net", "n t", "n\"t", "\xC3\xA9"})
    CHECK_ERROR(bundle.add(bad, toy_items()), ErrorCode::invalid_argument, "Bundle::add");
  CHECK_ERROR(bundle.add("net", toy_items()), ErrorCode::duplicate, "Bundle::add");
  auto broken = toy_net<8>();
  broken.input(0, 1) = std::nanf("");
  CHECK_ERROR(bundle.add("broken", broken), ErrorCode::not_finite, "broken, input, number 1");
  CHECK(bundle.serialize() == before);
}

namespace {

/// To be compared by what it writes.
struct Written {
  Bundle bundle;
  bool operator==(const Written& other) const {
    return bundle.serialize() == other.bundle.serialize();
  }
};

}  // namespace

TEST_CASE("a bundle without memory for one more model stays as it was") {
  const auto net = toy_net<8>();
  CHECK(check_failing_allocations(
            Written{example()}, [&](Written& written) { written.bundle.add("a", net); },
            [](const Written& written) {
              CHECK(written.bundle.get<ToyTable>("table") == toy_table());
            }) > 10);
}

TEST_CASE("tensors that lie, in a file whose checksums are right, are refused by the model") {
  // A type of the same signature that does not check itself stands for a writer with a fault.
  SECTION("NaN weights") {
    struct Unchecked : ToyNet<8> {
      void validate(const std::string&) const {}
    };
    Unchecked net;
    static_cast<ToyNet<8>&>(net) = toy_net<8>();
    net.recurrent(0, 2) = INFINITY;
    Bundle bundle;
    bundle.add("net", net);
    CHECK_ERROR(bundle.get<ToyNet<8>>("net"), ErrorCode::not_finite,
                "model net, recurrent, number 2");
  }
  SECTION("sizes that disagree") {
    struct Unchecked : ToyTable {
      void validate(const std::string&) const {}
    };
    Unchecked table;
    table.units.resize(3);
    Bundle bundle;
    bundle.add("table", table);
    CHECK_ERROR(bundle.get<ToyTable>("table"), ErrorCode::shape, "model table, units");
  }
}

TEST_CASE("how a model was trained is told by the file, where it was said") {
  const OptionsRecord record = record_of(BakeOptions{.salt = 0.3, .label = "two\nlines"});
  Bundle bundle;
  bundle.add("net", toy_net<16>(), record);
  bundle.add("table", toy_table());
  CHECK(bundle.options("net") == record);

  const Bundle read = Bundle::parse(bundle.serialize());
  CHECK(read.options("net") == record);
  CHECK(options_of<BakeOptions>(read.options("net")).label == "two\nlines");
  CHECK(read.options("table").empty());
  CHECK(read.serialize() == bundle.serialize());
  CHECK_ERROR(read.options("bread"), ErrorCode::missing, "bread");
  CHECK(read.get<ToyNet<16>>("net") == toy_net<16>());
}

TEST_CASE("a save that fails leaves the old file whole") {
  const TemporaryFolder folder;
  const std::string path = folder / "shop.bodega";
  example().save(path);
  CHECK_ERROR(example().save(folder / "absent/shop.bodega"), ErrorCode::io, "absent/shop.bodega");
  CHECK_ERROR(Bundle::open(folder / "absent.bodega"), ErrorCode::io, "absent.bodega");
  std::filesystem::create_directory(folder / "folder.bodega");
  CHECK_ERROR(example().save(folder / "folder.bodega"), ErrorCode::io, "folder.bodega");
  CHECK(Bundle::open(path).names().size() == 3);
  CHECK(folder.files() == 2);  // no temporary file is left
}

TEST_CASE("an empty bundle is a file too") {
  CHECK(Bundle::parse(Bundle().serialize()).names().empty());
}

static_assert(Bundled<SmallNet> && !Bundled<ToyTable::Options> && !Bundled<int>);
