// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/bundle/earlier_form.hpp>
#include <bodega/bundle/signature.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/recorded_option.hpp>
#include <bodega/tensor/coding/decoding.hpp>
#include <bodega/tensor/coding/encoding.hpp>
#include <bodega/tensor/coding/stored_tensor.hpp>
#include <bodega/tensor/parameters.hpp>

#if BODEGA_BODIES
#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>

#include <bodega/bundle/atomic_file.hpp>
#include <bodega/bundle/checksum.hpp>
#include <bodega/bundle/merge_by_name.hpp>
#include <bodega/bundle/safetensors.hpp>
#include <bodega/version.hpp>
#endif

namespace bodega::inline BODEGA_ABI {

/// What a file may ask for before a byte of it is believed.
struct BundleLimits {
  std::size_t file_bytes = std::size_t{1} << 30;
  /// Numbers that are stored by codes, as they would lie in memory; 0: 64 MiB and 64 times the
  /// file, and for each model 64 MiB and 64 times what is stored of it. What trainers write takes a
  /// few times the file.
  std::size_t decoded_bytes = 0;
};

/// Models and tables under names, in one file that any safetensors reader opens. Equal content
/// gives equal bytes. The file's `__metadata__` holds, under "bodega.", the version of this layout
/// ("format"), that of the library, the signature of each model ("model.<name>"), how it was
/// trained where that was said ("options.<name>"), a CRC-32 of the header and one of each tensor in
/// file order, so that a changed byte anywhere is found. A const bundle may be read from many
/// threads.
class Bundle {
 public:
  /// Stores the model's tensors as "<name>.<parameter>". `name` is made of a-z, 0-9, _ and -.
  /// `record` says how it was trained (`record_of` of the options); `options` gives it back.
  /// Errors: invalid_argument (the name), duplicate, and what the model's `validate` finds.
  template <Bundled M>
  void add(std::string name, const M& model, OptionsRecord record = {}) {
    if constexpr (Extended<M>)
      if (!model.uses_added())
        return add(std::move(name), EarlierForm<M>{model}, std::move(record));
    require_new(name);
    model.validate("Bundle::add, model " + name);
    std::vector<StoredTensor> encoded;
    encode(model, name, encoded);
    insert({std::move(name), model_signature<M>(), std::move(record)}, std::move(encoded));
  }

  /// Whether the model of that name is of M's kind and formats.
  template <Bundled M>
  bool holds(std::string_view name) const {
    const Model* model = find(name);
    return model != nullptr &&
           (model->signature == model_signature<M>() || holds_earlier<M>(*model));
  }

  /// The model, checked. Errors: missing, format (another kind or format of model), and what is
  /// wrong with its tensors: of a size that M does not take (shape), say.
  template <Bundled M>
  M get(std::string_view name) const {
    const Model& entry = at(name);
    const TensorSource source(tensors_, source_);
    M model;
    if (holds_earlier<M>(entry)) {
      if constexpr (Extended<M>) {
        EarlierForm<M> form;
        decode(form, entry.name, source);
        model = std::move(form.model);
      }
    } else {
      require(entry, model_signature<M>());
      decode(model, entry.name, source);
    }
    model.validate(place_of(name));
    if constexpr (requires { model.restore(); }) model.restore();
    return model;
  }

  /// Whether there is a model of that name.
  bool contains(std::string_view name) const noexcept { return find(name) != nullptr; }

  /// In alphabetical order.
  std::vector<std::string> names() const;

  /// The `kind` of that model. Error (missing).
  std::string_view kind(std::string_view name) const {
    const std::string_view text = signature(name);
    return text.substr(0, text.find('('));
  }

  /// See `model_signature`. Error (missing).
  std::string_view signature(std::string_view name) const { return at(name).signature; }

  /// How the model was trained, as it was added; empty where nothing was said. Error (missing).
  const OptionsRecord& options(std::string_view name) const { return at(name).record; }

  /// Sorted by name.
  std::span<const StoredTensor> tensors() const noexcept { return tensors_; }

  /// The bytes of the file.
  std::vector<std::byte> serialize() const;

  /// Replaces the file whole or not at all (`write_file_atomically`). Error (io).
  void save(const std::string& path) const;

