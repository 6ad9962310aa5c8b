// The container's first process: cloned into its namespaces, it executes pocker-init from a sealed memfd at once.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "../../channel/message.h"
#include "../processes/child.h"
#include "embedded.h"
#include "../functions.h"

namespace pocker::host {
namespace {

using sys::call;
using sys::Result;
using sys::UniqueFd;

struct Parts {
  UniqueFd ours, theirs, image, plan, moved_gate;
  /// The `tasks` files of the v1 cgroups to join.
  std::vector<UniqueFd> tasks;
  std::vector<std::string> v1_cgroups;
  /// It may use all CPUs that its cgroups allow.
  bool all_cpus = false;
  int gate = -1;
  /// The descriptors from 3 on that the program keeps, if the caller has opened them.
  unsigned preserved = 0;
  /// Where hooks in the container write to, if requested.
  UniqueFd hook_stdout, hook_stderr;
};

/// Init's descriptors go above the numbers meant for the program. Some of those may be unused, and a descriptor there would
/// become the program's.
Result make_room(Parts &parts) {
  int first = static_cast<int>(3 + parts.preserved);
  Result moved(0);
  for (UniqueFd *fd : {&parts.theirs, &parts.plan, &parts.hook_stdout, &parts.hook_stderr}) {
    if (!*fd) continue;
    if (moved.ok()) moved = call(__NR_fcntl, fd->get(), F_DUPFD_CLOEXEC, first);
    if (moved.ok()) fd->reset(moved.fd());
  }
  if (!moved.ok() || parts.gate < 0) return moved;
  moved = call(__NR_fcntl, parts.gate, F_DUPFD_CLOEXEC, first);
  if (moved.ok()) parts.moved_gate.reset(parts.gate = moved.fd());
  return moved;
}

Reply prepare(Parts &parts, const Bytes &plan) {
  int pair[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return fail("socketpair", errno);
  parts.ours.reset(pair[0]);
  parts.theirs.reset(pair[1]);
  if (CallError error = sealed_file("pocker-init", as_text(init_image()), true, parts.image))
    return fail(error.call, error.number, "pocker-init");
  if (CallError error = sealed_file("plan", as_text(plan), false, parts.plan)) return fail(error.call, error.number, "plan");
  Result moved = parts.preserved == 0 ? Result(0) : make_room(parts);
  return moved.ok() ? nothing() : fail("fcntl(F_DUPFD)", moved.error(), "--preserve-fds");
}

/// pocker-init's arguments: the numbers of its descriptors.
struct InitArguments {
  char channel[16], plan[16], gate[16], preserved[16], hook_stdout[16], hook_stderr[16];
  char *vector[8];
  explicit InitArguments(const Parts &parts) {
    std::snprintf(channel, sizeof channel, "%d", parts.theirs.get());
    std::snprintf(plan, sizeof plan, "%d", parts.plan.get());
    std::snprintf(gate, sizeof gate, "%d", parts.gate);
    std::snprintf(preserved, sizeof preserved, "%u", parts.preserved);
    std::snprintf(hook_stdout, sizeof hook_stdout, "%d", parts.hook_stdout.get());
    std::snprintf(hook_stderr, sizeof hook_stderr, "%d", parts.hook_stderr.get());
    char *values[] = {const_cast<char *>("pocker-init"), channel, plan, gate, preserved, hook_stdout, hook_stderr, nullptr};
    for (int i = 0; i < 8; ++i) vector[i] = values[i];
  }
};

/// The child's last message, in the form of pocker-init's `failed`; no step of the plan is to blame.
[[noreturn]] void tell(const Parts &parts, Result result, std::string_view operation, std::string_view path) {
  char packet[1024];
  path = path.substr(0, 512);
  channel::Header header{static_cast<std::uint32_t>(channel::Message::failed), ~0U, result.error(),
                         static_cast<std::uint32_t>(operation.size()), static_cast<std::uint32_t>(path.size())};
  std::memcpy(packet, &header, sizeof header);
  std::memcpy(packet + sizeof header, operation.data(), operation.size());
  std::memcpy(packet + sizeof header + operation.size(), path.data(), path.size());
  static_cast<void>(call(__NR_write, parts.theirs.get(), packet, sizeof header + operation.size() + path.size()).ok());
  sys::die(70);
}

/// "0" is the writer itself. A single thread moves without the kernel's lock on thread groups, whose RCU grace period would take
/// longer than all the rest of create (cgroup_procs_write_start, Linux 5.19).
void join_cgroups(const Parts &parts) {
  for (std::size_t index = 0; index < parts.tasks.size(); ++index) {
    Result written = call(__NR_write, parts.tasks[index].get(), "0", 1);
    if (!written.ok()) tell(parts, written, "join", parts.v1_cgroups[index]);
  }
}

/// An engine that systemd or taskset(1) restricts to some CPUs does not mean to restrict its containers. The kernel leaves out
/// CPUs that the cgroups do not allow, again whenever they change (Linux 6.2).
void use_all_cpus(const Parts &parts) {
  std::uint64_t all[128];
  for (std::uint64_t &word : all) word = ~std::uint64_t{0};
  Result set = parts.all_cpus ? call(__NR_sched_setaffinity, 0, sizeof all, all) : Result(0);
  if (!set.ok()) tell(parts, set, "sched_setaffinity", "");
}

/// In the child, whose memory is a copy of a host with threads and locks: only raw system calls.
[[noreturn]] void become_init(const Parts &parts, const InitArguments &arguments) {
  char *environment[] = {nullptr};
  join_cgroups(parts);
  use_all_cpus(parts);
  auto must = [&parts](const char *operation, Result result, const char *path = "") {
    if (!result.ok()) tell(parts, result, operation, path);
  };
  must("prctl(PR_SET_PDEATHSIG)", call(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL));
  must("close_range", call(__NR_close_range, 3U + parts.preserved, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */));
  must("fcntl", keep_stdio(), "stdio");
  for (int fd = 3; fd < static_cast<int>(3U + parts.preserved); ++fd) {
    if (inherited(fd)) must("fcntl", keep_open(fd), "--preserve-fds");
  }
  for (int fd : {parts.theirs.get(), parts.plan.get(), parts.gate, parts.hook_stdout.get(), parts.hook_stderr.get()})
    must("fcntl", keep_open(fd));
  must("execveat", call(__NR_execveat, parts.image.get(), "", arguments.vector, environment, AT_EMPTY_PATH), "pocker-init");
  sys::die(70); // execveat returns only when it fails
}

/// Sets the CPUs of the caller's thread during its lifetime: what is cloned inherits them.
class Affinity {
public:
  explicit Affinity(const Array &words) {
    std::vector<std::uint64_t> mask;
    for (const Value &word : words) mask.push_back(unsigned_word(word));
    if (mask.empty()) return;
    Result size = call(__NR_sched_getaffinity, 0, before_.size() * sizeof(std::uint64_t), before_.data());
    if (size.ok()) result_ = call(__NR_sched_setaffinity, 0, mask.size() * sizeof(std::uint64_t), mask.data());
    if (size.ok() && result_.ok()) size_ = static_cast<std::size_t>(size.value());
  }
  ~Affinity() {
    if (size_ > 0) static_cast<void>(call(__NR_sched_setaffinity, 0, size_, before_.data()).ok());
  }
  Affinity(const Affinity &) = delete;
  Affinity &operator=(const Affinity &) = delete;
  [[nodiscard]] Result result() const { return result_; }

private:
  std::array<std::uint64_t, 1024> before_{};
  std::size_t size_ = 0;
  Result result_{0};
};

Result open_cgroup(const Object &request, UniqueFd &cgroup, sys::CloneArgs &clone) {
  const std::string &path = text_of(field(request, "intoCgroup"));
  if (path.empty()) return Result(0);
  cgroup.reset(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!cgroup) return Result(-errno);
  clone.flags |= sys::clone_into_cgroup;
  clone.cgroup = static_cast<std::uint64_t>(cgroup.get());
  return Result(0);
}

/// Opened by the runtime: its right to write counts, not that of the child in its new user namespace.
Result open_tasks(const Object &request, Parts &parts) {
  parts.v1_cgroups = texts_of(field(request, "v1Cgroups"));
  for (const std::string &path : parts.v1_cgroups) {
    parts.tasks.emplace_back(open((path + "/tasks").c_str(), O_WRONLY | O_CLOEXEC));
    if (!parts.tasks.back()) return Result(-errno);
  }
  return Result(0);
}

} // namespace

Reply launch(const Arguments &arguments) {
  const Object &request = arguments.object(0);
  const auto *plan = std::get_if<Bytes>(&field(request, "plan"));
  if (plan == nullptr) return fail("launch", EINVAL, "plan");
  Parts parts;
  parts.gate = static_cast<int>(number_of(field(request, "gate")));
  parts.preserved = static_cast<unsigned>(number_of(field(request, "preserveFds")));
  for (auto [file, name] : {std::pair{&parts.hook_stdout, "hookStdout"}, {&parts.hook_stderr, "hookStderr"}}) {
    const std::string &path = text_of(field(request, name));
    if (Result opened = open_output(path, *file); !opened.ok()) return fail("open", opened.error(), path);
  }
  if (Reply ready = prepare(parts, *plan); std::holds_alternative<Failure>(ready)) return ready;

  sys::CloneArgs clone;
  clone.flags = static_cast<std::uint64_t>(number_of(field(request, "flags")));
  UniqueFd cgroup, pidfd;
  if (Result opened = open_cgroup(request, cgroup, clone); !opened.ok())
    return fail("open", opened.error(), text_of(field(request, "intoCgroup")));
  if (Result opened = open_tasks(request, parts); !opened.ok())
    return fail("open", opened.error(), parts.v1_cgroups[parts.tasks.size() - 1] + "/tasks");
  const Array &cpus = array_of(field(request, "affinity"));
  parts.all_cpus = cpus.empty();
  Affinity affinity{cpus};
  if (!affinity.result().ok()) return fail("sched_setaffinity", affinity.result().error());
  InitArguments init{parts};
  Result cloned = clone_child(clone, pidfd);
  if (!cloned.ok()) return fail("clone3", cloned.error());
  if (cloned.value() == 0) become_init(parts, init);

  Object reply;
  reply.emplace_back("pid", Value{static_cast<double>(cloned.value())});
  reply.emplace_back("pidfd", Value{static_cast<double>(pidfd.release())});
  reply.emplace_back("channel", Value{static_cast<double>(parts.ours.release())});
  return Value{std::move(reply)};
}

} // namespace pocker::host
