// Copies files and directories while somebody may change one side, such as a container that wants the other side's owner to write
// elsewhere (CVE-2018-15664): every step goes from an open directory to a name in it, and follows no symlink.
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <set>
#include <string>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <vector>

#include "../../sys/fd.h"
#include "../functions.h"
#include "../writing.h"
#include "../names.h"
#include "more_descriptors.h"

namespace pocker::host {
namespace {

using sys::UniqueFd;
using Identity = std::pair<dev_t, ino_t>;

/// A name in an open directory.
struct Entry {
  int directory;
  const char *name;
};

/// How many files with more than one link are kept open, to link to them.
constexpr std::size_t most_links = 256;
/// Longer than any symlink, with its terminating byte.
constexpr std::size_t longest_target = 4097;
constexpr std::size_t piece = 256UL * 1024;

std::string magic(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

/// Up to `end`, or to the end of the file if that is below 0.
CallError copy_bytes(int from, int to, off_t end) {
  std::vector<char> buffer(piece);
  for (off_t at = lseek(from, 0, SEEK_CUR); end < 0 || at < end;) {
    auto wanted = end < 0 || end - at > static_cast<off_t>(piece) ? piece : static_cast<std::size_t>(end - at);
    ssize_t size = ::read(from, buffer.data(), wanted);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed("read");
    if (size == 0) return {};
    if (int error = write_all(to, {buffer.data(), static_cast<std::size_t>(size)}); error != 0) return {"write", error};
    at += size;
  }
  return {};
}

/// Keeps holes.
CallError copy_content(int from, int to, off_t size) {
  // procfs files have no size.
  if (size == 0) return copy_bytes(from, to, -1);
  off_t at = 0;
  while (at < size) {
    off_t data = lseek(from, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;
    if (data < 0) return at == 0 ? copy_bytes(from, to, -1) : failed("lseek");
    off_t hole = lseek(from, data, SEEK_HOLE);
    if (hole < 0 || lseek(from, data, SEEK_SET) < 0 || lseek(to, data, SEEK_SET) < 0) return failed("lseek");
    if (CallError error = copy_bytes(from, to, hole)) return error;
    at = hole;
  }
  return ftruncate(to, size) == 0 ? CallError{} : failed("ftruncate");
}

bool harmless(int error) { return error == EPERM || error == ENOTSUP || error == ENODATA; }

CallError copy_attributes(int from, int to) {
  std::string names(64UL * 1024, '\0');
  ssize_t length = flistxattr(from, names.data(), names.size());
  if (length < 0) return harmless(errno) ? CallError{} : failed("flistxattr");
  for (std::size_t at = 0; at < static_cast<std::size_t>(length);) {
    const char *name = names.data() + at;
    std::string value(64UL * 1024, '\0');
    ssize_t size = fgetxattr(from, name, value.data(), value.size());
    if (size < 0 && !harmless(errno)) return failed("fgetxattr");
    if (size >= 0 && fsetxattr(to, name, value.data(), static_cast<std::size_t>(size), 0) != 0 && !harmless(errno))
      return failed("fsetxattr");
    at += std::char_traits<char>::length(name) + 1;
  }
  return {};
}

class Copy {
public:
  explicit Copy(bool archive) : archive_(archive) {}

  CallError entry(Entry from, Entry to) {
    UniqueFd found{openat(from.directory, from.name, O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    struct stat status {};
    if (!found) return named(from.name, failed("open"));
    if (fstat(found.get(), &status) != 0) return named(from.name, failed("fstat"));
    return named(from.name, any(found.get(), status, to));
  }

  /// A file whose descriptor's name in /proc is given.
  CallError followed(const char *path, Entry to) {
    UniqueFd found{::open(path, O_PATH | O_CLOEXEC)};
    struct stat status {};
    if (!found) return named(path, failed("open"));
    if (fstat(found.get(), &status) != 0) return named(path, failed("fstat"));
    return named(path, any(found.get(), status, to));
  }

  [[nodiscard]] const std::string &where() const { return where_; }

private:
  CallError named(const char *name, CallError error) {
    if (error) where_ = where_.empty() ? name : std::string(name) + "/" + where_;
    return error;
  }

  CallError any(int found, const struct stat &status, Entry to) {
    if (S_ISDIR(status.st_mode)) return directory(found, status, to);
    // Nothing else replaces a directory.
    if (unlinkat(to.directory, to.name, 0) != 0 && errno != ENOENT) return failed("unlink");
    if (auto linked = links_.find({status.st_dev, status.st_ino}); linked != links_.end())
      return linkat(AT_FDCWD, magic(linked->second.get()).c_str(), to.directory, to.name, AT_SYMLINK_FOLLOW) == 0
                 ? CallError{}
                 : failed("link");
    if (S_ISREG(status.st_mode)) return file(found, status, to);
    if (S_ISLNK(status.st_mode)) return symlink(found, status, to);
    if (mknodat(to.directory, to.name, status.st_mode, status.st_rdev) != 0) return failed("mknod");
    return by_name(status, to, true);
  }

  CallError file(int found, const struct stat &status, Entry to) {
    // A file of procfs may make a reader wait.
    UniqueFd in{::open(magic(found).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)};
    if (!in) return failed("open");
    UniqueFd out{openat(to.directory, to.name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!out) return failed("open");
    if (CallError error = copy_content(in.get(), out.get(), status.st_size)) return error;
    if (CallError error = metadata(in.get(), out.get(), status)) return error;
    if (status.st_nlink > 1 && links_.size() < most_links) links_.emplace(Identity{status.st_dev, status.st_ino}, std::move(out));
    return {};
  }

  CallError symlink(int found, const struct stat &status, Entry to) {
    std::string target(longest_target, '\0');
    ssize_t size = readlinkat(found, "", target.data(), target.size() - 1);
    if (size < 0) return failed("readlink");
    target.resize(static_cast<std::size_t>(size));
    if (symlinkat(target.c_str(), to.directory, to.name) != 0) return failed("symlink");
    return by_name(status, to, false);
  }

  CallError directory(int found, const struct stat &status, Entry to) {
    if (depth_ == deepest) return {"copy", ENAMETOOLONG};
    struct Level {
      std::size_t &depth;
      ~Level() { --depth; }
    } level{++depth_};
    // Copying a directory into itself would never end.
    if (made_.contains({status.st_dev, status.st_ino})) return {"copy", ELOOP};
    UniqueFd in{openat(found, ".", directory_flags)};
    if (!in) return failed("open");
    std::vector<std::string> names;
    if (CallError error = read_names(in.get(), names)) return error;
    if (mkdirat(to.directory, to.name, 0700) != 0 && errno != EEXIST) return failed("mkdir");
    UniqueFd out{openat(to.directory, to.name, directory_flags)};
    struct stat made {};
    if (!out) return failed("open");
    if (fstat(out.get(), &made) != 0) return failed("fstat");
    made_.emplace(made.st_dev, made.st_ino);
    for (const std::string &name : names) {
      if (CallError error = entry({in.get(), name.c_str()}, {out.get(), name.c_str()})) return error;
    }
    return metadata(in.get(), out.get(), status);
  }

  [[nodiscard]] CallError metadata(int in, int out, const struct stat &status) const {
    if (archive_ && fchown(out, status.st_uid, status.st_gid) != 0 && !harmless(errno)) return failed("fchown");
    if (fchmod(out, status.st_mode & 07777) != 0) return failed("fchmod");
    // Changing a file's owner clears its capabilities.
    if (CallError error = archive_ ? copy_attributes(in, out) : CallError{}) return error;
    const timespec times[2] = {status.st_atim, status.st_mtim};
    return futimens(out, times) == 0 ? CallError{} : failed("futimens");
  }

  /// For files that cannot be opened. Mode and owner go to what was just made: whoever replaces it gets no more than that.
  [[nodiscard]] CallError by_name(const struct stat &status, Entry to, bool has_mode) const {
    UniqueFd made{openat(to.directory, to.name, O_PATH | O_NOFOLLOW | O_CLOEXEC)};
    struct stat now {};
    if (!made) return failed("open");
    if (fstat(made.get(), &now) != 0) return failed("fstat");
    if ((now.st_mode & S_IFMT) != (status.st_mode & S_IFMT)) return {"copy", ESTALE};
    if (archive_ && fchownat(made.get(), "", status.st_uid, status.st_gid, AT_EMPTY_PATH) != 0 && !harmless(errno))
      return failed("fchownat");
    if (has_mode && chmod(magic(made.get()).c_str(), status.st_mode & 07777) != 0) return failed("chmod");
    const timespec times[2] = {status.st_atim, status.st_mtim};
    return utimensat(to.directory, to.name, times, AT_SYMLINK_NOFOLLOW) == 0 ? CallError{} : failed("utimensat");
  }

  bool archive_;
  std::size_t depth_ = 0;
  std::string where_;
  std::map<Identity, UniqueFd> links_;
  std::set<Identity> made_;
};

/// A path's last part, in the directory that the rest leads to.
class Place {
public:
  explicit Place(const std::string &path) {
    std::size_t slash = path.rfind('/');
    std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    name_ = path.substr(slash == std::string::npos ? 0 : slash + 1);
    if (name_.empty()) name_ = ".";
    directory_.reset(open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  [[nodiscard]] explicit operator bool() const { return static_cast<bool>(directory_); }
  [[nodiscard]] Entry entry() const { return {directory_.get(), name_.c_str()}; }

private:
  UniqueFd directory_;
  std::string name_;
};

/// "/proc/PID/fd/NUMBER"
bool is_descriptor(const std::string &path) {
  std::size_t slash = path.rfind('/');
  return path.starts_with("/proc/") && slash != std::string::npos && path.substr(0, slash).ends_with("/fd") &&
         path.find_first_not_of("0123456789", slash + 1) == std::string::npos && slash + 1 < path.size();
}

} // namespace

Reply copy_tree(const Arguments &arguments) {
  std::string from = arguments.path(0), to = arguments.path(1);
  Place source{from};
  if (!source) return fail("open", errno, from);
  Place target{to};
  if (!target) return fail("open", errno, to);
  MoreDescriptors more;
  Copy copy{arguments.flag(2)};
  CallError error =
      is_descriptor(from) ? copy.followed(from.c_str(), target.entry()) : copy.entry(source.entry(), target.entry());
  return error ? fail(error.call, error.number, copy.where()) : nothing();
}

} // namespace pocker::host
