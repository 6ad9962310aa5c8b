// What src/cgroup/systemd.ts asks for: a list of words, each ended by a NUL, on standard input.
//
//   address private|bus ADDRESS       where the manager may listen; the first that answers is taken
//   start UNIT COUNT PROPERTY…        StartTransientUnit, and the end of its job
//   set UNIT COUNT PROPERTY…          SetUnitProperties, until the next boot
//   stop UNIT                         StopUnit, and the end of its job
//   reset UNIT                        ResetFailedUnit
//   attach UNIT CGROUP PID            AttachProcessesToUnit, to its cgroup ("") or to one below it
//
// PROPERTY: NAME SINCE SIGNATURE WORD…, the words as busctl(1) takes them: an array has its length first, a variant its
// signature. A manager older than version SINCE (0: any) does not get it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace pocker::systemd {

class Words {
public:
  explicit Words(std::string_view text);

  [[nodiscard]] bool empty() const { return next_ >= words_.size(); }
  /// The next word; "" beyond the last one, which is remembered.
  [[nodiscard]] const char *take();
  [[nodiscard]] unsigned long take_count();
  /// Whether more was taken than there was.
  [[nodiscard]] bool exhausted() const { return exhausted_; }

private:
  std::vector<const char *> words_;
  std::size_t next_ = 0;
  bool exhausted_ = false;
};

} // namespace pocker::systemd
