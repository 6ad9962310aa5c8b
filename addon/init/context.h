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

/// How a step ended. `operation` names the system call or the check, `path` what it was about; both outlive the step
/// (literals, the plan's own strings or the arena). `text` says more where the kernel did.
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

/// The same for a call that returns a descriptor, which `fd` gets.
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
  /// Shared with whoever listens there, from ShareReport on.
  channel::Report *report = nullptr;
  UniqueFd report_file;
  /// The listening socket in the state directory.
  UniqueFd gate;
  /// The container's root (O_PATH): where every path in the rootfs starts.
  UniqueFd root;
  /// A private procfs, made at first use, and our pid in it.
  UniqueFd proc;
  const char *self = nullptr;
  /// Detached trees of OpenSource, by slot.
  UniqueFd sources[source_slots];
  /// Mounts of the plan that later steps change, by slot.
  UniqueFd mounted[source_slots];
  /// A tmpfs with the trees of these slots, and how many there are.
  UniqueFd kept;
  std::size_t kept_count = 0;
  /// What DeviceNode made, detached, by slot; for the first of them this process left the runtime's mount namespace.
  bool mounts_unshared = false;
  UniqueFd device_nodes[device_slots];
  /// User namespaces of IdMap, by slot, until the root is entered.
  UniqueFd id_maps[id_map_slots];
  /// What was mounted on /proc and on /sys, wherever others move these directories: masks and read-only paths lie on them.
  UniqueFd proc_mount, sys_mount;
  /// Of the host, taken before the old root goes: what masked files become.
  UniqueFd null_device;
  bool null_attached = false;
  /// One read-only tmpfs for every masked directory.
  UniqueFd mask_directory;
  /// A namespace that was opened ahead, and its CLONE_NEW* flag.
  UniqueFd ahead;
  std::uint32_t ahead_flag = 0;
  /// Our own /proc/self/fd, and mounts that are undone when a step fails.
  UniqueFd descriptors;
  bool undo = false;
  UniqueFd made[source_slots];
  std::size_t made_count = 0;
  /// All of them.
  const flatbuffers::Vector<flatbuffers::Offset<plan::Step>> *steps = nullptr;
  /// Where hooks write to instead of a file of ours that their errors quote.
  UniqueFd hook_stdout, hook_stderr;
  /// When each step began is told (times.h).
  bool trace = false;
  /// Index in the plan; before the first and in failures of nobody's, the largest number.
  std::uint32_t step = ~0U;
  /// The state JSON that came with the last message, for hooks' standard input.
  std::string_view state;
  /// What FindProgram found.
  const char *program = nullptr;
  /// HOME=…, when SetHome had to make it.
  const char *home = nullptr;
  /// Ids are not what they are to whoever created us.
  bool in_user_namespace = false;
  /// The umask that was there before our own.
  std::uint32_t inherited_umask = 022;
  /// After the gate the runtime that made us is gone, and nothing may tie us to it.
  bool parked = false;
};

/// Carries out one step of the plan.
Outcome run(Context &context, const plan::Step &step);

} // namespace pocker::init
