// Waits with poll(2) for as long as requested, whatever signals arrive meanwhile.
#pragma once

#include <cerrno>
#include <climits>
#include <cmath>
#include <ctime>
#include <poll.h>
#include <span>

namespace pocker::host {

/// Milliseconds of a clock that nobody can set.
inline double monotonic_ms() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1000 + static_cast<double>(time.tv_nsec) / 1e6;
}

class Deadline {
public:
  /// In that many milliseconds; negative: never.
  explicit Deadline(double ms) : end_(ms < 0 ? HUGE_VAL : monotonic_ms() + ms) {}
  static Deadline never() { return Deadline{-1}; }
  [[nodiscard]] bool passed() const { return monotonic_ms() >= end_; }
  /// As poll(2) takes it, which is at most INT_MAX.
  [[nodiscard]] int left() const {
    if (end_ == HUGE_VAL) return -1;
    double left = std::ceil(end_ - monotonic_ms());
    return left <= 0 ? 0 : left >= INT_MAX ? INT_MAX : static_cast<int>(left);
  }

private:
  double end_;
};

/// The number of ready descriptors, 0 if the deadline has passed, or -errno.
inline int poll_until(std::span<pollfd> wanted, const Deadline &deadline) {
  for (;;) {
    int ready = poll(wanted.data(), wanted.size(), deadline.left());
    if (ready > 0) return ready;
    if (ready < 0 && errno != EINTR) return -errno;
    if (deadline.passed()) return 0;
  }
}

} // namespace pocker::host
