// Id-mapped mounts (mount_setattr(2)): a mount shows its files' owners through the maps of a user namespace. The namespace is
// given by descriptor and need not have a process in it.
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <signal.h>

#include "../arena.h"
#include "mounts.h"
#include "../proc.h"

namespace pocker::init {
namespace {

/// A process in a new user namespace, alive until our end of its pipe is closed.
struct Holder {
  long pid = 0;
  UniqueFd pipe;
};

[[noreturn]] void hold(int pipe) {
  char end;
  static_cast<void>(call(__NR_read, pipe, &end, 1).ok());
  sys::die(0);
}

Outcome start_holder(Holder &holder) {
  int ends[2] = {-1, -1};
  if (Outcome outcome = check("pipe2", call(__NR_pipe2, ends, O_CLOEXEC)); !outcome.ok()) return outcome;
  UniqueFd reader{ends[0]}, writer{ends[1]};
  sys::CloneArgs arguments;
  arguments.flags = CLONE_NEWUSER;
  arguments.exit_signal = SIGCHLD;
  Result cloned = call(__NR_clone3, &arguments, sizeof arguments);
  if (!cloned.ok()) return check("clone3", cloned, "a user namespace for id maps");
  if (cloned.value() == 0) {
    writer.reset();
    hold(reader.get());
  }
  holder = {cloned.value(), static_cast<UniqueFd &&>(writer)};
  return success();
}

/// Writes the maps and opens the namespace. A procfs of another pid namespace has a different number for the holder.
Outcome map_holder(Context &context, const plan::IdMap &operation, const char *process) {
  UniqueFd names;
  if (Outcome outcome = open_proc(context, join(process, "/ns"), O_RDONLY | O_DIRECTORY, names); !outcome.ok()) return outcome;
  if (std::string_view(context.self) != decimal(call(__NR_getpid).value()))
    return failure("IdMap", EPERM, "/proc", "this procfs does not show our own processes");
  std::string_view uid_map{operation.uid_map()->c_str(), operation.uid_map()->size()};
  std::string_view gid_map{operation.gid_map()->c_str(), operation.gid_map()->size()};
  if (Outcome outcome = write_proc(context, join(process, "/uid_map"), uid_map); !outcome.ok()) return outcome;
  if (Outcome outcome = write_proc(context, join(process, "/gid_map"), gid_map); !outcome.ok()) return outcome;
  Result opened = call(__NR_openat, names.get(), "user", O_RDONLY | O_CLOEXEC);
  if (opened.ok()) context.id_maps[operation.slot()].reset(opened.fd());
  return check("open", opened, join(process, "/ns/user"));
}

} // namespace

Outcome id_map(Context &context, const plan::IdMap &operation) {
  if (operation.slot() >= id_map_slots) return failure("IdMap", EMFILE);
  if (operation.path() != nullptr) {
    const char *path = operation.path()->c_str();
    Result opened = call(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (opened.ok()) context.id_maps[operation.slot()].reset(opened.fd());
    return check("open", opened, path);
  }
  if (operation.uid_map() == nullptr || operation.gid_map() == nullptr) return failure("IdMap", EINVAL);
  Holder holder;
  if (Outcome outcome = start_holder(holder); !outcome.ok()) return outcome;
  Outcome mapped = map_holder(context, operation, join("/proc/", decimal(holder.pid)));
  holder.pipe.reset();
  Outcome reaped = check("wait4", call(__NR_wait4, holder.pid, nullptr, 0, nullptr));
  return mapped.ok() ? reaped : mapped;
}

Outcome map_ids(const Context &context, int slot, bool recursive, int mount, const char *path) {
  if (slot < 0) return success();
  if (static_cast<std::size_t>(slot) >= id_map_slots || !context.id_maps[slot]) return failure("MOUNT_ATTR_IDMAP", EBADF, path);
  sys::MountAttr attributes{MOUNT_ATTR_IDMAP, 0, 0, static_cast<std::uint64_t>(context.id_maps[slot].get())};
  Outcome outcome = set_attributes(mount, attributes, recursive, path);
  // The errno alone does not distinguish this call from those that set flags.
  if (!outcome.ok()) outcome.text = "id-mapping the mount";
  return outcome;
}

} // namespace pocker::init
