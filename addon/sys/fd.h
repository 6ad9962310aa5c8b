// A file descriptor with an owner, who closes it exactly once.
#pragma once

#include "syscall.h"

namespace pocker::sys {

class UniqueFd {
public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  /// From a call that returns a descriptor; empty if it failed.
  explicit UniqueFd(Result result) : fd_(result.ok() ? result.fd() : -1) {}
  UniqueFd(UniqueFd &&other) noexcept : fd_(other.release()) {}
  UniqueFd &operator=(UniqueFd &&other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd &) = delete;
  UniqueFd &operator=(const UniqueFd &) = delete;
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  int release() {
    int fd = fd_;
    fd_ = -1;
    return fd;
  }
  /// close(2) reports nothing here that anybody could act on.
  void reset(int fd = -1) {
    if (fd_ >= 0) static_cast<void>(call(__NR_close, fd_).ok());
    fd_ = fd;
  }

private:
  int fd_ = -1;
};

} // namespace pocker::sys
