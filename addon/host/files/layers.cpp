// Layers: whiteouts in OCI's form and in overlayfs's, and sizes of trees. Names are bytes, and nothing follows a symlink.
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <string_view>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../../sys/fd.h"
#include "../functions.h"
#include "../names.h"
#include "more_descriptors.h"

namespace pocker::host {
namespace {

using sys::UniqueFd;

constexpr std::string_view prefix = ".wh.", opaque_marker = ".wh..wh..opq", others = ".wh..wh.";

bool is_whiteout(const struct stat &status) { return S_ISCHR(status.st_mode) && status.st_rdev == makedev(0, 0); }

/// Sizes of files, each inode once.
class Sizes {
public:
  void add(const struct stat &status) {
    if (!S_ISREG(status.st_mode)) return;
    if (status.st_nlink > 1 && !linked_.emplace(status.st_dev, status.st_ino).second) return;
    total_ += static_cast<double>(status.st_size);
  }
  [[nodiscard]] double total() const { return total_; }

private:
  std::set<std::pair<dev_t, ino_t>> linked_;
  double total_ = 0;
};

bool is_opaque(int fd, const char *attribute) {
  char value = 0;
  return fgetxattr(fd, attribute, &value, 1) == 1 && value == 'y';
}

CallError make_opaque(int fd, const char *attribute) {
  return fsetxattr(fd, attribute, "y", 1, 0) == 0 ? CallError{} : failed("fsetxattr");
}

/// Replaces the whiteout file of `name`. The layer's own entry of that name stays, and hides what was there before.
CallError convert_one(int directory, const std::string &name, const char *attribute) {
  if (unlinkat(directory, name.c_str(), 0) != 0) return failed("unlink");
  if (name == opaque_marker) return make_opaque(directory, attribute);
  if (name.starts_with(others)) return {}; // bookkeeping of aufs
  std::string hidden = name.substr(prefix.size());
  if (hidden.empty() || hidden == "." || hidden == "..") return {"whiteout", EINVAL};
  if (mknodat(directory, hidden.c_str(), S_IFCHR, makedev(0, 0)) == 0) return {};
  if (errno != EEXIST) return failed("mknod");
  UniqueFd own{openat(directory, hidden.c_str(), directory_flags)};
  return own ? make_opaque(own.get(), attribute) : CallError{};
}

struct Conversion {
  const char *attribute;
  Sizes sizes;
  std::string where;
};

CallError convert(int fd, Conversion &work) {
  std::vector<std::string> names;
  struct stat own {};
  if (CallError error = read_names(fd, names)) return error;
  if (fstat(fd, &own) != 0) return failed("fstat");
  bool changed = false;
  for (const std::string &name : names) {
    struct stat status {};
    CallError error = fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 ? CallError{} : failed("lstat");
    if (!error && S_ISDIR(status.st_mode)) {
      UniqueFd child{openat(fd, name.c_str(), directory_flags)};
      error = child ? convert(child.get(), work) : failed("open");
    } else if (!error && name.starts_with(prefix)) {
      error = convert_one(fd, name, work.attribute);
      changed = true;
    } else {
      work.sizes.add(status);
    }
    if (error && work.where.empty()) work.where = name;
    if (error) return error;
  }
  const timespec times[2] = {own.st_atim, own.st_mtim};
  return !changed || futimens(fd, times) == 0 ? CallError{} : failed("futimens");
}

struct Export {
  const char *attribute;
  double count;
};

CallError write_marker(int target, const std::string &name, Export &work) {
  ++work.count;
  UniqueFd made{openat(target, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  return made ? CallError{} : failed("open");
}

CallError export_directory(int upper, int target, Export &work);

CallError export_child(int upper, int target, const char *name, Export &work) {
  UniqueFd child{openat(upper, name, directory_flags)};
  if (!child) return failed("open");
  if (mkdirat(target, name, 0755) != 0) return failed("mkdir");
  UniqueFd copy{openat(target, name, directory_flags)};
  if (!copy) return failed("open");
  if (is_opaque(child.get(), work.attribute)) {
    if (CallError error = write_marker(copy.get(), std::string(opaque_marker), work)) return error;
  }
  return export_directory(child.get(), copy.get(), work);
}

CallError export_directory(int upper, int target, Export &work) {
  std::vector<std::string> names;
  if (CallError error = read_names(upper, names)) return error;
  for (const std::string &name : names) {
    struct stat status {};
    CallError error = fstatat(upper, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 ? CallError{} : failed("lstat");
    if (!error && is_whiteout(status)) error = write_marker(target, std::string(prefix) + name, work);
    if (!error && S_ISDIR(status.st_mode)) error = export_child(upper, target, name.c_str(), work);
    if (error) return error;
  }
  return {};
}

/// Whoever fills the tree may go on meanwhile, and nest directories without end: what is too deep for us does not count, since one
/// container must not keep anybody from seeing the sizes of others.
CallError add_sizes(int fd, Sizes &sizes, std::size_t depth = 0) {
  std::vector<std::string> names;
  if (CallError error = read_names(fd, names)) return error.number == EMFILE ? CallError{} : error;
  for (const std::string &name : names) {
    struct stat status {};
    if (fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue; // it may be in use, and disappear meanwhile
    sizes.add(status);
    if (!S_ISDIR(status.st_mode) || depth == deepest) continue;
    UniqueFd child{openat(fd, name.c_str(), directory_flags)};
    CallError error = child ? add_sizes(child.get(), sizes, depth + 1) : failed("open");
    bool passed_over = error.number == ENOENT || error.number == ENOTDIR || error.number == ELOOP || error.number == EMFILE;
    if (error && !passed_over) return error;
  }
  return {};
}

} // namespace

Reply convert_whiteouts(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd directory{open(path, directory_flags)};
  if (!directory) return fail("open", errno, path);
  MoreDescriptors more;
  Conversion work{arguments.path(1), {}, {}};
  CallError error = convert(directory.get(), work);
  return error ? fail(error.call, error.number, std::string(path) + ": " + work.where) : Reply{Value{work.sizes.total()}};
}

Reply export_whiteouts(const Arguments &arguments) {
  UniqueFd upper{open(arguments.path(0), directory_flags)};
  if (!upper) return fail("open", errno, arguments.text(0));
  UniqueFd target{open(arguments.path(1), directory_flags)};
  if (!target) return fail("open", errno, arguments.text(1));
  MoreDescriptors more;
  Export work{arguments.path(2), 0};
  CallError error = export_directory(upper.get(), target.get(), work);
  return error ? fail(error.call, error.number, arguments.text(0)) : Reply{Value{work.count}};
}

Reply is_opaque_directory(const Arguments &arguments) {
  UniqueFd directory{open(arguments.path(0), directory_flags)};
  if (!directory) return fail("open", errno, arguments.text(0));
  return Value{is_opaque(directory.get(), arguments.path(1))};
}

Reply tree_size(const Arguments &arguments) {
  UniqueFd directory{open(arguments.path(0), directory_flags)};
  if (!directory) return fail("open", errno, arguments.text(0));
  MoreDescriptors more;
  Sizes sizes;
  CallError error = add_sizes(directory.get(), sizes);
  return error ? fail(error.call, error.number, arguments.text(0)) : Reply{Value{sizes.total()}};
}

} // namespace pocker::host
