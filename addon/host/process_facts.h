// Plain properties of the Host object.
#pragma once

#include "value.h"

namespace pocker::host {

/// { args (without the program's name), pid, euid, egid }
Object process_facts(int count, char **arguments);

} // namespace pocker::host
