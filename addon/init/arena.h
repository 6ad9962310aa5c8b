// Memory for what must outlive a step: handed out, never given back; the process becomes another program soon.
#pragma once

#include <cstddef>
#include <string_view>

namespace pocker::init {

/// Zeroed, aligned to 16; ends the process when the kernel has no memory left.
void *allocate(std::size_t size);

/// The next allocations take no more than that together, and need no system call.
void reserve(std::size_t size);

/// Reports it and ends: of main.cpp, which knows whom to tell.
[[noreturn]] void out_of_memory(int error);

template <class T> T *allocate_array(std::size_t count) { return static_cast<T *>(allocate(count * sizeof(T))); }

/// The parts, one after another, NUL-terminated.
const char *join(std::string_view a, std::string_view b, std::string_view c = {}, std::string_view d = {});

/// In decimal.
const char *decimal(long value);

} // namespace pocker::init
