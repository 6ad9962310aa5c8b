// Trees of cgroups. A container may have made as many as it likes, as deep as it likes, with any names. They are walked with one
// descriptor, since no path would be long enough, and back through "..": the kernel moves no cgroup to another parent.
#include <cerrno>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <span>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../sys/fd.h"
#include "../deadline.h"
#include "../functions.h"

namespace pocker::host {
namespace {

using sys::UniqueFd;

/// The format of getdents64(2).
struct Entry {
  std::uint64_t inode;
  std::int64_t next;
  unsigned short size;
  unsigned char type;
  char name[];
};

UniqueFd open_cgroup(int parent, const char *name) {
  return UniqueFd{openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
}

bool is_gone(int error) { return error == ENOENT || error == ENOTDIR || error == ENODEV; }

/// getdents64(2); a cgroup that is gone has no more entries. Returns an errno value.
int read_entries(int fd, std::span<char> buffer, long &size) {
  size = syscall(SYS_getdents64, fd, buffer.data(), buffer.size());
  int error = size < 0 ? errno : 0;
  return is_gone(error) ? 0 : error;
}

/// The next directory in `fd` after `position`, which is advanced; empty at the end. Returns an errno value.
int next_below(int fd, std::int64_t &position, std::string &name) {
  alignas(Entry) char buffer[8192];
  name.clear();
  if (lseek(fd, position, SEEK_SET) < 0) return errno;
  for (long size = 0;;) {
    if (int error = read_entries(fd, buffer, size); error != 0 || size <= 0) return error;
    for (long at = 0; at < size;) {
      const auto *entry = reinterpret_cast<const Entry *>(buffer + at);
      at += entry->size;
      position = entry->next;
      if (entry->type != DT_DIR || std::string_view(entry->name) == "." || std::string_view(entry->name) == "..") continue;
      name = entry->name;
      return 0;
    }
  }
}

/// All directories in `fd`, read in one go. The kernel remembers a position by a hash of the name, and whoever makes cgroups can
/// choose names with equal hashes: after a seek, one of them would be found again and again, and the other never. Returns an errno
/// value.
int names_below(int fd, std::vector<std::string> &names) {
  alignas(Entry) char buffer[8192];
  for (long size = 0;;) {
    if (int error = read_entries(fd, buffer, size); error != 0 || size <= 0) return error;
    for (long at = 0; at < size;) {
      const auto *entry = reinterpret_cast<const Entry *>(buffer + at);
      at += entry->size;
      std::string_view name{entry->name};
      if (entry->type == DT_DIR && name != "." && name != "..") names.emplace_back(name);
    }
  }
}

/// Calls `visit` with each cgroup of the tree, until it returns an errno value. Returns that, or why the walk cannot go on; ENOENT
/// if there is no tree.
template <class Visit> int walk(const char *path, const Visit &visit) {
  UniqueFd current = open_cgroup(AT_FDCWD, path);
  if (!current) return errno;
  std::vector<std::vector<std::string>> left;
  auto enter = [&] {
    int error = visit(current.get());
    return error == 0 ? names_below(current.get(), left.emplace_back()) : error;
  };
  int error = enter();
  while (error == 0) {
    if (left.back().empty()) {
      left.pop_back();
      if (left.empty()) return 0;
      UniqueFd parent = open_cgroup(current.get(), "..");
      if (!parent) return errno;
      current.reset(parent.release());
      continue;
    }
    UniqueFd child = open_cgroup(current.get(), left.back().back().c_str());
    int refused = child ? 0 : errno;
    left.back().pop_back();
    if (is_gone(refused) || refused == EACCES) continue;
    if (!child) return refused;
    current.reset(child.release());
    error = enter();
  }
  return error;
}

std::string read_below(int cgroup, const char *name, int &error) {
  UniqueFd file{openat(cgroup, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
  std::string text;
  char buffer[4096];
  ssize_t size = 0;
  while (file && (size = read(file.get(), buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(size));
  error = !file || size < 0 ? errno : 0;
  return text;
}

/// The process that a thread belongs to; 0 if it has ended.
int process_of(int thread, int &error) {
  std::string status = read_below(AT_FDCWD, ("/proc/" + std::to_string(thread) + "/status").c_str(), error);
  if (is_gone(error) || error == ESRCH) error = 0;
  std::size_t at = status.find("\nTgid:\t");
  return at == std::string::npos ? 0 : static_cast<int>(std::strtol(status.c_str() + at + 7, nullptr, 10));
}

/// Returns an errno value.
int add_members(int cgroup, Array &pids) {
  int error = 0;
  std::string text = read_below(cgroup, "cgroup.procs", error);
  // cgroups(7), "Thread mode": for a threaded cgroup, the kernel lists only threads.
  bool threads = error == EOPNOTSUPP;
  if (threads) text = read_below(cgroup, "cgroup.threads", error);
  // In an invalid domain ("domain invalid"), there can be no process.
  if (error != 0) return is_gone(error) || error == EOPNOTSUPP ? 0 : error;
  for (char *at = text.data(), *end = at; *at != 0; at = end + 1) {
    auto pid = static_cast<int>(std::strtol(at, &end, 10));
    if (*end != '\n') return 0;
    if (threads) pid = process_of(pid, error);
    if (error != 0) return error;
    // 0 is a process of another pid namespace.
    if (pid > 0) pids.emplace_back(static_cast<double>(pid));
  }
  return 0;
}

/// A failure has no effect here: what must be thawed is killed next, and anything still frozen is reported then.
int write_below(int cgroup, const char *name, const std::string &text) {
  UniqueFd file{openat(cgroup, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)};
  if (file) static_cast<void>(::write(file.get(), text.data(), text.size()) >= 0);
  return 0;
}

class Removal {
public:
  explicit Removal(double ms) : deadline_(ms) {}
  [[nodiscard]] double removed() const { return removed_; }

  /// 0 once all of it is gone; EBUSY if a process is still in it, or there is more than could be removed in time.
  int run(const char *path) {
    int error = remove(AT_FDCWD, path);
    if (error != EBUSY) return error;
    current_ = open_cgroup(AT_FDCWD, path);
    if (!current_) return is_gone(errno) ? 0 : errno;
    error = empty();
    return error == 0 ? remove(AT_FDCWD, path) : error;
  }

private:
  int remove(int parent, const char *name) {
    if (unlinkat(parent, name, AT_REMOVEDIR) != 0) return is_gone(errno) ? 0 : errno;
    ++removed_;
    return 0;
  }

  /// Removes everything below, deepest first.
  int empty() {
    std::uint64_t depth = 0;
    bool fresh = true; // nothing has been removed here yet
    for (std::int64_t position = 0;;) {
      std::string name;
      if (int error = next_below(current_.get(), position, name); error != 0) return error;
      if (name.empty()) {
        if (fresh) return EBUSY; // nothing below it, so a process must be in it
        if (depth == 0) return 0;
        --depth;
        position = 0;
        if (int error = enter(".."); error != 0) return error;
        continue;
      }
      fresh = false;
      int error = remove(current_.get(), name.c_str());
      if (error == 0) continue;
      if (error != EBUSY || deadline_.passed()) return error;
      error = enter(name.c_str());
      if (is_gone(error)) continue;
      if (error != 0) return error;
      ++depth;
      position = 0;
      fresh = true;
    }
  }

  int enter(const char *name) {
    UniqueFd next = open_cgroup(current_.get(), name);
    if (!next) return errno;
    current_.reset(next.release());
    return 0;
  }

  Deadline deadline_;
  UniqueFd current_;
  double removed_ = 0;
};

} // namespace

Reply remove_cgroup(const Arguments &arguments) {
  const char *path = arguments.path(0);
  Removal removal{arguments.number(1)};
  int error = removal.run(path);
  if (error != 0 && error != EBUSY) return fail("rmdir", error, path);
  Object result;
  result.emplace_back("gone", Value{error == 0});
  result.emplace_back("removed", Value{removal.removed()});
  return Value{std::move(result)};
}

Reply cgroup_processes(const Arguments &arguments) {
  const char *path = arguments.path(0);
  Array pids;
  int error = walk(path, [&](int cgroup) { return add_members(cgroup, pids); });
  return error == 0 || is_gone(error) ? Reply{Value{std::move(pids)}} : fail("read", error, path);
}

Reply write_cgroups(const Arguments &arguments) {
  const char *path = arguments.path(0);
  int error = walk(path, [&](int cgroup) { return write_below(cgroup, arguments.path(1), arguments.text(2)); });
  return error == 0 || is_gone(error) ? nothing() : fail("open", error, path);
}

} // namespace pocker::host
