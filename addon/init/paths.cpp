#include "paths.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include "arena.h"

namespace pocker::init {
namespace {

constexpr std::uint32_t wanted = STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_MNT_ID;

Kind kind_of(std::uint32_t mode) {
  switch (mode & S_IFMT) {
  case S_IFDIR: return Kind::directory;
  case S_IFLNK: return Kind::symlink;
  case S_IFCHR: return Kind::character;
  case S_IFBLK: return Kind::block;
  case S_IFIFO: return Kind::fifo;
  case S_IFSOCK: return Kind::socket;
  default: return Kind::file;
  }
}

Outcome inspect_with(int fd, const char *name, unsigned flags, Status &status) {
  struct statx raw {};
  if (Outcome outcome = check("statx", call(__NR_statx, fd, name, flags, wanted, &raw), name); !outcome.ok()) return outcome;
  status = {kind_of(raw.stx_mode), raw.stx_mode & 07777U, raw.stx_uid,    raw.stx_gid,
            raw.stx_rdev_major,    raw.stx_rdev_minor,    raw.stx_mnt_id, (raw.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0};
  return success();
}

std::string_view without_trailing_slashes(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  return path;
}

/// Splits "/a/b/c" into "/a/b" and "c".
struct Split {
  std::string_view parent;
  std::string_view name;
};
Split split(std::string_view path) {
  path = without_trailing_slashes(path);
  std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {"/", path};
  std::string_view name = path;
  name.remove_prefix(slash + 1);
  path.remove_suffix(path.size() - slash);
  return {without_trailing_slashes(path.empty() ? "/" : path), name};
}

/// One missing component: made and opened without following anything.
Outcome step_into(UniqueFd &directory, const char *name, std::uint32_t mode) {
  if (*name == 0 || std::string_view(name) == ".") return success();
  if (std::string_view(name) == "..") return failure("mkdirat", EINVAL, name, "a missing path must not contain ..");
  Result made = call(__NR_mkdirat, directory.get(), name, mode);
  if (!made.ok() && made.error() != EEXIST) return check("mkdirat", made, name);
  Result opened = call(__NR_openat, directory.get(), name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (opened.ok()) directory.reset(opened.fd());
  return check("openat", opened, name);
}

} // namespace

Outcome inspect(int fd, Status &status) { return inspect_with(fd, "", AT_EMPTY_PATH, status); }

Outcome inspect_at(int directory, const char *name, Status &status) {
  Outcome outcome = inspect_with(directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, status);
  if (outcome.error != ENOENT) return outcome;
  status = {};
  return success();
}

Result open_in_root(const Context &context, const char *path, std::uint64_t flags, std::uint64_t resolve) {
  sys::OpenHow how{flags | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve};
  Result result{-EAGAIN};
  // EAGAIN: a rename raced with a ".." in the path, and the kernel could not be sure (openat2(2)).
  for (int tries = 0; tries < 128 && result.error() == EAGAIN; ++tries) {
    result = call(__NR_openat2, context.root.get(), path, &how, sizeof how);
  }
  return result;
}

Outcome make_directory(const Context &context, const char *path, std::uint32_t mode, UniqueFd &directory) {
  Result found = open_in_root(context, path, O_PATH | O_DIRECTORY);
  if (found.ok()) {
    directory.reset(found.fd());
    return success();
  }
  if (found.error() != ENOENT) return check("openat2", found, path);
  Split parts = split(path);
  if (parts.name.empty()) return check("openat2", found, path);
  if (Outcome outcome = make_directory(context, join(parts.parent, ""), mode, directory); !outcome.ok()) return outcome;
  return step_into(directory, join(parts.name, ""), mode);
}

Outcome make_parent(const Context &context, const char *path, Place &place) {
  Split parts = split(path);
  if (parts.name.empty() || parts.name == "." || parts.name == "..")
    return failure("open", EINVAL, path, "not the name of a file");
  place.name = join(parts.name, "");
  return make_directory(context, join(parts.parent, ""), 0755, place.directory);
}

Outcome open_target(const Context &context, const char *path, bool directory, std::uint32_t mode, UniqueFd &target) {
  Result found = open_in_root(context, path, O_PATH);
  if (found.ok()) {
    target.reset(found.fd());
    return success();
  }
  if (found.error() != ENOENT) return check("openat2", found, path);
  if (directory) return make_directory(context, path, mode, target);
  Place place;
  if (Outcome outcome = make_parent(context, path, place); !outcome.ok()) return outcome;
  Result made = call(__NR_openat, place.directory.get(), place.name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0644);
  if (!made.ok() && made.error() != EEXIST) return check("open", made, path);
  UniqueFd created{made};
  Result opened = call(__NR_openat, place.directory.get(), place.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (opened.ok()) target.reset(opened.fd());
  return check("open", opened, path);
}

Outcome directory(Context &context, const plan::Directory &operation) {
  UniqueFd made;
  return make_directory(context, operation.path()->c_str(), operation.mode(), made);
}

Outcome symlink(Context &context, const plan::Symlink &operation) {
  const char *path = operation.path()->c_str();
  const char *target = operation.target()->c_str();
  Place place;
  if (Outcome outcome = make_parent(context, path, place); !outcome.ok()) return outcome;
  Result made = call(__NR_symlinkat, target, place.directory.get(), place.name);
  if (made.error() != EEXIST) return check("symlink", made, path);
  Status status;
  if (Outcome outcome = inspect_at(place.directory.get(), place.name, status); !outcome.ok()) return outcome;
  if (status.kind == Kind::directory) return failure("symlink", EEXIST, path, "a directory of that name is in the way");
  if (Outcome outcome = check("unlink", call(__NR_unlinkat, place.directory.get(), place.name, 0), path); !outcome.ok())
    return outcome;
  return check("symlink", call(__NR_symlinkat, target, place.directory.get(), place.name), path);
}

} // namespace pocker::init
