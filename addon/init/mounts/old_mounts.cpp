// --no-pivot: the old root stays below the container's, so everything mounted on it must be unmounted piece by piece. Any procfs
// or sysfs left would let the container mount another one without masks (mnt_already_visible() in the kernel).
#include <fcntl.h>
#include <linux/mount.h>

#include "../arena.h"
#include "../paths.h"
#include "../proc.h"
#include "root.h"
#include "unmount.h"

namespace pocker::init {
namespace {

/// A line of mountinfo (proc_pid_mountinfo(5)).
struct Mount {
  std::uint64_t id = 0;
  std::uint64_t parent = 0;
  const char *point = "";
  /// A procfs or sysfs, mounted from its root.
  bool revealing = false;
};

struct Table {
  Mount *mounts = nullptr;
  std::size_t count = 0;
};

Outcome read_table(Context &context, std::string_view &text) {
  constexpr const char *path = "/proc/self/mountinfo";
  UniqueFd file;
  if (Outcome outcome = open_proc(context, path, O_RDONLY, file); !outcome.ok()) return outcome;
  std::size_t size = 0, room = std::size_t{32} * 1024;
  char *bytes = static_cast<char *>(allocate(room));
  for (;;) {
    Result got = call(__NR_read, file.get(), bytes + size, room - size);
    if (!got.ok()) return check("read", got, path);
    if (got.value() == 0) break;
    size += static_cast<std::size_t>(got.value());
    if (size < room) continue;
    room *= 2;
    char *wider = static_cast<char *>(allocate(room));
    std::memcpy(wider, bytes, size);
    bytes = wider;
  }
  text = {bytes, size};
  return success();
}

std::string_view take(std::string_view &text, char end) {
  std::size_t length = text.find(end);
  std::string_view part{text.data(), length == std::string_view::npos ? text.size() : length};
  text.remove_prefix(length == std::string_view::npos ? text.size() : length + 1);
  return part;
}

std::uint64_t number_in(std::string_view digits) {
  std::uint64_t value = 0;
  for (char digit : digits) value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  return value;
}

/// Decodes "\\040" for a space and so on.
const char *unescape(std::string_view text) {
  char *plain = static_cast<char *>(allocate(text.size() + 1)), *end = plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    *end++ = text[at];
    if (text[at] != '\\' || at + 3 >= text.size()) continue;
    end[-1] = static_cast<char>((text[at + 1] - '0') * 64 + (text[at + 2] - '0') * 8 + (text[at + 3] - '0'));
    at += 3;
  }
  *end = 0;
  return plain;
}

Mount parse(std::string_view line) {
  Mount mount;
  mount.id = number_in(take(line, ' '));
  mount.parent = number_in(take(line, ' '));
  static_cast<void>(take(line, ' ')); // device
  bool whole = take(line, ' ') == "/";
  mount.point = unescape(take(line, ' '));
  while (!line.empty() && take(line, ' ') != "-") {
  }
  std::string_view type = take(line, ' ');
  mount.revealing = whole && (type == "proc" || type == "sysfs");
  return mount;
}

Outcome read_mounts(Context &context, Table &table) {
  std::string_view text;
  if (Outcome outcome = read_table(context, text); !outcome.ok()) return outcome;
  std::size_t lines = 0;
  for (char byte : text) lines += byte == '\n' ? 1 : 0;
  table = {allocate_array<Mount>(lines), 0};
  while (table.count < lines) table.mounts[table.count++] = parse(take(text, '\n'));
  return success();
}

/// What is visible at a mount point: the mount itself, or another one on top of it; empty if the place is hidden.
UniqueFd open_top(const Mount &mount, std::uint64_t &id) {
  UniqueFd file{call(__NR_openat, AT_FDCWD, mount.point, O_PATH | O_NOFOLLOW | O_CLOEXEC)};
  Status status;
  if (!file || !inspect(file.get(), status).ok() || !status.mount_root) file.reset();
  id = status.mount_id;
  return file;
}

/// Unmounts each with everything below it, topmost first; locked mounts stay.
bool detach_children(const Context &context, const Table &table, std::uint64_t root, std::uint64_t own) {
  bool progress = false;
  for (std::size_t index = table.count; index-- > 0;) {
    const Mount &mount = table.mounts[index];
    if (mount.parent != root || mount.id == own) continue;
    std::uint64_t id = 0;
    UniqueFd file = open_top(mount, id);
    if (file && id != root && detach(context, file.get()).ok()) progress = true;
  }
  return progress;
}

bool is_below(const Table &table, std::uint64_t id, std::uint64_t ancestor) {
  for (std::size_t steps = 0; steps <= table.count; ++steps) {
    if (id == ancestor) return true;
    std::size_t index = 0;
    while (index < table.count && table.mounts[index].id != id) ++index;
    if (index == table.count) return false;
    id = table.mounts[index].parent;
  }
  return false;
}

/// Covers mounts that are locked, as runc does. In a user namespace that got a copy of the mounts, they are.
Outcome cover(const Mount &mount) {
  std::uint64_t top = 0;
  UniqueFd file = open_top(mount, top);
  if (!file) return failure("umount", EBUSY, mount.point, "cannot be reached: another mount covers it");
  if (top != mount.id) return success(); // covered by another mount, which is locked too
  if (Outcome outcome = check("fchdir", call(__NR_fchdir, file.get()), mount.point); !outcome.ok()) return outcome;
  Result covered = call(__NR_mount, "tmpfs", ".", "tmpfs", MS_RDONLY, "");
  static_cast<void>(call(__NR_chdir, "/").ok());
  return check("mount", covered, mount.point);
}

} // namespace

Outcome detach_others(Context &context, int root) {
  Status old, own;
  if (Outcome outcome = inspect(root, old); !outcome.ok()) return outcome;
  if (Outcome outcome = inspect(context.root.get(), own); !outcome.ok()) return outcome;
  if (Outcome outcome = open_proc(context, "/proc/self/fd", O_PATH | O_DIRECTORY, context.descriptors); !outcome.ok())
    return outcome;
  Table table;
  do {
    if (Outcome outcome = read_mounts(context, table); !outcome.ok()) return outcome;
  } while (detach_children(context, table, old.mount_id, own.mount_id));
  context.descriptors.reset();
  for (std::size_t index = table.count; index-- > 0;) {
    const Mount &mount = table.mounts[index];
    if (!mount.revealing || is_below(table, mount.id, own.mount_id)) continue;
    if (Outcome outcome = cover(mount); !outcome.ok()) return outcome;
  }
  return success();
}

} // namespace pocker::init
