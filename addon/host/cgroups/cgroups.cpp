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
#include "../call_error.h"
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

/// A cgroup that is gone has no more entries.
CallError read_entries(int fd, std::span<char> buffer, long &size) {
  size = syscall(SYS_getdents64, fd, buffer.data(), buffer.size());
  return size >= 0 || is_gone(errno) ? CallError{} : failed("getdents64");
}

/// The next directory in `fd` after `position`, which is advanced; empty at the end.
CallError next_below(int fd, std::int64_t &position, std::string &name) {
  alignas(Entry) char buffer[8192];
  name.clear();
  if (lseek(fd, position, SEEK_SET) < 0) return failed("lseek");
  for (long size = 0;;) {
    if (CallError error = read_entries(fd, buffer, size); error || size <= 0) return error;
    for (long at = 0; at < size;) {
      const auto *entry = reinterpret_cast<const Entry *>(buffer + at);
      at += entry->size;
      position = entry->next;
      if (entry->type != DT_DIR || std::string_view(entry->name) == "." || std::string_view(entry->name) == "..") continue;
      name = entry->name;
      return {};
    }
  }
}

/// All directories in `fd`, read in one go. The kernel remembers a position by a hash of the name, and whoever makes cgroups can
/// choose names with equal hashes: after a seek, one of them would be found again and again, and the other never.
CallError names_below(int fd, std::vector<std::string> &names) {
  alignas(Entry) char buffer[8192];
  for (long size = 0;;) {
    if (CallError error = read_entries(fd, buffer, size); error || size <= 0) return error;
    for (long at = 0; at < size;) {
      const auto *entry = reinterpret_cast<const Entry *>(buffer + at);
      at += entry->size;
      std::string_view name{entry->name};
      if (entry->type == DT_DIR && name != "." && name != "..") names.emplace_back(name);
    }
  }
}

/// Calls `visit` with each cgroup of the tree, until it returns an error. Returns that, or why the walk cannot go on; ENOENT if
/// there is no tree.
template <class Visit> CallError walk(const char *path, const Visit &visit) {
  UniqueFd current = open_cgroup(AT_FDCWD, path);
  if (!current) return failed("open");
  std::vector<std::vector<std::string>> left;
  auto enter = [&] {
    CallError error = visit(current.get());
    return error ? error : names_below(current.get(), left.emplace_back());
  };
  CallError error = enter();
  while (!error) {
    if (left.back().empty()) {
      left.pop_back();
      if (left.empty()) return {};
      UniqueFd parent = open_cgroup(current.get(), "..");
      if (!parent) return failed("open");
      current.reset(parent.release());
      continue;
    }
    UniqueFd child = open_cgroup(current.get(), left.back().back().c_str());
    CallError refused = child ? CallError{} : failed("open");
    left.back().pop_back();
    if (is_gone(refused.number) || refused.number == EACCES) continue;
    if (refused) return refused;
    current.reset(child.release());
    error = enter();
  }
  return error;
}

