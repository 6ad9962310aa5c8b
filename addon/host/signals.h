// The signals that a foreground `run` or `exec` passes on to the container's process.
#pragma once

#include <csignal>

#include "../sys/fd.h"

namespace pocker::host {

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
  sys::UniqueFd in_, out_;
  int error_ = 0;
  bool attends_ = false;
  struct sigaction before_[NSIG] = {};
  sigset_t mask_before_{};
};

} // namespace pocker::host
