// What the runtime, pocker-init and `start` send each other over SOCK_SEQPACKET sockets: one Header, then text, then path.
//
//   runtime                              pocker-init
//   clone3                        ───▶   joins the v1 cgroups, execveat
//   systemd unit, cgroups_ready   ───▶   only with the systemd cgroup manager
//                                 ◀───   forked           only with a Fork step: the process that continues
//   write id maps, maps_written   ───▶
//                                 ◀───   offsets_ready   only with a time namespace
//   write its offsets, offsets_written ─▶
//                                 ◀───   console          with the terminal's master (SCM_RIGHTS)
//                                 ◀───   hooks_ready
//   prestart, createRuntime hooks
//   hooks_done (state JSON)       ───▶   createContainer hooks, pivot_root, …
//                                 ◀───   created
//   pid file, state.json, park    ───▶   listens on the gate
//   start: connects, go (state JSON, number = 1: trace requested) ─▶  startContainer hooks, capabilities, seccomp, execve
//                                 ◀───   report          with a Report (SCM_RIGHTS), before the seccomp filter is loaded
//                                 ◀───   end of file: the program runs, unless the Report says otherwise
//                                 ◀───   times            if a trace is requested, before `created` and `report`
//   At any point before the report: failed (number = errno), warned. An end of file before `park` ends pocker-init.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pocker::channel {

/// The numbers of schema/plan.fbs `Message` (checked in addon/init/channel.cpp).
enum class Message : std::uint8_t {
  none,
  maps_written,
  hooks_ready,
  hooks_done,
  created,
  park,
  go,
  forked,
  console,
  failed,
  warned,
  seccomp,
  cgroups_ready,
  report,
  offsets_ready,
  offsets_written,
  times,
  count
};

inline constexpr const char *names[] = {
    "none",          "maps_written",    "hooks_ready", "hooks_done", "created", "park",          "go",
    "forked",        "console",         "failed",      "warned",     "seccomp", "cgroups_ready", "report",
    "offsets_ready", "offsets_written", "times"};

struct Header {
  std::uint32_t message;
  std::uint32_t step;
  std::int64_t number;
  std::uint32_t text_length;
  std::uint32_t path_length;
};

/// Longer text travels in a memfd that is sent along: a packet must fit the socket's buffer.
inline constexpr std::size_t text_limit = 16384;
inline constexpr std::size_t path_limit = 4096;
inline constexpr std::size_t packet_limit = sizeof(Header) + text_limit + path_limit;

enum class Stage : std::uint32_t { steps, execve, failed };

/// How pocker-init ends, in memory shared with whoever waits. Writing it needs no system call; the container's seccomp filter may
/// refuse them all.
struct Report {
  Stage stage;
  /// The step it is at.
  std::uint32_t step;
  std::uint32_t packet_size;
  /// The message `failed`.
  char packet[packet_limit];
};

} // namespace pocker::channel
