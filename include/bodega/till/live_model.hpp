// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/hybrid/any_scorer.hpp>

namespace bodega::inline BODEGA_ABI {

/// What learns at the till, and can be kept in a file meanwhile.
template <class M>
concept LiveScorer = Scorer<M> && Listener<M> && Bundled<M>;

/// A scorer that learns at the till, its type left behind: a till's state owns copies of what its
/// bundle holds. The model's type may also have
///
///   void close_day(Day)           the business day is over
///   Day day() const               the last day that it has heard of; 1970-01-01: of none
///   void grow(std::size_t items)  the catalogue has items more at its end; a model that cannot
///                                 grow goes on to speak for those that it knows
///
/// Thread safety: const calls from many threads; a change excludes all others.
class LiveModel {
 public:
  /// None.
  LiveModel() noexcept = default;
  /// Owns the model.
  template <LiveScorer M>
  explicit LiveModel(M model) : model_(new M(std::move(model)), Delete{&calls_of<M>}) {}

  /// Copies own copies of the model.
  LiveModel(const LiveModel& other)
      : model_(other ? other.calls().clone(other.model_.get()) : nullptr,
               Delete{other.model_.get_deleter()}) {}
  LiveModel(LiveModel&&) noexcept = default;
  LiveModel& operator=(LiveModel&&) noexcept = default;
  /// Of one of the same type the model is assigned in place, so that a `scorer()` of before speaks
  /// for what it is now. An exception may leave it half assigned, if the model's type may.
  LiveModel& operator=(const LiveModel& other) {
    if (*this && model_.get_deleter().calls == other.model_.get_deleter().calls)
      calls().assign(model_.get(), other.model_.get());
    else
      *this = LiveModel(other);
    return *this;
  }
  ~LiveModel() = default;

  /// Whether there is a model. All but copying has the precondition that there is.
  explicit operator bool() const noexcept { return model_ != nullptr; }
  std::size_t items() const noexcept { return calls().items(model_.get()); }

  /// Learns a receipt that was paid. Lines of items that it does not know are left out.
  void observe(const Receipt& receipt) { calls().observe(model_.get(), receipt); }
  /// The business day is over; nothing where the model does not listen to that.
  void close_day(Day day) { calls().close_day(model_.get(), day); }
  /// The catalogue has so many items now; nothing where the model cannot grow.
  void grow(std::size_t items) {
    if (*this && items > this->items()) calls().grow(model_.get(), items);
  }
  /// Returns the last day that it has heard of; nothing where it does not say.
  std::optional<Day> last_day() const noexcept { return calls().last_day(model_.get()); }

  /// Refers to the model: valid until this object is destroyed, moved from or assigned a model of
  /// another type.
  AnyScorer scorer() const noexcept { return calls().scorer(model_.get()); }

  /// Adds the model to a bundle. Errors: those of `Bundle::add`.
  void save(Bundle& bundle, std::string name) const {
    calls().save(model_.get(), bundle, std::move(name));
  }
  /// Returns the bundle's model of that name; it must be of this one's type. Errors: those of
  /// `Bundle::get`.
  LiveModel read(const Bundle& bundle, std::string_view name) const {
    return calls().read(bundle, name);
  }

 private:
  struct Calls {
    void* (*clone)(const void*);
    void (*assign)(void*, const void*);
    void (*destroy)(void*) noexcept;
    std::size_t (*items)(const void*) noexcept;
    void (*observe)(void*, const Receipt&);
    void (*close_day)(void*, Day);
    void (*grow)(void*, std::size_t);
    std::optional<Day> (*last_day)(const void*) noexcept;
    AnyScorer (*scorer)(const void*) noexcept;
    void (*save)(const void*, Bundle&, std::string);
    LiveModel (*read)(const Bundle&, std::string_view);
  };
  struct Delete {
    const Calls* calls = nullptr;
    void operator()(void* model) const noexcept { calls->destroy(model); }
  };
  const Calls& calls() const noexcept { return *model_.get_deleter().calls; }

  template <class M>
  static M& of(void* model) noexcept {
    return *static_cast<M*>(model);
  }
  template <class M>
  static const M& of(const void* model) noexcept {
    return *static_cast<const M*>(model);
  }
  template <class M>
  static constexpr Calls calls_of = {
      [](const void* model) -> void* { return new M(of<M>(model)); },
      [](void* model, const void* other) { of<M>(model) = of<M>(other); },
      [](void* model) noexcept { delete static_cast<M*>(model); },
      [](const void* model) noexcept { return static_cast<std::size_t>(of<M>(model).items()); },
      [](void* model, const Receipt& receipt) { of<M>(model).observe(receipt); },
      []([[maybe_unused]] void* model, [[maybe_unused]] Day day) {
        if constexpr (requires(M & m) { m.close_day(day); }) of<M>(model).close_day(day);
      },
      []([[maybe_unused]] void* model, [[maybe_unused]] std::size_t items) {
        if constexpr (requires(M & m) { m.grow(items); }) of<M>(model).grow(items);
      },
      []([[maybe_unused]] const void* model) noexcept -> std::optional<Day> {
        if constexpr (requires(const M& m) { Day(m.day()); })
          if (const Day day = of<M>(model).day(); day > Day()) return day;
        return std::nullopt;
      },
      [](const void* model) noexcept { return AnyScorer::refer_to(of<M>(model)); },
      [](const void* model, Bundle& bundle, std::string name) {
        bundle.add(std::move(name), of<M>(model));
      },
      [](const Bundle& bundle, std::string_view name) { return LiveModel(bundle.get<M>(name)); }};

  std::unique_ptr<void, Delete> model_{nullptr, Delete{}};
};

}  // namespace bodega::inline BODEGA_ABI
