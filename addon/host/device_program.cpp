// Which devices a cgroup v2 may use: an eBPF program, made by src/plan/cgroup/device-program.ts.
#include <cerrno>
#include <fcntl.h>
#include <linux/bpf.h>

#include "../sys/fd.h"
#include "../sys/syscall.h"
#include "functions.h"

namespace pocker::host {
namespace {

using sys::call;
using sys::Result;
using sys::UniqueFd;

Result load(const Bytes &program) {
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = reinterpret_cast<std::uint64_t>(program.data());
  attributes.insn_cnt = static_cast<std::uint32_t>(program.size() / sizeof(bpf_insn));
  attributes.license = reinterpret_cast<std::uint64_t>("Apache-2.0");
  return call(__NR_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
}

} // namespace

Reply attach_device_program(const Arguments &arguments) {
  const auto *program = std::get_if<Bytes>(&arguments.at(1));
  if (program == nullptr) return fail("bpf", EINVAL);
  UniqueFd cgroup{open(arguments.path(0), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!cgroup) return fail("open", errno, arguments.text(0));
  Result loaded = load(*program);
  if (!loaded.ok()) return fail("bpf(BPF_PROG_LOAD)", loaded.error());
  UniqueFd file{loaded};
  bpf_attr attributes{};
  attributes.target_fd = static_cast<std::uint32_t>(cgroup.get());
  attributes.attach_bpf_fd = static_cast<std::uint32_t>(file.get());
  attributes.attach_type = BPF_CGROUP_DEVICE;
  // Programs of the cgroups above decide as well, and a manager may add its own below.
  attributes.attach_flags = BPF_F_ALLOW_MULTI;
  Result attached = call(__NR_bpf, BPF_PROG_ATTACH, &attributes, sizeof attributes);
  return attached.ok() ? nothing() : fail("bpf(BPF_PROG_ATTACH)", attached.error(), arguments.text(0));
}

} // namespace pocker::host
