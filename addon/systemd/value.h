// D-Bus values from words.
#pragma once

#include <systemd/sd-bus.h>

#include "request.h"

namespace pocker::systemd {

/// Appends values of all types in `signature`; 0 or -errno.
[[nodiscard]] int append_values(sd_bus_message *message, const char *signature, Words &words);

/// Reads and discards them.
[[nodiscard]] int skip_values(const char *signature, Words &words);

} // namespace pocker::systemd
