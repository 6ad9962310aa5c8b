// What src/cgroup/systemd.ts asks for: a list of words, each terminated by a NUL, on standard input.
//
//   address private|bus ADDRESS       where the manager may listen; the first that answers is used
//   start UNIT COUNT PROPERTY…        StartTransientUnit, and wait for its job
//   set UNIT COUNT PROPERTY…          SetUnitProperties, until the next boot
//   stop UNIT                         StopUnit, and wait for its job
//   reset UNIT                        ResetFailedUnit
//   attach UNIT CGROUP PID            AttachProcessesToUnit, to its cgroup ("") or to one below it
//
// PROPERTY: NAME SINCE SIGNATURE WORD…. The words are those of busctl(1): an array begins with its length, a variant with its
// signature. Managers older than version SINCE (0: any) do not get the property.
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
  /// The next word; past the last one "", which is recorded.
  [[nodiscard]] const char *take();
  [[nodiscard]] unsigned long take_count();
  /// Whether more words were taken than there were.
  [[nodiscard]] bool exhausted() const { return exhausted_; }

private:
  std::vector<const char *> words_;
  std::size_t next_ = 0;
  bool exhausted_ = false;
};

} // namespace pocker::systemd
