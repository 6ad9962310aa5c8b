// A C library object with an owner, who releases it exactly once. (std::unique_ptr needs <memory>, which pulls in streams,
// locales and threads; these were not built for the standalone executable's C library.)
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
