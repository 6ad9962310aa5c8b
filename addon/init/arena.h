// Memory for what must outlive a step: handed out, never given back, since the process soon becomes another program.
#pragma once

#include <cstddef>
#include <string_view>

namespace pocker::init {

/// Zeroed, aligned to 16; ends the process if the kernel has no memory left.
void *allocate(std::size_t size);

/// The next allocations need no system call if they take no more than that together.
void reserve(std::size_t size);

/// Reports it and ends the process. Defined in main.cpp, which knows whom to tell.
[[noreturn]] void out_of_memory(int error);

template <class T> T *allocate_array(std::size_t count) { return static_cast<T *>(allocate(count * sizeof(T))); }

/// Copies `part` to `end`, and returns the new end.
char *append(char *end, std::string_view part);

/// The concatenated parts, NUL-terminated.
const char *join(std::string_view a, std::string_view b, std::string_view c = {}, std::string_view d = {});

/// In decimal.
const char *decimal(long value);

} // namespace pocker::init
