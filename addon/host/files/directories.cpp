// Directories, and facts about a path.
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../../sys/fd.h"
#include "../../sys/owned.h"
#include "../call_error.h"
#include "../functions.h"
#include "../modes.h"

namespace pocker::host {
namespace {

using Directory = sys::Owned<DIR, closedir>;

CallError make_one(const char *path, mode_t mode) {
  if (mkdir(path, mode) != 0) return failed("mkdir");
  return is_masked(mode) && chmod(path, mode) != 0 ? failed("chmod") : CallError{};
}

/// `path` becomes the parent that cannot be made.
CallError make_parents(std::string &path, mode_t mode) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    std::string parent = path.substr(0, slash);
    CallError error = make_one(parent.c_str(), mode);
    if (!error || error.number == EEXIST) continue;
    path = parent;
    return error;
  }
  return {};
}

const char *type_name(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFDIR: return "directory";
  case S_IFLNK: return "symlink";
  case S_IFCHR: return "character";
  case S_IFBLK: return "block";
  case S_IFIFO: return "fifo";
  case S_IFSOCK: return "socket";
  default: return "file";
  }
}

Value number(unsigned long value) { return Value{static_cast<double>(value)}; }

bool is_dot(const char *name) { return std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0; }

/// The next entry except "." and ".."; nullptr at the end, or with `error` if the rest cannot be read.
const dirent *next_entry(const Directory &directory, int &error) {
  for (;;) {
    errno = 0;
    const dirent *entry = readdir(directory.get());
    error = entry == nullptr ? errno : 0;
    if (entry == nullptr || !is_dot(entry->d_name)) return entry;
  }
}

} // namespace

Reply make_directory(const Arguments &arguments) {
  std::string path = arguments.path(0);
  mode_t mode = arguments.unsigned_integer(1);
  if (arguments.flag(2)) {
    if (CallError error = make_parents(path, mode)) return fail(error.call, error.number, path);
  }
  CallError error = make_one(path.c_str(), mode);
  if (!error) return Value{true};
  return error.number == EEXIST ? Reply{Value{false}} : fail(error.call, error.number, path);
}

Reply remove_directory_entry(const Arguments &arguments) {
  return rmdir(arguments.path(0)) == 0 ? nothing() : fail("rmdir", errno, arguments.text(0));
}

Reply unlink(const Arguments &arguments) {
  return ::unlink(arguments.path(0)) == 0 ? nothing() : fail("unlink", errno, arguments.text(0));
}

Reply rename(const Arguments &arguments) {
  return ::rename(arguments.path(0), arguments.path(1)) == 0 ? nothing() : fail("rename", errno, arguments.text(1));
}

Reply link(const Arguments &arguments) {
  return ::link(arguments.path(0), arguments.path(1)) == 0 ? nothing() : fail("link", errno, arguments.text(1));
}

Reply symlink(const Arguments &arguments) {
  return ::symlink(arguments.path(0), arguments.path(1)) == 0 ? nothing() : fail("symlink", errno, arguments.text(1));
}

namespace {

/// Gives an entry a free name in the parent. A container may have made such names, and so has a removal that was killed.
CallError move_up(int directory, const char *name, int parent, unsigned &serial) {
  for (;;) {
    std::string up = ".removed." + std::to_string(serial++);
    if (renameat(directory, name, parent, up.c_str()) == 0) return {};
    if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR && errno != EISDIR) return failed("renameat");
  }
}

/// Moves the contents of a directory up into its parent, so that no depth is too deep, and removes the directory.
CallError dissolve(int parent, const char *name, unsigned &serial) {
  sys::UniqueFd opened{openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!opened) return failed("open");
  Directory directory{fdopendir(opened.get())};
  if (!directory) return failed("opendir");
  int fd = opened.release();
  int error = 0;
  while (const dirent *entry = next_entry(directory, error)) {
    if (unlinkat(fd, entry->d_name, 0) == 0 || unlinkat(fd, entry->d_name, AT_REMOVEDIR) == 0) continue;
    if (errno == ENOENT) continue;
    if (CallError kept = move_up(fd, entry->d_name, parent, serial)) return kept;
  }
  if (error != 0) return {"readdir", error};
  return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? CallError{} : failed("rmdir");
}

