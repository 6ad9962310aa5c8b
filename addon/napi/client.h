// What src/api needs from the operating system beyond Node: the fork server's socket, and passing descriptors. None of it blocks,
// and none of it touches the program's signals, children or working directory.
#pragma once

#include "../host/signature.h"

namespace pocker::client {

std::span<const host::Function> functions();

} // namespace pocker::client
