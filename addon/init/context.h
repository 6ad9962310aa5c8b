// What pocker-init knows while it works through its plan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "../channel/message.h"
#include "../sys/fd.h"
#include "../sys/kernel.h"
#include "plan_generated.h"

namespace pocker::init {

using channel::Message;
using sys::call;
using sys::Result;
using sys::UniqueFd;

/// How a step ended. `operation` names the system call or the check, `path` what it was about. Both outlive the step (literals,
/// the plan's own strings or the arena). `text` adds what the kernel said, if anything.
struct [[nodiscard]] Outcome {
  int error = 0;
  const char *operation = "";
  const char *path = "";
  const char *text = "";
  [[nodiscard]] bool ok() const { return error == 0; }
};

inline Outcome success() { return {}; }
inline Outcome failure(const char *operation, int error, const char *path = "", const char *text = "") {
  return {error, operation, path, text};
}
/// Success, or the failure of that system call.
inline Outcome check(const char *operation, Result result, const char *path = "") {
  return result.ok() ? success() : failure(operation, result.error(), path);
}

/// The same for a call that returns a descriptor; stores it in `fd`.
inline Outcome check_fd(const char *operation, Result result, UniqueFd &fd, const char *path = "") {
  if (result.ok()) fd.reset(result.fd());
  return check(operation, result, path);
}

inline constexpr std::size_t source_slots = 1024;
inline constexpr std::size_t id_map_slots = 256;
inline constexpr std::size_t device_slots = 256;

struct Context {
  /// To the runtime; after the gate, to `start`.
  UniqueFd channel;
  /// Shared with whoever listens there, once ShareReport has run.
  channel::Report *report = nullptr;
  UniqueFd report_file;
  /// The listening socket in the state directory.
  UniqueFd gate;
  /// The container's root (O_PATH), where every path in the rootfs starts.
  UniqueFd root;
  /// A private procfs, made when first used, and our pid in it.
  UniqueFd proc;
  const char *self = nullptr;
  /// Detached trees of OpenSource, by slot.
  UniqueFd sources[source_slots];
  /// Mounts of the plan that later steps will change, by slot.
  UniqueFd mounted[source_slots];
  /// A tmpfs with the trees of these slots, and their number.
  UniqueFd kept;
  std::size_t kept_count = 0;
  /// Detached mounts that DeviceNode made, by slot; for the first of them, this process left the runtime's mount namespace.
  bool mounts_unshared = false;
  UniqueFd device_nodes[device_slots];
  /// User namespaces of IdMap, by slot, until the root is entered.
  UniqueFd id_maps[id_map_slots];
  /// The mounts on /proc and on /sys, even if these directories are moved: masks and read-only paths go on them.
  UniqueFd proc_mount, sys_mount;
  /// The host's null device, opened before the old root goes away; masked files become it.
  UniqueFd null_device;
  bool null_attached = false;
  /// One read-only tmpfs for every masked directory.
  UniqueFd mask_directory;
  /// A namespace that was opened early, and its CLONE_NEW* flag.
  UniqueFd ahead;
  std::uint32_t ahead_flag = 0;
  /// Our own /proc/self/fd, and the mounts to undo if a step fails.
  UniqueFd descriptors;
  bool undo = false;
  UniqueFd made[source_slots];
  std::size_t made_count = 0;
  /// All of them.
  const flatbuffers::Vector<flatbuffers::Offset<plan::Step>> *steps = nullptr;
  /// Where hooks write, instead of to a file of ours that their errors quote.
  UniqueFd hook_stdout, hook_stderr;
  /// Whether to report when each step began (times.h).
  bool trace = false;
  /// Index in the plan; the largest number before the first step and in failures that belong to no step.
  std::uint32_t step = ~0U;
  /// The state JSON that came with the last message, for the standard input of hooks.
  std::string_view state;
  /// What FindProgram found.
  const char *program = nullptr;
  /// HOME=…, if SetHome had to make it.
  const char *home = nullptr;
  /// The uid, as seen here, of the runtime that made us.
  std::uint32_t creator = 0;
  /// Ids differ from what our creator sees.
  bool in_user_namespace = false;
  /// The umask before we set our own.
  std::uint32_t inherited_umask = 022;
  /// After the gate, the runtime that made us is gone, and nothing may tie us to it.
  bool parked = false;
};

/// Carries out one step of the plan.
Outcome run(Context &context, const plan::Step &step);

} // namespace pocker::init
