// The signals that a foreground `run` or `exec` passes on to the container's process.
#pragma once

#include <csignal>

#include "../../sys/fd.h"

namespace pocker::host {

/// struct sigaction of rt_sigaction(2). musl's sigaction(3) refuses 34, a signal like any other to the kernel and to glibc.
struct KernelAction {
  void (*handler)(int) = nullptr;
  unsigned long flags = 0;
  void (*restorer)() = nullptr;
  unsigned long mask = 0;
};

/// During its lifetime, signals come through a pipe, one byte each. Only one of these may exist at a time.
class Signals {
public:
  Signals();
  ~Signals();
  Signals(const Signals &) = delete;
  Signals &operator=(const Signals &) = delete;

  /// From now on SIGCHLD comes too, and signals interrupt blocking calls of this process.
  void attend();
  /// 0, or why there is no pipe.
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] int fd() const { return in_.get(); }
  /// The next signal that arrived; 0: none.
  [[nodiscard]] int take() const;

private:
  static constexpr int last = 64;
  sys::UniqueFd in_, out_;
  int error_ = 0;
  bool attends_ = false;
  /// The handler with libc's way back from it.
  KernelAction handler_;
  KernelAction before_[last + 1] = {};
  unsigned long mask_before_ = 0;
};

} // namespace pocker::host