  /// Reads and checks a file. Its size, its first bytes and its header are looked at before the
  /// rest is read, straight into the tensors. Errors name the file and what is wrong in it: io;
  /// out_of_range (beyond the limits); format (not a safetensors file, cut short, or not written by
  /// bodega); version; checksum.
  static Bundle open(const std::string& path, const BundleLimits& limits = {});

  /// As `open`, from bytes in memory; `where` names them in errors.
  static Bundle parse(std::span<const std::byte> file, const std::string& where = "bundle",
                      const BundleLimits& limits = {});

 private:
  struct FileBytes;
  static Bundle read(const FileBytes& file, const std::string& where, const BundleLimits& limits);

  struct Model {
    std::string name, signature;
    OptionsRecord record;
  };

  static constexpr std::size_t most_scaled = static_cast<std::size_t>(-1) / 256;
  static constexpr std::string_view format_version = "1";
  /// How the header of every bundle begins, whatever its format version.
  static constexpr std::string_view magic = "{\"__metadata__\":{\"bodega.format\":\"";
  static constexpr std::string_view before_crc = "\",\"bodega.header_crc32\":\"";
  /// In the file; the eight digits stand there.
  static constexpr std::size_t crc_position =
      8 + magic.size() + format_version.size() + before_crc.size();
  static constexpr std::string_view model_key = "bodega.model.";
  static constexpr std::string_view options_key = "bodega.options.";

  static std::string library_version();

  /// Over the header and its length, with eight zeros for the checksum itself.
  static std::uint32_t header_crc32(std::span<const std::byte> file, std::size_t header_size);

  /// Whether the file is one of before the type got more parameters.
  template <class M>
  static bool holds_earlier(const Model& model) {
    if constexpr (Extended<M>)
      return model.signature == model_signature<EarlierForm<M>>();
    else
      return false;
  }

  const Model* find(std::string_view name) const noexcept;

  // Functions of their own, because every type of model has a call of them.
  const Model& at(std::string_view name) const;
  void require(const Model& model, const std::string& signature) const;
  std::string place_of(std::string_view name) const;
  /// Errors: invalid_argument (the name), duplicate.
  void require_new(const std::string& name) const;
  void insert(Model model, std::vector<StoredTensor> tensors);

  std::vector<Model> models_;          ///< sorted by name
  std::vector<StoredTensor> tensors_;  ///< sorted by name
  std::string source_ = "bundle";      ///< names the file in errors
};

#if BODEGA_BODIES

BODEGA_INLINE std::vector<std::string> Bundle::names() const {
  std::vector<std::string> names;
  for (const Model& model : models_) names.push_back(model.name);
  return names;
}

BODEGA_INLINE std::vector<std::byte> Bundle::serialize() const {
  Metadata metadata = {{"bodega.format", std::string(format_version)},
                       {"bodega.header_crc32", "00000000"},
                       {"bodega.library", library_version()}};
  for (const Model& model : models_)
    metadata.emplace_back(std::string(model_key) + model.name, model.signature);
  for (const Model& model : models_)
    if (!model.record.empty())
      metadata.emplace_back(std::string(options_key) + model.name, record_text(model.record));
  metadata.emplace_back("bodega.tensor_crc32", "");
  for (const StoredTensor* tensor : file_order(tensors_))
    metadata.back().second += hex8(crc32(tensor->bytes));
  std::vector<std::byte> file = write_safetensors(metadata, tensors_);
  const std::string crc = hex8(header_crc32(file, safetensors_header_size(file, source_)));
  std::memcpy(file.data() + crc_position, crc.data(), crc.size());
  return file;
}

BODEGA_INLINE void Bundle::save(const std::string& path) const {
  write_file_atomically(path, serialize());
}

/// Where the bytes of a file come from.
struct Bundle::FileBytes {
  explicit FileBytes(std::size_t bytes) : size(bytes) {}
  /// Fills `to` with the bytes from `offset` on.
  virtual void read(std::size_t offset, std::span<std::byte> to) const = 0;

  std::size_t size;

