// What is in a directory.
#pragma once

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <vector>

#include "../sys/owned.h"
#include "call_error.h"

namespace pocker::host {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// All names first: the directory is changed while they are looked at.
inline CallError read_names(int fd, std::vector<std::string> &names) {
  int copy = openat(fd, ".", directory_flags);
  if (copy < 0) return failed("open");
  sys::Owned<DIR, closedir> directory{fdopendir(copy)};
  if (!directory) return failed("opendir");
  for (;;) {
    errno = 0;
    const dirent *entry = readdir(directory.get());
    if (entry == nullptr) return failed("readdir");
    std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
}

} // namespace pocker::host
