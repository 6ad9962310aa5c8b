#include "paths.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "arena.h"

namespace pocker::init {
namespace {

constexpr std::uint32_t wanted = STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_INO | STATX_SIZE | STATX_MNT_ID;

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
  status = {kind_of(raw.stx_mode), raw.stx_mode & 07777U,
            raw.stx_uid,           raw.stx_gid,
            raw.stx_rdev_major,    raw.stx_rdev_minor,
            raw.stx_mnt_id,        (raw.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0,
            raw.stx_ino,           std::uint64_t{raw.stx_dev_major} << 32 | raw.stx_dev_minor,
            raw.stx_size};
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

/// Takes off the first name and the slash after it.
std::string_view take_name(std::string_view &path) {
  std::size_t end = path.find('/');
  std::string_view name{path.data(), end == std::string_view::npos ? path.size() : end};
  path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  return name;
}

Result open_name(int directory, const char *name) {
  return call(__NR_openat, directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/// Makes one missing directory and opens it; a link that has meanwhile taken its place does no harm.
Outcome make_name(UniqueFd &directory, const char *name, std::uint32_t mode, const char *path) {
  Result made = call(__NR_mkdirat, directory.get(), name, mode);
  if (!made.ok() && made.error() != EEXIST) return check("mkdirat", made, path);
  Result opened = open_name(directory.get(), name);
  if (opened.ok()) directory.reset(opened.fd());
  return check("openat", opened, path);
}

/// Where a path with missing components leads in the rootfs. Links are followed as RESOLVE_IN_ROOT does, even if their targets
/// are missing, and a missing name counts as an existing directory. Each component is opened separately, from a descriptor and
/// without following links, so no exchange of names leads out of the rootfs.
class Walk {
public:
  Walk(const Context &context, const char *path) : context_(context), path_(path) {}

  Outcome run() {
    Outcome outcome = enter("/");
    for (rest_ = path_; outcome.ok() && !rest_.empty();) outcome = step(take_name(rest_));
    return outcome;
  }

  /// Makes the missing directories; with `last`, all but the last component.
  Outcome make(std::uint32_t mode, const char **last = nullptr) {
    while (!missing_.empty()) {
      const char *name = join(take_name(missing_), "");
      if (last != nullptr && missing_.empty()) {
        *last = name;
        break;
      }
      if (Outcome outcome = make_name(directory, name, mode, path_); !outcome.ok()) return outcome;
    }
    return success();
  }

  /// The last existing directory on the path.
  UniqueFd directory;

private:
  /// The kernel follows the same number.
  static constexpr unsigned link_limit = 40;

  Outcome enter(std::string_view path) {
    Result opened = open_in_root(context_, join(path, ""), O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
    if (!opened.ok()) return check("openat2", opened, path_);
    directory.reset(opened.fd());
    reached_ = path;
    return success();
  }

  Outcome step(std::string_view part) {
    if (part.empty() || part == ".") return success();
    if (part == "..") return up();
    // Links could lead so deep that nobody could ever remove what was made there.
    if (reached_.size() + missing_.size() + part.size() >= PATH_MAX) return failure("openat", ENAMETOOLONG, path_);
    const char *name = join(part, "");
    if (missing_.empty()) return descend(name);
    missing_ = join(missing_, "/", name);
    return success();
  }

  Outcome up() {
    if (missing_.empty()) return enter(split(reached_).parent);
    std::size_t slash = missing_.rfind('/');
    missing_.remove_suffix(slash == std::string_view::npos ? missing_.size() : missing_.size() - slash);
    return success();
  }

  Outcome descend(const char *name) {
    Result opened = open_name(directory.get(), name);
    if (opened.error() == ENOTDIR) return follow(name);
    if (opened.error() == ENOENT) {
      missing_ = name;
      return success();
    }
    if (!opened.ok()) return check("openat", opened, path_);
    directory.reset(opened.fd());
    reached_ = join(reached_ == "/" ? "" : reached_, "/", name);
    return success();
  }

  Outcome follow(const char *name) {
    char *target = static_cast<char *>(allocate(PATH_MAX + 1));
    Result length = call(__NR_readlinkat, directory.get(), name, target, PATH_MAX);
    if (length.error() == EINVAL) return failure("openat", ENOTDIR, path_, name);
    if (!length.ok()) return check("readlink", length, path_);
    if (++links_ > link_limit) return failure("openat", ELOOP, path_);
    rest_ = join(target, "/", rest_);
    return *target == '/' ? enter("/") : success();
  }

  const Context &context_;
  const char *path_;
  std::string_view rest_;
  /// The path of `directory`, and what is missing in it: without links, "." and "..".
  std::string_view reached_ = "/", missing_;
  unsigned links_ = 0;
};

/// An empty file to mount on, or whatever else has taken that name meanwhile, but not a link.
Outcome make_file(const DirectoryEntry &entry, const char *path, UniqueFd &file) {
  Result made = call(__NR_openat, entry.directory.get(), entry.name, O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_WRONLY, 0644);
  if (!made.ok() && made.error() != EEXIST) return check("open", made, path);
  UniqueFd created{made};
  Result opened = call(__NR_openat, entry.directory.get(), entry.name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (!opened.ok()) return check("open", opened, path);
  file.reset(opened.fd());
  Status status;
  if (Outcome outcome = inspect(file.get(), status); !outcome.ok()) return outcome;
  return status.kind == Kind::symlink ? failure("open", ELOOP, path, "a link has taken its place") : success();
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
  return open_below(context.root.get(), path, flags, resolve);
}

Result open_below(int root, const char *path, std::uint64_t flags, std::uint64_t resolve) {
  sys::OpenHow how{flags | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve};
  Result result{-EAGAIN};
  // EAGAIN: a rename raced with a ".." in the path, and the kernel could not be sure (openat2(2)).
  for (int tries = 0; tries < 128 && result.error() == EAGAIN; ++tries) {
    result = call(__NR_openat2, root, path, &how, sizeof how);
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
  Walk walk{context, path};
  if (Outcome outcome = walk.run(); !outcome.ok()) return outcome;
  if (Outcome outcome = walk.make(mode); !outcome.ok()) return outcome;
  directory = static_cast<UniqueFd &&>(walk.directory);
  return success();
}

Outcome make_parent(const Context &context, const char *path, DirectoryEntry &entry) {
  Split parts = split(path);
  if (parts.name.empty() || parts.name == "." || parts.name == "..")
    return failure("open", EINVAL, path, "not the name of a file");
  entry.name = join(parts.name, "");
  return make_directory(context, join(parts.parent, ""), 0755, entry.directory);
}

Outcome make_parent_of_target(const Context &context, const char *path, DirectoryEntry &entry) {
  Walk walk{context, path};
  if (Outcome outcome = walk.run(); !outcome.ok()) return outcome;
  if (Outcome outcome = walk.make(0755, &entry.name); !outcome.ok()) return outcome;
  entry.directory = static_cast<UniqueFd &&>(walk.directory);
  return *entry.name == 0 ? failure("open", EEXIST, path) : success();
}

Outcome make_ordinary_directory(const Context &context, const char *path, UniqueFd &directory) {
  DirectoryEntry entry;
  if (Outcome outcome = make_parent(context, path, entry); !outcome.ok()) return outcome;
  Result found = open_name(entry.directory.get(), entry.name);
  if (found.ok()) directory.reset(found.fd());
  if (found.error() != ENOENT) return check("openat", found, path);
  directory = static_cast<UniqueFd &&>(entry.directory);
  return make_name(directory, entry.name, 0755, path);
}

Outcome open_target(const Context &context, const char *path, bool directory, UniqueFd &target) {
  Result found = open_in_root(context, path, O_PATH);
  if (found.ok()) {
    target.reset(found.fd());
    return success();
  }
  if (found.error() != ENOENT) return check("openat2", found, path);
  if (directory) return make_directory(context, path, 0755, target);
  DirectoryEntry entry;
  if (Outcome outcome = make_parent_of_target(context, path, entry); !outcome.ok()) return outcome;
  return make_file(entry, path, target);
}

Outcome open_exact(const Context &context, const char *path, UniqueFd &target) {
  Result found = open_in_root(context, path, O_PATH | O_NOFOLLOW);
  if (found.error() == ENOENT) return failure("openat2", ENOENT, path, "with dest-nofollow, it must exist");
  if (!found.ok()) return check("openat2", found, path);
  target.reset(found.fd());
  struct statfs status {};
  if (Outcome outcome = check("fstatfs", call(__NR_fstatfs, target.get(), &status), path); !outcome.ok()) return outcome;
  bool kernels = status.f_type == sys::magic_proc || status.f_type == sys::magic_sysfs || status.f_type == sys::magic_devpts;
  return kernels ? failure("mount", EPERM, path, "dest-nofollow cannot be used inside proc, sysfs or devpts") : success();
}

Outcome directory(Context &context, const plan::Directory &operation) {
  UniqueFd made;
  return make_directory(context, operation.path()->c_str(), operation.mode(), made);
}

Outcome symlink(Context &context, const plan::Symlink &operation) {
  const char *path = operation.path()->c_str();
  const char *target = operation.target()->c_str();
  DirectoryEntry entry;
  if (Outcome outcome = make_parent(context, path, entry); !outcome.ok()) return outcome;
  Result made = call(__NR_symlinkat, target, entry.directory.get(), entry.name);
  if (made.error() != EEXIST) return check("symlink", made, path);
  Status status;
  if (Outcome outcome = inspect_at(entry.directory.get(), entry.name, status); !outcome.ok()) return outcome;
  if (status.kind == Kind::directory) return failure("symlink", EEXIST, path, "a directory already has that name");
  if (Outcome outcome = check("unlink", call(__NR_unlinkat, entry.directory.get(), entry.name, 0), path); !outcome.ok())
    return outcome;
  return check("symlink", call(__NR_symlinkat, target, entry.directory.get(), entry.name), path);
}

} // namespace pocker::init
