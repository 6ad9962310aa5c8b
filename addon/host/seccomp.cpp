// libseccomp: turns named system calls into a BPF program.
#include <cerrno>
#include <linux/filter.h>
#include <linux/memfd.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <unistd.h>

#include "../sys/fd.h"
#include "../sys/owned.h"
#include "functions.h"

namespace pocker::host {
namespace {

using Filter = sys::Owned<void, seccomp_release>;

std::uint32_t token_of(const Value &value) { return static_cast<std::uint32_t>(number_of(value)); }

std::vector<scmp_arg_cmp> comparisons_of(const Object &rule) {
  std::vector<scmp_arg_cmp> comparisons;
  for (const Value &entry : array_of(field(rule, "args"))) {
    const auto *object = std::get_if<Object>(&entry);
    if (object == nullptr) continue;
    scmp_arg_cmp comparison{};
    comparison.arg = static_cast<unsigned>(number_of(field(*object, "index")));
    comparison.op = static_cast<scmp_compare>(number_of(field(*object, "op")));
    comparison.datum_a = unsigned_word(field(*object, "value"));
    comparison.datum_b = unsigned_word(field(*object, "valueTwo"));
    comparisons.push_back(comparison);
  }
  return comparisons;
}

/// Nothing, or what libseccomp rejects. A system call that it does not know is left out, as runc and crun do.
Reply add_rule(void *filter, const Object &rule) {
  auto action = token_of(field(rule, "action"));
  auto comparisons = comparisons_of(rule);
  auto count = static_cast<unsigned>(comparisons.size());
  for (const Value &name : array_of(field(rule, "names"))) {
    int number = seccomp_syscall_resolve_name(text_of(name).c_str());
    if (number == __NR_SCMP_ERROR) continue;
    if (int result = seccomp_rule_add_array(filter, action, number, count, comparisons.data()); result != 0)
      return fail("seccomp_rule_add", -result, text_of(name));
  }
  return nothing();
}

Reply export_program(void *filter) {
  sys::Result made = sys::call(__NR_memfd_create, "bpf", MFD_CLOEXEC);
  if (!made.ok()) return fail("memfd_create", made.error());
  sys::UniqueFd file{made};
  if (int result = seccomp_export_bpf(filter, file.get()); result != 0) return fail("seccomp_export_bpf", -result);
  off_t size = lseek(file.get(), 0, SEEK_END);
  if (size < 0) return fail("lseek", errno, "bpf");
  // struct sock_fprog has 16 bits for the length: a longer program would be truncated, and half a filter would be loaded.
  if (size / static_cast<off_t>(sizeof(sock_filter)) > BPF_MAXINSNS) return fail("seccomp_export_bpf", E2BIG);
  Bytes program(static_cast<std::size_t>(size));
  if (pread(file.get(), program.data(), program.size(), 0) != size) return fail("read", EIO, "bpf");
  return Value{std::move(program)};
}

} // namespace

Reply compile_seccomp(const Arguments &arguments) {
  const Object &request = arguments.object(0);
  Filter filter{seccomp_init(token_of(field(request, "defaultAction")))};
  if (!filter) return fail("seccomp_init", EINVAL);
  for (const Value &architecture : array_of(field(request, "architectures"))) {
    int result = seccomp_arch_add(filter.get(), token_of(architecture));
    if (result != 0 && result != -EEXIST) return fail("seccomp_arch_add", -result);
  }
  // A binary tree instead of a list: a system call takes about ten comparisons, not hundreds.
  static_cast<void>(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
  for (const Value &entry : array_of(field(request, "rules"))) {
    const auto *rule = std::get_if<Object>(&entry);
    if (rule == nullptr) continue;
    Reply added = add_rule(filter.get(), *rule);
    if (std::holds_alternative<Failure>(added)) return added;
  }
  return export_program(filter.get());
}

Reply resolve_syscalls(const Arguments &arguments) {
  Array numbers;
  for (const Value &name : array_of(arguments.at(1))) {
    int number = seccomp_syscall_resolve_name_arch(arguments.unsigned_integer(0), text_of(name).c_str());
    numbers.emplace_back(number == __NR_SCMP_ERROR ? Value{} : Value{static_cast<double>(number)});
  }
  return Value{std::move(numbers)};
}

Reply seccomp_native_architecture(const Arguments &) { return Value{static_cast<double>(seccomp_arch_native())}; }

Reply seccomp_has_architecture(const Arguments &arguments) {
  Filter filter{seccomp_init(SCMP_ACT_ALLOW)};
  if (!filter) return Value{false};
  int result = seccomp_arch_add(filter.get(), arguments.unsigned_integer(0));
  return Value{result == 0 || result == -EEXIST};
}

Reply seccomp_has_flag(const Arguments &arguments) {
  // A flag that the kernel does not know fails with EINVAL, before the missing program is noticed.
  auto flags = arguments.unsigned_integer(0);
  return Value{sys::call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, nullptr).error() == EFAULT};
}

Reply seccomp_version(const Arguments &) {
  const scmp_version *version = ::seccomp_version();
  if (version == nullptr) return fail("seccomp_version", ENOSYS);
  return Value{std::to_string(version->major) + "." + std::to_string(version->minor) + "." + std::to_string(version->micro)};
}

} // namespace pocker::host
