// The signals that `run` and `exec` in the foreground hand on to the container's process.
#pragma once

#include <csignal>

#include "../sys/fd.h"

namespace pocker::host {

/// For as long as it lives they come through a pipe, one byte each. Only one of these at a time.
class Signals {
public:
  Signals();
  ~Signals();
  Signals(const Signals &) = delete;
  Signals &operator=(const Signals &) = delete;

  /// From now on SIGCHLD comes, too, and a signal interrupts what this process waits in.
  void attend();
  /// 0, or why there is no pipe.
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] int fd() const { return in_.get(); }
  /// The next one that came; 0: none.
  [[nodiscard]] int take() const;

private:
  sys::UniqueFd in_, out_;
  int error_ = 0;
  bool attends_ = false;
  struct sigaction before_[NSIG] = {};
  sigset_t mask_before_{};
};

} // namespace pocker::host
