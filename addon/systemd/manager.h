// A connection to systemd's manager object, and the calls made on it.
#pragma once

#include <systemd/sd-bus.h>

#include <cstdint>
#include <string>

#include "request.h"

namespace pocker::systemd {

/// Why a call failed: the D-Bus error name and its text. No name: it did not fail.
struct Trouble {
  std::string name, text;
  [[nodiscard]] bool happened() const { return !name.empty(); }
};

class Manager {
public:
  Manager() = default;
  ~Manager() { sd_bus_flush_close_unref(bus_); }
  Manager(const Manager &) = delete;
  Manager &operator=(const Manager &) = delete;

  /// `kind`: "private" is the manager's own socket, without a bus in between.
  [[nodiscard]] Trouble connect(std::string_view kind, const char *address);
  [[nodiscard]] bool connected() const { return bus_ != nullptr; }

  [[nodiscard]] Trouble start(const char *unit, Words &words);
  [[nodiscard]] Trouble set(const char *unit, Words &words);
  [[nodiscard]] Trouble stop(const char *unit);
  [[nodiscard]] Trouble reset(const char *unit);
  [[nodiscard]] Trouble attach(const char *unit, const char *cgroup, std::uint32_t pid);

private:
  [[nodiscard]] int new_call(sd_bus_message *&call, const char *method) const;
  [[nodiscard]] int append_properties(sd_bus_message *call, Words &words);
  [[nodiscard]] int append_property(sd_bus_message *call, Words &words);
  [[nodiscard]] Trouble run_job(sd_bus_message *call);
  [[nodiscard]] unsigned long version();

  sd_bus *bus_ = nullptr;
  unsigned long version_ = 0;
};

} // namespace pocker::systemd
