// What src/api needs of the operating system beyond what Node has: the fork server's socket, and descriptors to pass. None of it
// blocks, and none of it touches what belongs to the program: its signals, its children, its working directory.
#pragma once

#include "../host/signature.h"

namespace pocker::client {

std::span<const host::Function> functions();

} // namespace pocker::client
