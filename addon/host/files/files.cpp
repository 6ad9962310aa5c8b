// The runtime's own files: config, state, procfs and cgroupfs. None of this is used inside a root filesystem.
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../sys/fd.h"
#include "../../sys/kernel.h"
#include "../functions.h"
#include "../modes.h"
#include "../writing.h"

namespace pocker::host {
namespace {

using sys::UniqueFd;

/// Length of the UTF-8 sequence at `text`, or 0 if it is invalid (RFC 3629: no surrogates, nothing overlong).
std::size_t sequence_length(const unsigned char *text, std::size_t left) {
  unsigned char first = text[0];
  if (first < 0x80) return 1;
  std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || length > left) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((text[i] & 0xc0) != 0x80) return 0;
  }
  bool overlong = (first == 0xe0 && text[1] < 0xa0) || (first == 0xf0 && text[1] < 0x90);
  bool beyond = (first == 0xed && text[1] > 0x9f) || (first == 0xf4 && text[1] > 0x8f);
  return overlong || beyond ? 0 : length;
}

/// Whether eight bytes are, as nearly all.
bool is_ascii(const unsigned char *eight) {
  std::uint64_t word;
  std::memcpy(&word, eight, sizeof word);
  return (word & 0x8080'8080'8080'8080) == 0;
}

bool is_utf8(const std::string &text) {
  const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
  for (std::size_t at = 0; at < text.size();) {
    if (text.size() - at >= 8 && is_ascii(bytes + at)) {
      at += 8;
      continue;
    }
    std::size_t length = sequence_length(bytes + at, text.size() - at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

/// Processes, cgroups and mounts may have any name, and one bad name must not prevent others from being read.
bool speaks_of_others(const char *path) { return std::string_view(path).starts_with("/proc/"); }

/// Replaces each byte that is not UTF-8 with U+FFFD.
std::string with_replacements(const std::string &text) {
  const auto *bytes = reinterpret_cast<const unsigned char *>(text.data());
  std::string valid;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = sequence_length(bytes + at, text.size() - at);
    if (length == 0)
      valid += "\xef\xbf\xbd";
    else
      valid.append(text, at, length);
    at += length == 0 ? 1 : length;
  }
  return valid;
}

/// Of a descriptor; if that is impossible, of nothing.
struct stat status_of(int fd) {
  struct stat status {};
  return fstat(fd, &status) == 0 ? status : (struct stat){};
}

Reply read_all(int fd, const struct stat &status, double limit, const char *path, bool of_others) {
  std::string text;
  std::size_t size = 0;
  // One more byte than the size: a read that gives just the size has seen the end. procfs reports 0.
  bool sized = S_ISREG(status.st_mode) && status.st_size > 0 && static_cast<double>(status.st_size) <= limit;
  text.resize(sized ? static_cast<std::size_t>(status.st_size) + 1 : 4096);
  for (;;) {
    ssize_t got = read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail("read", errno, path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (static_cast<double>(size) > limit) return fail("read", EFBIG, path);
    if (sized && size == static_cast<std::size_t>(status.st_size)) break;
    if (size == text.size()) text.resize(size * 2);
  }
  text.resize(size);
  if (is_utf8(text)) return Value{std::move(text)};
  return of_others ? Reply{Value{with_replacements(text)}} : fail("read", EILSEQ, path);
}

/// musl's open() also calls fcntl(2), for kernels before 2.6.23.
UniqueFd open_to_read(const char *path, int more) {
  return UniqueFd{openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | more)};
}

} // namespace

Reply read_text(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd file = open_to_read(path, 0);
  if (!file) return fail("open", errno, path);
  bool of_others = speaks_of_others(path);
  // The sizes that procfs gives are 0.
  struct stat status = of_others ? (struct stat){} : status_of(file.get());
  return read_all(file.get(), status, arguments.number(1), path, of_others);
}

Reply read_regular(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd file = open_to_read(path, O_NOFOLLOW | O_NONBLOCK);
  if (!file) return fail("open", errno, path);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return fail("fstat", errno, path);
  if (S_ISDIR(status.st_mode)) return fail("read", EISDIR, path);
  if (!S_ISREG(status.st_mode)) return fail("read", ENXIO, path);
  return read_all(file.get(), status, arguments.number(1), path, false);
}

/// What is no file with something in it is not opened: root in a container can make any device node, and opening some does something,
/// as a watchdog's; or a link to a file of procfs, which have no size, and /proc/kmsg is emptied by who reads it.
Reply read_text_in_root(const Arguments &arguments) {
  const char *root = arguments.path(0), *path = arguments.path(1);
  UniqueFd directory{open(root, O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!directory) return fail("open", errno, root);
  sys::OpenHow how{O_PATH | O_CLOEXEC, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  sys::Result opened = sys::call(__NR_openat2, directory.get(), path, &how, sizeof how);
  if (!opened.ok()) return fail("openat2", opened.error(), path);
  UniqueFd found{opened.fd()};
  struct stat status {};
  if (fstat(found.get(), &status) != 0) return fail("fstat", errno, path);
  if (!S_ISREG(status.st_mode)) return fail("read", S_ISDIR(status.st_mode) ? EISDIR : ENXIO, path);
  if (status.st_size == 0) return Value{std::string()};
  constexpr int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  UniqueFd file{open(("/proc/self/fd/" + std::to_string(found.get())).c_str(), flags)};
  if (!file) return fail("open", errno, path);
  // The files of an image may have any name in them, too.
  return read_all(file.get(), status, arguments.number(2), path, true);
}

Reply read_at(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd file{open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (!file) return fail("open", errno, path);
  Bytes bytes(static_cast<std::size_t>(arguments.number(2)));
  ssize_t got = 0;
  do got = pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(arguments.number(1)));
  while (got < 0 && errno == EINTR);
  if (got < 0) return fail("read", errno, path);
  bytes.resize(static_cast<std::size_t>(got));
  return Value{std::move(bytes)};
}

Reply read_stdin(const Arguments &arguments) { return read_all(0, status_of(0), arguments.number(0), "standard input", false); }

Reply read_input(const Arguments &arguments) {
  std::string text(static_cast<std::size_t>(arguments.number(0)), 0);
  ssize_t got = 0;
  do got = read(0, text.data(), text.size());
  while (got < 0 && errno == EINTR);
  if (got < 0) return fail("read", errno, "standard input");
  text.resize(static_cast<std::size_t>(got));
  return Value{with_replacements(text)};
}

Reply write_control(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd file{open(path, O_WRONLY | O_CLOEXEC)};
  if (!file) return fail("open", errno, path);
  const std::string &text = arguments.text(1);
  // cgroup files return EINTR if a signal or a busy kernel interrupts them before anything is done.
  ssize_t written = 0;
  do written = ::write(file.get(), text.data(), text.size());
  while (written < 0 && errno == EINTR);
  if (written < 0) return fail("write", errno, path);
  // The kernel has taken the beginning for all of it, and would take the rest for another value.
  return static_cast<std::size_t>(written) == text.size() ? nothing() : fail("write", E2BIG, path);
}

Reply append(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd file{open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0644)};
  if (!file) return fail("open", errno, path);
  int error = write_all(file.get(), arguments.text(1));
  return error == 0 ? nothing() : fail("write", error, path);
}

Reply write_new(const Arguments &arguments) {
  const char *path = arguments.path(0);
  mode_t mode = arguments.unsigned_integer(2);
  UniqueFd file{open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)};
  if (!file) return fail("open", errno, path);
  if (is_masked(mode) && fchmod(file.get(), mode) != 0) return fail("fchmod", errno, path);
  int error = write_all(file.get(), arguments.text(1));
  return error == 0 ? nothing() : fail("write", error, path);
}

Reply overwrite(const Arguments &arguments) {
  const char *path = arguments.path(0);
  mode_t mode = arguments.unsigned_integer(2);
  UniqueFd file{open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode)};
  if (!file) return fail("open", errno, path);
  if (is_masked(mode) && fchmod(file.get(), mode) != 0) return fail("fchmod", errno, path);
  int error = write_all(file.get(), arguments.text(1));
  return error == 0 ? nothing() : fail("write", error, path);
}

namespace {

/// Some filesystems cannot sync a directory; what was done there is done anyway.
int sync_directory(int fd) { return fsync(fd) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno; }

} // namespace

Reply write_atomic(const Arguments &arguments) {
  const char *directory_path = arguments.path(0);
  const std::string &name = arguments.text(1);
  UniqueFd directory{open(directory_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory) return fail("open", errno, directory_path);
  std::string temporary = "." + name + "." + std::to_string(getpid());
  auto failed = [&](const char *operation, int error) {
    unlinkat(directory.get(), temporary.c_str(), 0);
    return fail(operation, error, std::string(directory_path) + "/" + name);
  };
  static_cast<void>(unlinkat(directory.get(), temporary.c_str(), 0)); // left by an earlier process with our pid
  mode_t mode = arguments.unsigned_integer(3);
  UniqueFd file{openat(directory.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)};
  if (!file) return fail("open", errno, std::string(directory_path) + "/" + temporary);
  // The umask limits what others may do, but not the owner.
  if (is_masked(mode & S_IRWXU) && fchmod(file.get(), mode & (S_IRWXU | ~inherited_umask())) != 0) return failed("fchmod", errno);
  if (int error = write_all(file.get(), arguments.text(2)); error != 0) return failed("write", error);
  if (fsync(file.get()) != 0) return failed("fsync", errno);
  if (renameat(directory.get(), temporary.c_str(), directory.get(), name.c_str()) != 0) return failed("rename", errno);
  if (int error = sync_directory(directory.get()); error != 0) return failed("fsync", error);
  return nothing();
}

Reply sync_names(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd directory{open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory) return fail("open", errno, path);
  int error = sync_directory(directory.get());
  return error == 0 ? nothing() : fail("fsync", error, path);
}

Reply sync_filesystem(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd directory{open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory) return fail("open", errno, path);
  return syncfs(directory.get()) == 0 ? nothing() : fail("syncfs", errno, path);
}

} // namespace pocker::host
