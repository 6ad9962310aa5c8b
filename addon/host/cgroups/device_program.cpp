// Which devices a v2 cgroup may use: an eBPF program, made by src/plan/cgroup/device-program.ts.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/resource.h>

#include "../../sys/fd.h"
#include "../../sys/syscall.h"
#include "../functions.h"

namespace pocker::host {
namespace {

using sys::call;
using sys::Result;
using sys::UniqueFd;

/// Distinguishes our program from others in the same cgroup.
constexpr char program_name[BPF_OBJ_NAME_LEN] = "pocker_devices";
constexpr unsigned most_programs = 64; // the kernel's own limit

/// Before Linux 5.11, programs count as locked memory, and the usual limits on that are low.
class LockedMemory {
public:
  LockedMemory() : known_(getrlimit(RLIMIT_MEMLOCK, &before_) == 0) {
    rlimit all{RLIM_INFINITY, RLIM_INFINITY};
    raised_ = known_ && setrlimit(RLIMIT_MEMLOCK, &all) == 0;
  }
  ~LockedMemory() {
    if (raised_) setrlimit(RLIMIT_MEMLOCK, &before_);
  }
  LockedMemory(const LockedMemory &) = delete;
  LockedMemory &operator=(const LockedMemory &) = delete;

private:
  rlimit before_{};
  bool known_;
  bool raised_ = false;
};

Result bpf(int command, bpf_attr &attributes) { return call(__NR_bpf, command, &attributes, sizeof attributes); }

Result load(const Bytes &program) {
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<std::uint64_t>(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size() / sizeof(bpf_insn));
  attributes.license = reinterpret_cast<std::uint64_t>("Apache-2.0");
  std::memcpy(attributes.prog_name, program_name, sizeof program_name);
  Result loaded = bpf(BPF_PROG_LOAD, attributes);
  if (loaded.error() != EPERM) return loaded;
  LockedMemory unlimited;
  return bpf(BPF_PROG_LOAD, attributes);
}

/// Attached beside managers' programs; those of the cgroups above apply as well. `replaced`: the program to replace, or -1.
Result attach(int cgroup, int program, int replaced) {
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  if (replaced >= 0) {
    attributes.attach_flags |= BPF_F_REPLACE;
    attributes.replace_bpf_fd = static_cast<std::uint32_t>(replaced);
  }
  return bpf(BPF_PROG_ATTACH, attributes);
}

Result detach(int cgroup, int program) {
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
  attributes.attach_type = BPF_CGROUP_DEVICE;
  return bpf(BPF_PROG_DETACH, attributes);
}

bool is_ours(int program) {
  bpf_prog_info info{};
  bpf_attr attributes{};
  attributes.info.bpf_fd = static_cast<std::uint32_t>(program);
  attributes.info.info_len = sizeof info;
  attributes.info.info = reinterpret_cast<std::uint64_t>(&info);
  return bpf(BPF_OBJ_GET_INFO_BY_FD, attributes).ok() && std::strcmp(info.name, program_name) == 0;
}

/// Our program attached to this very cgroup; if there is none, an empty fd.
Result find_ours(int cgroup, UniqueFd &found) {
  std::uint32_t ids[most_programs] = {};
  bpf_attr attributes{};
  attributes.query.target_fd = static_cast<std::uint32_t>(cgroup);
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = reinterpret_cast<std::uint64_t>(ids);
  attributes.query.prog_cnt = most_programs;
  Result queried = bpf(BPF_PROG_QUERY, attributes);
  for (std::uint32_t i = 0; queried.ok() && i < attributes.query.prog_cnt; ++i) {
    bpf_attr by_id{};
    by_id.prog_id = ids[i];
    Result opened = bpf(BPF_PROG_GET_FD_BY_ID, by_id);
    if (!opened.ok()) continue; // detached in the meantime
    UniqueFd program{opened};
    if (is_ours(program.get())) found = std::move(program);
  }
  return queried;
}

/// One step since Linux 5.6. Before that, both apply for a moment, which allows only what both allow.
Result replace(int cgroup, int program, const UniqueFd &old) {
  Result attached = attach(cgroup, program, old ? old.get() : -1);
  if (attached.ok() || !old || attached.error() != EINVAL) return attached;
  attached = attach(cgroup, program, -1);
  return attached.ok() ? detach(cgroup, old.get()) : attached;
}

/// Looks for an existing program of ours only where there may be one.
Reply install(const Arguments &arguments, bool replacing) {
  const auto *program = std::get_if<Bytes>(&arguments.at(1));
  if (program == nullptr) return fail("bpf", EINVAL);
  UniqueFd cgroup{open(arguments.path(0), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!cgroup) return fail("open", errno, arguments.text(0));
  Result loaded = load(*program);
  if (!loaded.ok()) return fail("bpf(BPF_PROG_LOAD)", loaded.error());
  UniqueFd file{loaded};
  UniqueFd old;
  Result found = replacing ? find_ours(cgroup.get(), old) : Result(0);
  if (!found.ok()) return fail("bpf(BPF_PROG_QUERY)", found.error(), arguments.text(0));
  Result installed = replace(cgroup.get(), file.get(), old);
  return installed.ok() ? nothing() : fail("bpf(BPF_PROG_ATTACH)", installed.error(), arguments.text(0));
}

} // namespace

Reply attach_device_program(const Arguments &arguments) { return install(arguments, false); }

Reply replace_device_program(const Arguments &arguments) { return install(arguments, true); }

} // namespace pocker::host