 protected:
  ~FileBytes() = default;
};

BODEGA_INLINE Bundle Bundle::open(const std::string& path, const BundleLimits& limits) {
  struct OnDisk final : FileBytes {
    explicit OnDisk(const InputFile& input) : FileBytes(input.size()), file(&input) {}
    void read(std::size_t offset, std::span<std::byte> to) const override {
      file->read(offset, to);
    }
    const InputFile* file;
  };
  return read(OnDisk(InputFile(path)), path, limits);
}

BODEGA_INLINE Bundle Bundle::parse(std::span<const std::byte> file, const std::string& where,
                                   const BundleLimits& limits) {
  struct InMemory final : FileBytes {
    explicit InMemory(std::span<const std::byte> bytes) : FileBytes(bytes.size()), file(bytes) {}
    void read(std::size_t offset, std::span<std::byte> to) const override {
      if (!to.empty()) std::memcpy(to.data(), file.data() + offset, to.size());
    }
    std::span<const std::byte> file;
  };
  return read(InMemory(file), where, limits);
}

BODEGA_INLINE Bundle Bundle::read(const FileBytes& file, const std::string& where,
                                  const BundleLimits& limits) {
  const std::size_t size = file.size;
  if (size > limits.file_bytes)
    throw Error(ErrorCode::out_of_range, where,
                "at most " + std::to_string(limits.file_bytes) + " bytes", std::to_string(size));
  std::vector<std::byte> front(std::min<std::size_t>(size, 8 + magic.size()));
  file.read(0, std::span(front));
  const std::size_t header_size = safetensors_header_size(front, size, where);
  front.resize(8 + header_size);
  file.read(0, std::span(front));
  const std::string_view header(reinterpret_cast<const char*>(front.data()) + 8, header_size);
  const auto content_of = [&] {
    return read_safetensors(
        header, size - front.size(), where,
        [&](std::size_t offset, std::span<std::byte> to) { file.read(front.size() + offset, to); });
  };
  if (!header.starts_with(magic) || header_size < crc_position) {
    content_of();  // says where it is not even that
    throw Error(ErrorCode::format, where + ", header", "a bodega bundle",
                "a safetensors file that bodega did not write");
  }
  const std::string_view version = header.substr(magic.size(), format_version.size() + 1);
  if (version != std::string(format_version) + "\"")
    throw Error(ErrorCode::version, where + ", header",
                "bundle format " + std::string(format_version),
                std::string(version.substr(0, version.find('"'))));
  if (header.substr(crc_position - 8, 8) != hex8(header_crc32(front, header_size)))
    throw Error(ErrorCode::checksum, where + ", header", "the header as it was written",
                "changed bytes");
  Safetensors content = content_of();
  Bundle bundle;
  bundle.source_ = where;
  std::string_view crcs;
  std::vector<std::pair<std::string, OptionsRecord>> records;
  for (auto& [key, value] : content.metadata) {
    if (key.starts_with(model_key))
      bundle.models_.push_back({key.substr(model_key.size()), detail::without_sizes(value), {}});
    else if (key.starts_with(options_key))
      records.emplace_back(key.substr(options_key.size()), parse_record(value));
    else if (key == "bodega.tensor_crc32")
      crcs = value;
  }
  if (crcs.size() != 8 * content.tensors.size())
    throw Error(ErrorCode::format, where + ", header",
                "a checksum for each of " + std::to_string(content.tensors.size()) + " tensors",
                std::to_string(crcs.size() / 8));
  for (std::size_t i = 0; i < content.tensors.size(); ++i)
    if (crcs.substr(8 * i, 8) != hex8(crc32(content.tensors[i].bytes)))
      throw Error(ErrorCode::checksum, where + ", tensor " + content.tensors[i].name,
                  "the tensor as it was written", "changed bytes");
  bundle.tensors_ = std::move(content.tensors);
  detail::sort_by_name(bundle.tensors_);
  detail::sort_by_name(bundle.models_);
  for (auto& [name, record] : records)
    if (const auto model = std::lower_bound(
            bundle.models_.begin(), bundle.models_.end(), name,
            [](const Model& one, const std::string& wanted) { return one.name < wanted; });
        model != bundle.models_.end() && model->name == name)
      model->record = std::move(record);
  const std::size_t most = limits.decoded_bytes > 0
                               ? limits.decoded_bytes
                               : (std::size_t{64} << 20) + 64 * std::min(size, most_scaled);
  std::size_t of_file = 0, of_model = 0, most_of_model = most;
  std::string_view model;  // whose tensors stand side by side
  for (const StoredTensor& tensor : bundle.tensors_) {
    const std::string_view name = tensor.name, prefix = name.substr(0, name.find('.') + 1);
    if (limits.decoded_bytes == 0 && (model.empty() || prefix != model)) {
      // A large file does not make room for what a small model's codes stand for.
      model = prefix;
      of_model = 0;
      std::size_t stored = 0;
      for (const StoredTensor* one = &tensor;
           one != bundle.tensors_.data() + bundle.tensors_.size() && one->name.starts_with(prefix);
           ++one)
        stored += one->bytes.size();
      most_of_model = (std::size_t{64} << 20) + 64 * std::min(stored, most_scaled);
    }
    const std::size_t bytes = decoded_bytes(tensor);
    for (const auto& [sum, at_most, behind] :
         {std::tuple(&of_file, most, "file"), std::tuple(&of_model, most_of_model, "model")}) {
      if (bytes > at_most - *sum)
        throw Error(ErrorCode::out_of_range, where + ", tensor " + tensor.name,
                    "at most " + std::to_string(at_most) + " bytes of numbers behind the " +
                        behind + "'s codes",
                    std::to_string(*sum) + " and " + std::to_string(bytes));
      *sum += bytes;
    }
  }
  return bundle;
}

BODEGA_INLINE std::string Bundle::library_version() {
  return std::to_string(BODEGA_VERSION_MAJOR) + "." + std::to_string(BODEGA_VERSION_MINOR) + "." +
         std::to_string(BODEGA_VERSION_PATCH);
}

BODEGA_INLINE std::uint32_t Bundle::header_crc32(std::span<const std::byte> file,
                                                 std::size_t header_size) {
  constexpr std::string_view zeros = "00000000";
  const std::uint32_t before = crc32(file.first(crc_position));
  const std::uint32_t with_zeros = crc32(std::as_bytes(std::span(zeros)), before);
  return crc32(file.subspan(crc_position + 8, 8 + header_size - crc_position - 8), with_zeros);
}

BODEGA_INLINE const Bundle::Model* Bundle::find(std::string_view name) const noexcept {
  const auto at = std::find_if(models_.begin(), models_.end(),
                               [&](const Model& model) { return model.name == name; });
  return at == models_.end() ? nullptr : &*at;
}

[[gnu::noinline]] BODEGA_INLINE const Bundle::Model& Bundle::at(std::string_view name) const {
  if (const Model* entry = find(name)) return *entry;
  throw Error(ErrorCode::missing, place_of(name), "a model of that name", "none");
}

[[gnu::noinline]] BODEGA_INLINE void Bundle::require(const Model& model,
                                                     const std::string& signature) const {
  if (model.signature != signature)
    throw Error(ErrorCode::format, place_of(model.name), signature, model.signature);
}

[[gnu::noinline]] BODEGA_INLINE std::string Bundle::place_of(std::string_view name) const {
  return source_ + ", model " + std::string(name);
}

BODEGA_INLINE void Bundle::require_new(const std::string& name) const {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  if (name.empty() || name.find_first_not_of(allowed) != std::string::npos)
    throw Error(ErrorCode::invalid_argument, "Bundle::add", "a name of a-z, 0-9, _ and -",
                "\"" + name + "\"");
  if (find(name) != nullptr)
    throw Error(ErrorCode::duplicate, "Bundle::add", "one model \"" + name + "\"", "two");
}

BODEGA_INLINE void Bundle::insert(Model model, std::vector<StoredTensor> tensors) {
  std::vector<Model> entry;
  entry.push_back(std::move(model));
  detail::MergeByName<StoredTensor> all_tensors(tensors_, tensors);
  detail::MergeByName<Model> all_models(models_, entry);
  all_tensors.commit();
  all_models.commit();
}

#endif

}  // namespace bodega::inline BODEGA_ABI