std::string read_below(int cgroup, const char *name, CallError &error) {
  UniqueFd file{openat(cgroup, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
  std::string text;
  char buffer[4096];
  ssize_t size = 0;
  while (file && (size = read(file.get(), buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(size));
  error = !file ? failed("open") : size < 0 ? failed("read") : CallError{};
  return text;
}

/// The process that a thread belongs to; 0 if it has ended.
int process_of(int thread, CallError &error) {
  std::string status = read_below(AT_FDCWD, ("/proc/" + std::to_string(thread) + "/status").c_str(), error);
  if (is_gone(error.number) || error.number == ESRCH) error = {};
  std::size_t at = status.find("\nTgid:\t");
  return at == std::string::npos ? 0 : static_cast<int>(std::strtol(status.c_str() + at + 7, nullptr, 10));
}

CallError add_members(int cgroup, Array &pids) {
  CallError error;
  std::string text = read_below(cgroup, "cgroup.procs", error);
  // cgroups(7), "Thread mode": for a threaded cgroup, the kernel lists only threads.
  bool threads = error.number == EOPNOTSUPP;
  if (threads) text = read_below(cgroup, "cgroup.threads", error);
  // In an invalid domain ("domain invalid"), there can be no process.
  if (error) return is_gone(error.number) || error.number == EOPNOTSUPP ? CallError{} : error;
  for (char *at = text.data(), *end = at; *at != 0; at = end + 1) {
    auto pid = static_cast<int>(std::strtol(at, &end, 10));
    if (*end != '\n') return {};
    if (threads) pid = process_of(pid, error);
    if (error) return error;
    // 0 is a process of another pid namespace.
    if (pid > 0) pids.emplace_back(static_cast<double>(pid));
  }
  return {};
}

/// A failure has no effect here: what must be thawed is killed next, and anything still frozen is reported then.
CallError write_below(int cgroup, const char *name, const std::string &text) {
  UniqueFd file{openat(cgroup, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC)};
  if (file) static_cast<void>(::write(file.get(), text.data(), text.size()) >= 0);
  return {};
}

class Removal {
public:
  explicit Removal(double ms) : deadline_(ms) {}
  [[nodiscard]] double removed() const { return removed_; }

  /// No error once all of it is gone; EBUSY if a process is still in it, or there is more than could be removed in time.
  CallError run(const char *path) {
    CallError error = remove(AT_FDCWD, path);
    if (error.number != EBUSY) return error;
    current_ = open_cgroup(AT_FDCWD, path);
    if (!current_) return is_gone(errno) ? CallError{} : failed("open");
    error = empty();
    return error ? error : remove(AT_FDCWD, path);
  }

private:
  CallError remove(int parent, const char *name) {
    if (unlinkat(parent, name, AT_REMOVEDIR) != 0) return is_gone(errno) ? CallError{} : failed("rmdir");
    ++removed_;
    return {};
  }

  /// Removes everything below, deepest first.
  CallError empty() {
    std::uint64_t depth = 0;
    bool fresh = true; // nothing has been removed here yet
    for (std::int64_t position = 0;;) {
      std::string name;
      if (CallError error = next_below(current_.get(), position, name)) return error;
      if (name.empty()) {
        if (fresh) return {"rmdir", EBUSY}; // nothing below it, so a process must be in it
        if (depth == 0) return {};
        --depth;
        position = 0;
        if (CallError error = enter("..")) return error;
        continue;
      }
      fresh = false;
      CallError error = remove(current_.get(), name.c_str());
      if (!error) continue;
      if (error.number != EBUSY || deadline_.passed()) return error;
      error = enter(name.c_str());
      if (is_gone(error.number)) continue;
      if (error) return error;
      ++depth;
      position = 0;
      fresh = true;
    }
  }

  CallError enter(const char *name) {
    UniqueFd next = open_cgroup(current_.get(), name);
    if (!next) return failed("open");
    current_.reset(next.release());
    return {};
  }

  Deadline deadline_;
  UniqueFd current_;
  double removed_ = 0;
};

} // namespace

Reply remove_cgroup(const Arguments &arguments) {
  const char *path = arguments.path(0);
  Removal removal{arguments.number(1)};
  CallError error = removal.run(path);
  if (error && error.number != EBUSY) return fail(error.call, error.number, path);
  Object result;
  result.emplace_back("gone", Value{!error});
  result.emplace_back("removed", Value{removal.removed()});
  return Value{std::move(result)};
}

Reply cgroup_processes(const Arguments &arguments) {
  const char *path = arguments.path(0);
  Array pids;
  CallError error = walk(path, [&](int cgroup) { return add_members(cgroup, pids); });
  return !error || is_gone(error.number) ? Reply{Value{std::move(pids)}} : fail(error.call, error.number, path);
}

Reply write_cgroups(const Arguments &arguments) {
  const char *path = arguments.path(0);
  CallError error = walk(path, [&](int cgroup) { return write_below(cgroup, arguments.path(1), arguments.text(2)); });
  return !error || is_gone(error.number) ? nothing() : fail(error.call, error.number, path);
}

} // namespace pocker::host
