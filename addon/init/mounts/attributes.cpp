// What a mount's own flags become, and which of them are locked in a user namespace (mount_namespaces(7)).
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/statfs.h>

#include "../arena.h"
#include "mounts.h"

namespace pocker::init {
namespace {

constexpr std::uint64_t times = MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;

struct Flag {
  std::uint64_t attribute;
  /// ST_* of statfs(2).
  long status;
  const char *name;
};
constexpr Flag lockable[] = {{MOUNT_ATTR_RDONLY, 0x1, "ro"},
                             {MOUNT_ATTR_NOSUID, 0x2, "nosuid"},
                             {MOUNT_ATTR_NODEV, 0x4, "nodev"},
                             {MOUNT_ATTR_NOEXEC, 0x8, "noexec"},
                             {MOUNT_ATTR_NODIRATIME, 0x800, "nodiratime"}};
constexpr long st_noatime = 0x400, st_relatime = 0x1000;

/// Those that can be locked; ro also if the whole filesystem is.
Outcome read_attributes(int mount, std::uint64_t &found, const char *path) {
  struct statfs status {};
  if (Outcome outcome = check("fstatfs", call(__NR_fstatfs, mount, &status), path); !outcome.ok()) return outcome;
  found = (status.f_flags & st_noatime) != 0    ? MOUNT_ATTR_NOATIME
          : (status.f_flags & st_relatime) != 0 ? MOUNT_ATTR_RELATIME
                                                : MOUNT_ATTR_STRICTATIME;
  for (const Flag &flag : lockable) {
    if ((status.f_flags & flag.status) != 0) found |= flag.attribute;
  }
  return success();
}

/// Keeps all flags that are set; asking for the opposite is an error.
Outcome change_locked(int mount, const Changes &changes, std::uint64_t clear, const char *path) {
  std::uint64_t found = 0;
  if (Outcome outcome = read_attributes(mount, found, path); !outcome.ok()) return outcome;
  for (const Flag &flag : lockable) {
    if ((found & clear & ~changes.set & flag.attribute) != 0)
      return failure("mount_setattr", EPERM, path, join(flag.name, " is locked"));
  }
  if ((clear & MOUNT_ATTR__ATIME) != 0 && ((found ^ changes.set) & times) != 0)
    return failure("mount_setattr", EPERM, path, "access times are locked");
  return set_attributes(mount, {changes.set & ~times, (clear | changes.unnamed) & MOUNT_ATTR_NOSYMFOLLOW, 0, 0}, false, path);
}

} // namespace

sys::MountAttr attributes(std::uint64_t set, std::uint64_t clear) {
  if (((set | clear) & MOUNT_ATTR__ATIME) != 0) clear |= MOUNT_ATTR__ATIME;
  return {set, clear, 0, 0};
}

Outcome set_attributes(int mount, const sys::MountAttr &attributes, bool recursive, const char *path) {
  if (attributes.attr_set == 0 && attributes.attr_clr == 0 && attributes.propagation == 0) return success();
  unsigned flags = AT_EMPTY_PATH | (recursive ? unsigned{AT_RECURSIVE} : 0U);
  return check("mount_setattr", call(__NR_mount_setattr, mount, "", flags, &attributes, sizeof attributes), path);
}

Outcome change_attributes(int mount, const Changes &changes, bool locked, const char *path) {
  std::uint64_t clear = changes.clear;
  if (changes.times_clear != 0) {
    std::uint64_t found = 0;
    if (Outcome outcome = read_attributes(mount, found, path); !outcome.ok()) return outcome;
    if ((found & changes.times_clear) != 0) clear |= MOUNT_ATTR__ATIME;
  }
  if (locked) return change_locked(mount, changes, clear, path);
  Outcome outcome = set_attributes(mount, attributes(changes.set, clear | changes.unnamed), false, path);
  return outcome.error == EPERM ? change_locked(mount, changes, clear, path) : outcome;
}

} // namespace pocker::init
