// For walks through trees of others, which may be deep: each level keeps a few descriptors open, and some of the stack.
#pragma once

#include <cstddef>
#include <sys/resource.h>

namespace pocker::host {

constexpr std::size_t deepest = 4000;

/// As many descriptors as we may have, for deep trees; as before at the end.
class MoreDescriptors {
public:
  MoreDescriptors() {
    if (getrlimit(RLIMIT_NOFILE, &before_) != 0) return;
    rlimit more = before_;
    more.rlim_cur = more.rlim_max;
    changed_ = setrlimit(RLIMIT_NOFILE, &more) == 0;
  }
  ~MoreDescriptors() {
    if (changed_) setrlimit(RLIMIT_NOFILE, &before_);
  }
  MoreDescriptors(const MoreDescriptors &) = delete;
  MoreDescriptors &operator=(const MoreDescriptors &) = delete;

private:
  rlimit before_{};
  bool changed_ = false;
};

} // namespace pocker::host
