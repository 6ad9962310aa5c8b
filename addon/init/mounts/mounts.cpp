#include "mounts.h"

#include <fcntl.h>
#include <linux/mount.h>

#include "../arena.h"
#include "../channel.h"
#include "filesystem.h"
#include "../paths.h"
#include "unmount.h"

namespace pocker::init {
namespace {

/// The old mount(2), for what fsconfig(2) cannot express: MS_I_VERSION, MS_SILENT, a parameter longer than 255 bytes.
bool wants_classic(const plan::MountFilesystem &operation) {
  if ((operation.flags() & (MS_I_VERSION | MS_SILENT)) != 0) return true;
  if (operation.data() == nullptr) return false;
  for (const flatbuffers::String *parameter : *operation.data()) {
    if (parameter->size() > 255) return true;
  }
  return false;
}

const char *joined_data(const plan::MountFilesystem &operation, const char *data) {
  if (operation.data() == nullptr) return data;
  for (const flatbuffers::String *parameter : *operation.data()) data = join(data, *data == 0 ? "" : ",", parameter->c_str());
  return data;
}

/// mount(2) on the current directory, which is `target`: no path of the container is resolved.
Outcome mount_classic(const plan::MountFilesystem &operation, int target, std::uint32_t mode) {
  const char *path = operation.target()->c_str();
  const char *source = operation.source() == nullptr ? "none" : operation.source()->c_str();
  if (Outcome outcome = check("fchdir", call(__NR_fchdir, target), path); !outcome.ok()) return outcome;
  const char *data = joined_data(operation, mode_parameter(mode));
  Outcome mounted = check("mount", call(__NR_mount, source, ".", operation.type()->c_str(), operation.flags(), data), path);
  Outcome back = check("chdir", call(__NR_chdir, "/"));
  return mounted.ok() ? back : mounted;
}

/// `mode`: that of the directory to be covered, for a filesystem that should inherit it, or no_mode.
Outcome open_mount_point(const Context &context, const plan::MountFilesystem &operation, UniqueFd &target, std::uint32_t &mode) {
  const char *path = operation.target()->c_str();
  if (operation.refuse_symlink()) {
    Outcome outcome = make_ordinary_directory(context, path, target);
    return outcome.error == ENOTDIR ? failure("mount", ENOTDIR, path, "must be mounted on ordinary directory") : outcome;
  }
  Result found = open_in_root(context, path, O_PATH);
  if (found.error() == ENOENT) return make_directory(context, path, 0755, target);
  if (!found.ok()) return check("openat2", found, path);
  target.reset(found.fd());
  if (!operation.inherit_mode()) return success();
  Status status;
  if (Outcome outcome = inspect(target.get(), status); !outcome.ok()) return outcome;
  mode = status.mode;
  return success();
}

Outcome make_mapped(const Context &context, const plan::MountFilesystem &operation, std::uint32_t mode, UniqueFd &mount) {
  if (Outcome outcome = make_filesystem(operation, mode, mount); !outcome.ok()) return outcome;
  return map_ids(context, operation.id_map(), false, mount.get(), operation.target()->c_str());
}

/// The operation's filesystem, made earlier or now.
Outcome provide(Context &context, const plan::MountFilesystem &operation, std::uint32_t mode, UniqueFd &mount) {
  UniqueFd *slot = slot_of(context, operation.slot());
  if (slot == nullptr) return make_mapped(context, operation, mode, mount);
  mount = static_cast<UniqueFd &&>(*slot);
  if (mode == no_mode) return success();
  Result opened = call(__NR_openat, mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (!opened.ok()) return check("open", opened, operation.target()->c_str());
  UniqueFd root{opened};
  return check("fchmod", call(__NR_fchmod, root.get(), mode), operation.target()->c_str());
}

/// What the directory below holds, if it is to be copied up, and the attributes of the new mount.
Outcome prepare(const plan::MountFilesystem &operation, int target, const UniqueFd &mount) {
  if (operation.copy_up()) {
    if (Outcome outcome = copy_up(target, mount.get()); !outcome.ok()) return outcome;
  }
  return set_attributes(mount.get(), attributes(operation.attributes_set(), operation.attributes_clear()), false,
                        operation.target()->c_str());
}

Outcome mount_detached(Context &context, const plan::MountFilesystem &operation, int target, std::uint32_t mode) {
  const char *path = operation.target()->c_str();
  UniqueFd mount;
  if (Outcome outcome = provide(context, operation, mode, mount); !outcome.ok()) return outcome;
  if (Outcome outcome = prepare(operation, target, mount); !outcome.ok()) return outcome;
  if (Outcome outcome = attach(mount.get(), target, path); !outcome.ok())
    return explain_mismatch(outcome, Kind::directory, target);
  Outcome outcome = finish_attached(context, operation, mount);
  remember(context, mount);
  return outcome;
}

/// Binds the runtime's own instead of a new filesystem, with the same restrictions on everything mounted in it.
Outcome bind_fallback(Context &context, const plan::MountFilesystem &operation, int target) {
  const char *path = operation.target()->c_str(), *source = operation.fallback()->c_str();
  Result cloned = call(__NR_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  if (!cloned.ok()) return check("open_tree", cloned, source);
  UniqueFd tree{cloned};
  if (Outcome outcome = set_attributes(tree.get(), {operation.fallback_attributes(), 0, 0, 0}, true, path); !outcome.ok())
    return outcome;
  if (Outcome outcome = attach(tree.get(), target, path); !outcome.ok()) return outcome;
  warn(context, join("a user namespace may not mount ", operation.type()->c_str(), " here: bound instead from ", source), path);
  return finish_attached(context, operation, tree);
}

/// What is mounted on top of a directory, whatever its name is now: ".." of a root leads to it.
Outcome open_top(int directory, const char *path, UniqueFd &mount) {
  Result opened = open_below(directory, "..", O_PATH | O_DIRECTORY);
  if (opened.ok()) mount.reset(opened.fd());
  return check("openat2", opened, path);
}

Outcome mount_by_path(Context &context, const plan::MountFilesystem &operation, int target, std::uint32_t mode) {
  const char *path = operation.target()->c_str();
  UniqueFd mount;
  if (Outcome outcome = mount_classic(operation, target, mode); !outcome.ok()) return outcome;
  if (Outcome outcome = open_top(target, path, mount); !outcome.ok()) return outcome;
  if (Outcome outcome = prepare(operation, target, mount); !outcome.ok()) return outcome;
  return finish_attached(context, operation, mount);
}

Outcome mount_new(Context &context, const plan::MountFilesystem &operation) {
  UniqueFd target;
  std::uint32_t mode = no_mode;
  if (Outcome outcome = open_mount_point(context, operation, target, mode); !outcome.ok()) return outcome;
  if (!wants_classic(operation)) {
    Outcome outcome = mount_detached(context, operation, target.get(), mode);
    return outcome.error == EPERM && operation.fallback() != nullptr ? bind_fallback(context, operation, target.get()) : outcome;
  }
  return mount_by_path(context, operation, target.get(), mode);
}

bool has_data(const Parameters *parameters) { return parameters != nullptr && parameters->size() > 0; }

/// "remount" without bind: the filesystem's own flags and parameters.
Outcome reconfigure(int mount, const plan::MountAttributes &operation) {
  const char *path = operation.target()->c_str();
  if (operation.flags() == 0 && operation.flags_clear() == 0 && !has_data(operation.data())) return success();
  Result picked = call(__NR_fspick, mount, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH | FSPICK_NO_AUTOMOUNT);
  if (!picked.ok()) return check("fspick", picked, path);
  UniqueFd context{picked};
  if (Outcome outcome = configure_flags(context.get(), operation.flags(), operation.flags_clear()); !outcome.ok()) return outcome;
  if (Outcome outcome = configure_all(context.get(), operation.data()); !outcome.ok()) return outcome;
  return configure_command(context.get(), sys::fsconfig_reconfigure, path);
}

/// If there is nothing to change, the kernel does not check (mount_setattr(2)).
Outcome is_mount_point(int mount, const char *path) {
  Status status;
  if (Outcome outcome = inspect(mount, status); !outcome.ok()) return outcome;
  return status.mount_root ? success() : failure("remount", EINVAL, path, "nothing is mounted there");
}

Outcome change(int mount, const plan::MountAttributes &operation) {
  const char *path = operation.target()->c_str();
  std::uint64_t set = operation.attributes_set(), clear = operation.attributes_clear();
  if (operation.recursive()) return set_attributes(mount, attributes(set, clear), true, path);
  return change_attributes(mount, {set, clear, operation.attributes_unnamed(), operation.times_clear()}, false, path);
}

} // namespace

Outcome propagate(int mount, std::uint32_t propagation, bool recursive, const char *path) {
  return set_attributes(mount, {0, 0, propagation, 0}, recursive, path);
}

Outcome attach(int mount, int target, const char *path) {
  return check("move_mount", call(__NR_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
               path);
}

Result clone_tree(int fd, bool recursive) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? unsigned{AT_RECURSIVE} : 0U);
  return call(__NR_open_tree, fd, "", flags);
}

Outcome explain_mismatch(Outcome outcome, Kind source, int target) {
  Status status;
  if (outcome.error != EINVAL || !inspect(target, status).ok()) return outcome;
  if ((source == Kind::directory) != (status.kind == Kind::directory)) outcome.error = ENOTDIR;
  return outcome;
}

UniqueFd *slot_of(Context &context, int slot) {
  return slot >= 0 && static_cast<std::size_t>(slot) < source_slots ? &context.sources[slot] : nullptr;
}

Outcome tolerate(const Context &context, const Outcome &outcome, bool optional) {
  if (outcome.ok() || !optional) return outcome;
  warn(context, join("optional mount failed: ", outcome.operation, " ", outcome.text), outcome.path);
  return success();
}

Outcome keep_mount(Context &context, int slot, const UniqueFd &mount) {
  if (slot < 0) return success();
  if (static_cast<std::size_t>(slot) >= source_slots) return failure("fcntl", EMFILE);
  Result copied = call(__NR_fcntl, mount.get(), F_DUPFD_CLOEXEC, 3);
  if (copied.ok()) context.mounted[slot].reset(copied.fd());
  return check("fcntl", copied);
}

Outcome keep_kernel_mount(Context &context, const char *path, const UniqueFd &mount) {
  std::string_view name{path};
  if (name != "/proc" && name != "/sys") return success();
  Result opened = call(__NR_openat, mount.get(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (opened.error() == ENOTDIR) return success(); // a file, with no path below it
  return check_fd("open", opened, name == "/proc" ? context.proc_mount : context.sys_mount, path);
}

Outcome clone_node(int fd, const char *path, UniqueFd &tree) {
  Result cloned = clone_tree(fd, false);
  if (!cloned.ok()) return check("open_tree", cloned, path);
  tree.reset(cloned.fd());
  return set_attributes(tree.get(), {MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, 0, 0, 0}, false, path);
}

Outcome open_source(Context &context, const plan::OpenSource &operation) {
  const char *path = operation.path()->c_str();
  if (operation.slot() >= source_slots) return failure("open_tree", EMFILE, path);
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (operation.recursive() ? unsigned{AT_RECURSIVE} : 0U);
  if (operation.nofollow()) flags |= AT_SYMLINK_NOFOLLOW;
  Result cloned = call(__NR_open_tree, AT_FDCWD, path, flags);
  if (operation.deferred() && (cloned.error() == ENOENT || cloned.error() == ENOTDIR)) return success();
  if (!cloned.ok()) return check("open_tree", cloned, path);
  context.sources[operation.slot()].reset(cloned.fd());
  if (operation.slave()) {
    if (Outcome outcome = propagate(cloned.fd(), MS_SLAVE, true, path); !outcome.ok()) return outcome;
  }
  if (Outcome outcome = propagate(cloned.fd(), operation.propagation(), true, path); !outcome.ok()) return outcome;
  return map_ids(context, operation.id_map(), operation.id_map_recursive(), cloned.fd(), path);
}

Outcome mount_filesystem(Context &context, const plan::MountFilesystem &operation) {
  if (operation.detached()) {
    UniqueFd *slot = slot_of(context, operation.slot());
    if (slot == nullptr) return failure("fsmount", EMFILE, operation.target()->c_str());
    return make_mapped(context, operation, no_mode, *slot);
  }
  return tolerate(context, mount_new(context, operation), operation.optional());
}

Outcome mount_attributes(Context &context, const plan::MountAttributes &operation) {
  const char *path = operation.target()->c_str();
  UniqueFd found;
  int mount = -1;
  if (operation.kept() >= 0) {
    if (static_cast<std::size_t>(operation.kept()) >= source_slots) return failure("mount_setattr", EBADF, path);
    mount = context.mounted[operation.kept()].get();
    if (mount < 0) return success();
  } else {
    Result opened = open_in_root(context, path, O_PATH);
    if (!opened.ok()) return tolerate(context, check("openat2", opened, path), operation.optional());
    found.reset(opened.fd());
    mount = found.get();
    if (Outcome outcome = keep_mount(context, operation.keep_as(), found); !outcome.ok()) return outcome;
  }
  Outcome outcome = is_mount_point(mount, path);
  if (outcome.ok()) outcome = reconfigure(mount, operation);
  if (outcome.ok()) outcome = change(mount, operation);
  if (outcome.ok()) outcome = propagate(mount, operation.propagation(), operation.propagation_recursive(), path);
  return tolerate(context, outcome, operation.optional());
}

} // namespace pocker::init
