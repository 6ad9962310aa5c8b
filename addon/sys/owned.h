// A C library's object that belongs to somebody: released once, by its owner. (std::unique_ptr needs <memory>, which brings
// streams, locales and threads with it: the C library of the standalone executable is not the one those were made for.)
#pragma once

#include <utility>

namespace pocker::sys {

template <class T, auto release> class Owned {
public:
  Owned() = default;
  explicit Owned(T *object) : object_(object) {}
  Owned(Owned &&other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Owned(const Owned &) = delete;
  Owned &operator=(const Owned &) = delete;
  Owned &operator=(Owned &&) = delete;
  ~Owned() {
    if (object_ != nullptr) static_cast<void>(release(object_));
  }

  [[nodiscard]] T *get() const { return object_; }
  [[nodiscard]] explicit operator bool() const { return object_ != nullptr; }

private:
  T *object_ = nullptr;
};

} // namespace pocker::sys
