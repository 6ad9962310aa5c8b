#include "devices.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/stat.h>

#include "arena.h"
#include "mounts/mounts.h"
#include "paths.h"
#include "proc.h"

namespace pocker::init {
namespace {

/// The kernel's encoding of a device number, new_encode_dev().
std::uint64_t encode(std::uint32_t major, std::uint32_t minor) {
  return (minor & 0xff) | (major << 8) | (std::uint64_t{minor & ~0xffU} << 12);
}

template <class Wanted> bool same(const Status &status, const Wanted &operation) {
  switch (operation.mode() & S_IFMT) {
  case S_IFCHR: return status.kind == Kind::character && status.major == operation.major() && status.minor == operation.minor();
  case S_IFBLK: return status.kind == Kind::block && status.major == operation.major() && status.minor == operation.minor();
  case S_IFIFO: return status.kind == Kind::fifo;
  default: return false;
  }
}

Outcome clear_entry(const DirectoryEntry &entry, const plan::Device &operation, bool &there) {
  const char *path = operation.path()->c_str();
  Status status;
  if (Outcome outcome = inspect_at(entry.directory.get(), entry.name, status); !outcome.ok()) return outcome;
  there = status.kind != Kind::missing && same(status, operation);
  if (status.kind == Kind::missing || there) return success();
  return check("unlink",
               call(__NR_unlinkat, entry.directory.get(), entry.name, status.kind == Kind::directory ? AT_REMOVEDIR : 0), path);
}

/// fchmodat2(2) of Linux 6.6; on older kernels through the descriptor's link in a private procfs.
Outcome change_mode(Context &context, int node, std::uint32_t mode, const char *path) {
  constexpr long fchmodat2 = 452;
  Result changed = call(fchmodat2, node, "", mode, AT_EMPTY_PATH);
  if (changed.error() != ENOSYS) return check("chmod", changed, path);
  UniqueFd descriptors;
  if (Outcome outcome = open_proc(context, "/proc/self/fd", O_PATH | O_DIRECTORY, descriptors); !outcome.ok()) return outcome;
  return check("chmod", call(__NR_fchmodat, descriptors.get(), decimal(node), mode), path);
}

/// By descriptor: in a directory shared with a running container, the name may now be a link to anything (CVE-2026-88264).
Outcome own_node(Context &context, Result opened, const plan::Device &operation) {
  const char *path = operation.path()->c_str();
  if (!opened.ok()) return check("open", opened, path);
  UniqueFd node{opened};
  Status status;
  if (Outcome outcome = inspect(node.get(), status); !outcome.ok()) return outcome;
  if (!same(status, operation)) return failure("mknod", EEXIST, path, "something else already has that name");
  Result owned = call(__NR_fchownat, node.get(), "", operation.uid(), operation.gid(), AT_EMPTY_PATH);
  if (!owned.ok()) return check("chown", owned, path);
  std::uint32_t mode = operation.mode() & 07777U;
  return status.mode == mode ? success() : change_mode(context, node.get(), mode, path);
}

Outcome make_node(Context &context, const DirectoryEntry &entry, const plan::Device &operation) {
  int directory = entry.directory.get();
  Result made = call(__NR_mknodat, directory, entry.name, operation.mode(), encode(operation.major(), operation.minor()));
  if (!made.ok()) return check("mknod", made, operation.path()->c_str());
  return own_node(context, call(__NR_openat, directory, entry.name, O_PATH | O_NOFOLLOW | O_CLOEXEC), operation);
}

/// The one that the config asks for, at that path or where a link leads, unless it exists already.
Outcome provide_node(Context &context, const plan::Device &operation) {
  const char *path = operation.path()->c_str();
  Result found = open_in_root(context, path, O_PATH);
  if (found.error() != ENOENT) return own_node(context, found, operation);
  DirectoryEntry entry;
  if (Outcome outcome = make_parent_of_target(context, path, entry); !outcome.ok()) return outcome;
  return make_node(context, entry, operation);
}

/// A default device, replacing whatever the image has.
Outcome replace_node(Context &context, const plan::Device &operation) {
  DirectoryEntry entry;
  if (Outcome outcome = make_parent(context, operation.path()->c_str(), entry); !outcome.ok()) return outcome;
  bool there = false;
  if (Outcome outcome = clear_entry(entry, operation, there); !outcome.ok()) return outcome;
  if (!there) return make_node(context, entry, operation);
  return own_node(context, call(__NR_openat, entry.directory.get(), entry.name, O_PATH | O_NOFOLLOW | O_CLOEXEC), operation);
}

bool host_has(const plan::DeviceNode &operation) {
  Status status;
  return inspect_at(AT_FDCWD, operation.path()->c_str(), status).ok() && same(status, operation);
}

/// A mount namespace of our own: the host's new mounts still arrive here, but ours do not reach the host.
Outcome leave_mount_namespace(Context &context) {
  if (context.mounts_unshared) return success();
  if (Outcome outcome = check("unshare", call(__NR_unshare, CLONE_NEWNS), "mount"); !outcome.ok()) return outcome;
  context.mounts_unshared = true;
  UniqueFd root;
  Result opened = call(__NR_openat, AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (Outcome outcome = check_fd("open", opened, root, "/"); !outcome.ok()) return outcome;
  return propagate(root.get(), MS_SLAVE, true, "/");
}

/// A detached clone of a new node. Before Linux 6.15, only what is attached in a mount namespace can be cloned. The mount that
/// hides the root must go again, or no user namespace can be made (EPERM, as in a chroot).
Outcome clone_new_node(const plan::DeviceNode &operation, UniqueFd &node) {
  const char *path = operation.path()->c_str(), *name = "node";
  UniqueFd tmpfs;
  if (Outcome outcome = attach_hidden_tmpfs(tmpfs); !outcome.ok()) return outcome;
  Result made = call(__NR_mknodat, tmpfs.get(), name, operation.mode(), encode(operation.major(), operation.minor()));
  Outcome outcome = check("mknod", made, path);
  if (outcome.ok()) outcome = check("chown", call(__NR_fchownat, tmpfs.get(), name, operation.uid(), operation.gid(), 0), path);
  Result cloned = call(__NR_open_tree, tmpfs.get(), name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (outcome.ok()) outcome = check("open_tree", cloned, path);
  if (cloned.ok()) node.reset(cloned.fd());
  if (Outcome detached = detach_hidden(tmpfs); outcome.ok()) outcome = detached;
  return outcome;
}

UniqueFd *made_node(Context &context, int slot) {
  bool there = slot >= 0 && static_cast<std::size_t>(slot) < device_slots && context.device_nodes[slot];
  return there ? &context.device_nodes[slot] : nullptr;
}

/// In a user namespace mknod is refused: bind the host's node of the same path instead, if it is that device.
Outcome bind_node(Context &context, const plan::Device &operation) {
  const char *path = operation.path()->c_str();
  if (const UniqueFd *made = made_node(context, operation.node()); made != nullptr) {
    UniqueFd target;
    if (Outcome outcome = open_target(context, path, false, target); !outcome.ok()) return outcome;
    return attach(made->get(), target.get(), path);
  }
  Result opened = call(__NR_openat, AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (opened.error() == ENOENT) return failure("open", ENOENT, path, "the host has no such device");
  UniqueFd source;
  if (Outcome outcome = check_fd("open", opened, source, path); !outcome.ok()) return outcome;
  Status status;
  if (Outcome outcome = inspect(source.get(), status); !outcome.ok()) return outcome;
  if (!same(status, operation)) return failure("open", ENXIO, path, "the host has another device at that path");
  UniqueFd tree, target;
  if (Outcome outcome = clone_node(source.get(), path, tree); !outcome.ok()) return outcome;
  if (Outcome outcome = open_target(context, path, false, target); !outcome.ok()) return outcome;
  return attach(tree.get(), target.get(), path);
}

} // namespace

Outcome device_node(Context &context, const plan::DeviceNode &operation) {
  const char *path = operation.path()->c_str();
  if (host_has(operation)) return success();
  if (operation.node() >= device_slots) return failure("mknod", EMFILE, path, "too many devices in a user namespace");
  if (Outcome outcome = leave_mount_namespace(context); !outcome.ok()) return outcome;
  UniqueFd &node = context.device_nodes[operation.node()];
  if (Outcome outcome = clone_new_node(operation, node); !outcome.ok()) return outcome;
  return set_attributes(node.get(), {MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, 0, 0}, false, path);
}

Outcome device(Context &context, const plan::Device &operation) {
  if (operation.bind()) return bind_node(context, operation);
  return operation.replace() ? replace_node(context, operation) : provide_node(context, operation);
}

} // namespace pocker::init
