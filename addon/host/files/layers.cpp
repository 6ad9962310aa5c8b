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

int make_opaque(int fd, const char *attribute) { return fsetxattr(fd, attribute, "y", 1, 0) == 0 ? 0 : errno; }

/// Replaces the whiteout file of `name`. The layer's own entry of that name stays, and hides what was there before.
int convert_one(int directory, const std::string &name, const char *attribute) {
  if (unlinkat(directory, name.c_str(), 0) != 0) return errno;
  if (name == opaque_marker) return make_opaque(directory, attribute);
  if (name.starts_with(others)) return 0; // bookkeeping of aufs
  std::string hidden = name.substr(prefix.size());
  if (hidden.empty() || hidden == "." || hidden == "..") return EINVAL;
  if (mknodat(directory, hidden.c_str(), S_IFCHR, makedev(0, 0)) == 0) return 0;
  if (errno != EEXIST) return errno;
  UniqueFd own{openat(directory, hidden.c_str(), directory_flags)};
  return own ? make_opaque(own.get(), attribute) : 0;
}

struct Conversion {
  const char *attribute;
  Sizes sizes;
  std::string failed;
};

int convert(int fd, Conversion &work) {
  std::vector<std::string> names;
  struct stat own {};
  if (int error = read_names(fd, names); error != 0) return error;
  if (fstat(fd, &own) != 0) return errno;
  bool changed = false;
  for (const std::string &name : names) {
    struct stat status {};
    int error = fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
    if (error == 0 && S_ISDIR(status.st_mode)) {
      UniqueFd child{openat(fd, name.c_str(), directory_flags)};
      error = child ? convert(child.get(), work) : errno;
    } else if (error == 0 && name.starts_with(prefix)) {
      error = convert_one(fd, name, work.attribute);
      changed = true;
    } else {
      work.sizes.add(status);
    }
    if (error != 0 && work.failed.empty()) work.failed = name;
    if (error != 0) return error;
  }
  const timespec times[2] = {own.st_atim, own.st_mtim};
  return !changed || futimens(fd, times) == 0 ? 0 : errno;
}

struct Export {
  const char *attribute;
  double count;
};

int write_marker(int target, const std::string &name, Export &work) {
  ++work.count;
  UniqueFd made{openat(target, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  return made ? 0 : errno;
}

int export_directory(int upper, int target, Export &work);

int export_child(int upper, int target, const char *name, Export &work) {
  UniqueFd child{openat(upper, name, directory_flags)};
  if (!child) return errno;
  if (mkdirat(target, name, 0755) != 0) return errno;
  UniqueFd copy{openat(target, name, directory_flags)};
  if (!copy) return errno;
  if (is_opaque(child.get(), work.attribute)) {
    if (int error = write_marker(copy.get(), std::string(opaque_marker), work); error != 0) return error;
  }
  return export_directory(child.get(), copy.get(), work);
}

int export_directory(int upper, int target, Export &work) {
  std::vector<std::string> names;
  if (int error = read_names(upper, names); error != 0) return error;
  for (const std::string &name : names) {
    struct stat status {};
    int error = fstatat(upper, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
    if (error == 0 && is_whiteout(status)) error = write_marker(target, std::string(prefix) + name, work);
    if (error == 0 && S_ISDIR(status.st_mode)) error = export_child(upper, target, name.c_str(), work);
    if (error != 0) return error;
  }
  return 0;
}

/// Whoever fills the tree may go on meanwhile, and nest directories without end: what is too deep for us does not count, since one
/// container must not keep anybody from seeing the sizes of others.
int add_sizes(int fd, Sizes &sizes, std::size_t depth = 0) {
  std::vector<std::string> names;
  if (int error = read_names(fd, names); error != 0) return error == EMFILE ? 0 : error;
  for (const std::string &name : names) {
    struct stat status {};
    if (fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue; // it may be in use, and disappear meanwhile
    sizes.add(status);
    if (!S_ISDIR(status.st_mode) || depth == deepest) continue;
    UniqueFd child{openat(fd, name.c_str(), directory_flags)};
    int error = child ? add_sizes(child.get(), sizes, depth + 1) : errno;
    bool passed_over = error == ENOENT || error == ENOTDIR || error == ELOOP || error == EMFILE;
    if (error != 0 && !passed_over) return error;
  }
  return 0;
}

} // namespace

Reply convert_whiteouts(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd directory{open(path, directory_flags)};
  if (!directory) return fail("open", errno, path);
  Conversion work{arguments.path(1), {}, {}};
  int error = convert(directory.get(), work);
  return error == 0 ? Reply{Value{work.sizes.total()}} : fail("whiteout", error, std::string(path) + ": " + work.failed);
}

Reply export_whiteouts(const Arguments &arguments) {
  UniqueFd upper{open(arguments.path(0), directory_flags)};
  if (!upper) return fail("open", errno, arguments.text(0));
  UniqueFd target{open(arguments.path(1), directory_flags)};
  if (!target) return fail("open", errno, arguments.text(1));
  Export work{arguments.path(2), 0};
  int error = export_directory(upper.get(), target.get(), work);
  return error == 0 ? Reply{Value{work.count}} : fail("whiteout", error, arguments.text(0));
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
  int error = add_sizes(directory.get(), sizes);
  return error == 0 ? Reply{Value{sizes.total()}} : fail("readdir", error, arguments.text(0));
}

} // namespace pocker::host
