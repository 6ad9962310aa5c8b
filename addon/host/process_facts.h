// What the Host object has as plain properties.
#pragma once

#include "value.h"

namespace pocker::host {

/// { args (without the program's name), pid, euid, egid }
Object process_facts(int count, char **arguments);

} // namespace pocker::host
