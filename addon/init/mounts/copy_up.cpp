// tmpcopyup: copies what the image has below a mount point into the tmpfs that will cover it.
#include <fcntl.h>
#include <sys/stat.h>

#include "../arena.h"
#include "mounts.h"
#include "../paths.h"

namespace pocker::init {
namespace {

constexpr int depth_limit = 64;

/// One entry of getdents64(2).
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
  char name[1];
};

Outcome copy_directory(int from, int to, int depth);

Outcome copy_content(int from, int to, const char *name) {
  for (;;) {
    Result sent = call(__NR_sendfile, to, from, nullptr, std::size_t{1} << 30);
    if (!sent.ok()) return check("sendfile", sent, name);
    if (sent.value() == 0) return success();
  }
}

Outcome copy_file(int from, int to, const char *name, const Status &status) {
  Result source = call(__NR_openat, from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (!source.ok()) return check("open", source, name);
  UniqueFd input{source};
  Status opened;
  if (Outcome outcome = inspect(input.get(), opened); !outcome.ok()) return outcome;
  if (opened.kind != Kind::file) return failure("tmpcopyup", EAGAIN, name, "another file has taken its place");
  Result made = call(__NR_openat, to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (!made.ok()) return check("open", made, name);
  UniqueFd output{made};
  if (Outcome outcome = copy_content(input.get(), output.get(), name); !outcome.ok()) return outcome;
  if (Outcome outcome = check("fchown", call(__NR_fchown, output.get(), status.uid, status.gid), name); !outcome.ok())
    return outcome;
  return check("fchmod", call(__NR_fchmod, output.get(), status.mode), name);
}

Outcome copy_symlink(int from, int to, const char *name, const Status &status) {
  char *target = static_cast<char *>(allocate(4097));
  Result length = call(__NR_readlinkat, from, name, target, 4096);
  if (!length.ok()) return check("readlink", length, name);
  if (Outcome outcome = check("symlink", call(__NR_symlinkat, target, to, name), name); !outcome.ok()) return outcome;
  return check("chown", call(__NR_fchownat, to, name, status.uid, status.gid, AT_SYMLINK_NOFOLLOW), name);
}

Outcome copy_subdirectory(int from, int to, const char *name, int depth) {
  Status status;
  Result source = call(__NR_openat, from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (!source.ok()) return check("open", source, name);
  UniqueFd input{source};
  if (Outcome outcome = inspect(input.get(), status); !outcome.ok()) return outcome;
  if (Outcome outcome = check("mkdir", call(__NR_mkdirat, to, name, 0700), name); !outcome.ok()) return outcome;
  Result made = call(__NR_openat, to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (!made.ok()) return check("open", made, name);
  UniqueFd output{made};
  if (Outcome outcome = copy_directory(input.get(), output.get(), depth + 1); !outcome.ok()) return outcome;
  if (Outcome outcome = check("fchown", call(__NR_fchown, output.get(), status.uid, status.gid), name); !outcome.ok())
    return outcome;
  return check("fchmod", call(__NR_fchmod, output.get(), status.mode), name);
}

Outcome copy_entry(int from, int to, const char *name, int depth) {
  Status status;
  if (Outcome outcome = inspect_at(from, name, status); !outcome.ok()) return outcome;
  switch (status.kind) {
  case Kind::file: return copy_file(from, to, name, status);
  case Kind::symlink: return copy_symlink(from, to, name, status);
  case Kind::directory: return copy_subdirectory(from, to, name, depth);
  default: return success(); // devices, FIFOs and sockets have no content to copy
  }
}

Outcome copy_directory(int from, int to, int depth) {
  if (depth > depth_limit) return failure("tmpcopyup", ELOOP, "", "directories are nested too deeply");
  alignas(Entry) char buffer[4096] = {};
  for (;;) {
    Result size = call(__NR_getdents64, from, buffer, sizeof buffer);
    if (!size.ok()) return check("getdents64", size);
    if (size.value() == 0) return success();
    for (long at = 0; at < size.value();) {
      const auto *entry = reinterpret_cast<const Entry *>(buffer + at);
      at += entry->length;
      std::string_view name = entry->name;
      if (name == "." || name == "..") continue;
      if (Outcome outcome = copy_entry(from, to, entry->name, depth); !outcome.ok()) return outcome;
    }
  }
}

} // namespace

Outcome copy_up(int from, int to) {
  Result source = call(__NR_openat, from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!source.ok()) return check("open", source);
  UniqueFd input{source};
  Result target = call(__NR_openat, to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!target.ok()) return check("open", target);
  UniqueFd output{target};
  return copy_directory(input.get(), output.get(), 0);
}

} // namespace pocker::init
