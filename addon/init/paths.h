// Paths in the rootfs: the kernel resolves them below the container's root, whatever links hostile content contains.
#pragma once

#include "context.h"

namespace pocker::init {

enum class Kind { missing, directory, file, symlink, character, block, fifo, socket };

struct Status {
  Kind kind = Kind::missing;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint64_t mount_id = 0;
  bool mount_root = false;
  std::uint64_t inode = 0;
  /// The filesystem's device, as from makedev(3).
  std::uint64_t device = 0;
  std::uint64_t size = 0;
};

/// statx(2) of an open file.
Outcome inspect(int fd, Status &status);
/// The same for a name in a directory, without following a symlink; a missing one is Kind::missing.
Outcome inspect_at(int directory, const char *name, Status &status);

/// openat2 with RESOLVE_IN_ROOT and no magic links; `flags` as for open(2), O_CLOEXEC is added.
Result open_in_root(const Context &context, const char *path, std::uint64_t flags, std::uint64_t resolve = 0);

/// The same below a directory other than the container's root.
Result open_below(int root, const char *path, std::uint64_t flags, std::uint64_t resolve = 0);

/// Opens the directory (O_PATH), making what is missing, also where a link leads.
Outcome make_directory(const Context &context, const char *path, std::uint32_t mode, UniqueFd &directory);

/// A path split into its directory, which is opened and made if missing, and its last component.
struct DirectoryEntry {
  UniqueFd directory;
  const char *name = "";
};
Outcome make_parent(const Context &context, const char *path, DirectoryEntry &entry);
/// The same for what the path leads to through links, which is missing.
Outcome make_parent_of_target(const Context &context, const char *path, DirectoryEntry &entry);

/// Opens a mount point (O_PATH): an existing file or directory, or a new one of the wanted kind.
Outcome open_target(const Context &context, const char *path, bool directory, UniqueFd &target);

/// dest-nofollow: opens a mount point (O_PATH) that must exist, even if it is a link.
Outcome open_exact(const Context &context, const char *path, UniqueFd &target);

/// Opens the directory with exactly that name, making it if missing. A link in its place is ENOTDIR; links before it are
/// followed.
Outcome make_ordinary_directory(const Context &context, const char *path, UniqueFd &directory);

Outcome directory(Context &context, const plan::Directory &operation);
Outcome symlink(Context &context, const plan::Symlink &operation);

} // namespace pocker::init