CallError remove_entry(int directory, const char *name, unsigned &serial) {
  if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR) return failed("unlink");
  if (unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  return errno == ENOTEMPTY || errno == EEXIST ? dissolve(directory, name, serial) : failed("rmdir");
}

} // namespace

Reply remove_directory(const Arguments &arguments) {
  const char *path = arguments.path(0);
  sys::UniqueFd opened{open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (!opened && errno == ENOENT) return nothing();
  // A symlink, or whatever else is there instead, goes; what a link leads to stays.
  if (!opened && (errno == ENOTDIR || errno == ELOOP))
    return ::unlink(path) == 0 || errno == ENOENT ? nothing() : fail("unlink", errno, path);
  if (!opened) return fail("open", errno, path);
  Directory directory{fdopendir(opened.get())};
  if (!directory) return fail("fdopendir", errno, path);
  (void)opened.release();
  unsigned serial = 0;
  for (bool empty = false; !empty; rewinddir(directory.get())) {
    empty = true;
    int error = 0;
    while (const dirent *entry = next_entry(directory, error)) {
      unsigned before = serial;
      if (CallError kept = remove_entry(dirfd(directory.get()), entry->d_name, serial))
        return fail(kept.call, kept.number, std::string(path) + "/" + entry->d_name);
      // What was moved up from below may not be listed in this round.
      empty = empty && serial == before;
    }
    if (error != 0) return fail("readdir", error, path);
  }
  return rmdir(path) == 0 || errno == ENOENT ? nothing() : fail("rmdir", errno, path);
}

Reply read_directory(const Arguments &arguments) {
  const char *path = arguments.path(0);
  Directory directory{opendir(path)};
  if (!directory) return fail("opendir", errno, path);
  Array names;
  int error = 0;
  while (const dirent *entry = next_entry(directory, error)) names.emplace_back(std::string(entry->d_name));
  return error == 0 ? Reply{Value{std::move(names)}} : fail("readdir", error, path);
}

Reply lstat(const Arguments &arguments) {
  struct stat status {};
  if (::lstat(arguments.path(0), &status) != 0) {
    return errno == ENOENT || errno == ENOTDIR ? Reply{Value{}} : fail("lstat", errno, arguments.text(0));
  }
  Array rdev;
  rdev.push_back(number(major(status.st_rdev)));
  rdev.push_back(number(minor(status.st_rdev)));
  Object object;
  object.emplace_back("type", Value{std::string(type_name(status.st_mode))});
  object.emplace_back("mode", number(status.st_mode & 07777U));
  object.emplace_back("uid", number(status.st_uid));
  object.emplace_back("gid", number(status.st_gid));
  object.emplace_back("device", number(status.st_dev));
  object.emplace_back("inode", number(status.st_ino));
  object.emplace_back("size", number(static_cast<unsigned long>(status.st_size)));
  object.emplace_back("rdev", Value{std::move(rdev)});
  return Value{std::move(object)};
}

Reply read_link(const Arguments &arguments) {
  std::string target(4096, 0);
  ssize_t size = readlink(arguments.path(0), target.data(), target.size());
  if (size < 0) return fail("readlink", errno, arguments.text(0));
  target.resize(static_cast<std::size_t>(size));
  return Value{std::move(target)};
}

Reply real_path(const Arguments &arguments) {
  char *resolved = realpath(arguments.path(0), nullptr);
  if (resolved == nullptr) return fail("realpath", errno, arguments.text(0));
  Value value{std::string(resolved)};
  std::free(resolved);
  return value;
}

Reply statfs_type(const Arguments &arguments) {
  struct statfs status {};
  if (statfs(arguments.path(0), &status) != 0) return fail("statfs", errno, arguments.text(0));
  return number(static_cast<unsigned long>(status.f_type));
}

Reply access(const Arguments &arguments) {
  if (faccessat(AT_FDCWD, arguments.path(0), arguments.integer(1), AT_EACCESS) == 0) return Value{true};
  switch (errno) {
  case EACCES:
  case EPERM:
  case EROFS:
  case ETXTBSY:
  case ELOOP:
  case ENOENT:
  case ENOTDIR: return Value{false};
  default: return fail("faccessat", errno, arguments.text(0));
  }
}

Reply chown(const Arguments &arguments) {
  return lchown(arguments.path(0), arguments.unsigned_integer(1), arguments.unsigned_integer(2)) == 0
             ? nothing()
             : fail("chown", errno, arguments.text(0));
}

} // namespace pocker::host
