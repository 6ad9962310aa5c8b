#include "credentials.h"

#include <fcntl.h>
#include <signal.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#include "../arena.h"
#include "../channel.h"
#include "../paths.h"
#include "../proc.h"

namespace pocker::init {
namespace {

struct CapabilityHeader {
  std::uint32_t version = _LINUX_CAPABILITY_VERSION_3;
  int pid = 0;
};
struct CapabilityWord {
  std::uint32_t effective;
  std::uint32_t permitted;
  std::uint32_t inheritable;
};
struct CapabilitySets {
  std::uint64_t effective;
  std::uint64_t permitted;
  std::uint64_t inheritable;
};

Outcome get_sets(CapabilitySets &sets) {
  CapabilityHeader header;
  CapabilityWord words[2] = {};
  Outcome outcome = check("capget", call(__NR_capget, &header, words));
  sets.effective = words[0].effective | std::uint64_t{words[1].effective} << 32;
  sets.permitted = words[0].permitted | std::uint64_t{words[1].permitted} << 32;
  sets.inheritable = words[0].inheritable | std::uint64_t{words[1].inheritable} << 32;
  return outcome;
}

std::uint32_t low(std::uint64_t set) { return static_cast<std::uint32_t>(set); }
std::uint32_t high(std::uint64_t set) { return static_cast<std::uint32_t>(set >> 32); }

Outcome put_sets(const CapabilitySets &sets) {
  CapabilityHeader header;
  const CapabilityWord words[2] = {{low(sets.effective), low(sets.permitted), low(sets.inheritable)},
                                   {high(sets.effective), high(sets.permitted), high(sets.inheritable)}};
  return check("capset", call(__NR_capset, &header, words));
}

/// Gives stdio to the program's user, so that it may reopen /dev/stdout; what refuses the change keeps its owner.
Outcome own_stdio(std::uint32_t uid) {
  for (int fd = 0; fd <= 2; ++fd) {
    Status status;
    Outcome inspected = inspect(fd, status);
    if (inspected.error == EBADF) continue; // closed
    if (!inspected.ok()) return inspected;
    if (status.uid == uid) continue;
    if (status.kind == Kind::character && status.major == 1 && status.minor == 3) continue; // the host's /dev/null
    Result owned = call(__NR_fchown, fd, uid, -1);
    bool refused = owned.error() == EPERM || owned.error() == EINVAL || owned.error() == EROFS || owned.error() == EACCES;
    if (!owned.ok() && !refused) return check("fchown", owned, "stdio");
  }
  return success();
}

/// setgroups(2) is not allowed in a user namespace that an unprivileged process made (user_namespaces(7)).
bool denies_groups(Context &context) {
  UniqueFd file;
  char text[8] = {};
  if (!open_proc(context, "/proc/self/setgroups", O_RDONLY, file).ok()) return false;
  return call(__NR_read, file.get(), text, sizeof text).ok() && std::string_view{text, 4} == "deny";
}

Outcome set_groups(Context &context, const plan::SetUser &operation) {
  if (!operation.set_groups()) return success();
  const auto *groups = operation.additional_gids();
  std::size_t count = groups == nullptr ? 0 : groups->size();
  Result set = call(__NR_setgroups, count, count == 0 ? nullptr : groups->data());
  if (set.error() == EPERM && count == 0 && denies_groups(context)) return success();
  return check("setgroups", set);
}

Outcome set_ambient(std::uint64_t ambient) {
  if (Outcome outcome = check("prctl(PR_CAP_AMBIENT)", call(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
      !outcome.ok())
    return outcome;
  for (unsigned long bit = 0; bit < 64; ++bit) {
    if ((ambient >> bit & 1) == 0) continue;
    if (Outcome outcome = check("prctl(PR_CAP_AMBIENT)", call(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, bit, 0, 0));
        !outcome.ok())
      return outcome;
  }
  return success();
}

} // namespace

Outcome set_user(Context &context, const plan::SetUser &operation) {
  if (Outcome outcome = own_stdio(operation.uid()); !outcome.ok()) return outcome;
  if (Outcome outcome = set_groups(context, operation); !outcome.ok()) return outcome;
  if (Result set = call(__NR_setresgid, operation.gid(), operation.gid(), operation.gid()); !set.ok())
    return check("setresgid", set, decimal(operation.gid()));
  // Capabilities survive the change of ids here; SetCapabilities sets the final ones later.
  if (Outcome outcome = check("prctl(PR_SET_KEEPCAPS)", call(__NR_prctl, PR_SET_KEEPCAPS, 1)); !outcome.ok()) return outcome;
  if (Result set = call(__NR_setresuid, operation.uid(), operation.uid(), operation.uid()); !set.ok())
    return check("setresuid", set, decimal(operation.uid()));
  if (Outcome outcome = check("prctl(PR_SET_KEEPCAPS)", call(__NR_prctl, PR_SET_KEEPCAPS, 0)); !outcome.ok()) return outcome;
  CapabilitySets sets{};
  if (Outcome outcome = get_sets(sets); !outcome.ok()) return outcome;
  sets.effective = sets.permitted;
  if (Outcome outcome = put_sets(sets); !outcome.ok()) return outcome;
  // The change of ids made us dumpable, by the kernel's default, and cleared the death signal.
  if (Outcome outcome = check("prctl(PR_SET_DUMPABLE)", call(__NR_prctl, PR_SET_DUMPABLE, 0)); !outcome.ok()) return outcome;
  if (context.parked) return success();
  return check("prctl(PR_SET_PDEATHSIG)", call(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL));
}

Outcome change_effective(std::uint64_t set, std::uint64_t &before) {
  CapabilitySets sets{};
  if (Outcome outcome = get_sets(sets); !outcome.ok()) return outcome;
  before = sets.effective;
  sets.effective = sets.permitted & set;
  return put_sets(sets);
}

Outcome drop_bounding(const plan::DropBounding &operation) {
  for (unsigned long bit = 0; bit < 64; ++bit) {
    if ((operation.keep() >> bit & 1) != 0) continue;
    Result dropped = call(__NR_prctl, PR_CAPBSET_DROP, bit, 0, 0, 0);
    if (dropped.error() == EINVAL) return success(); // beyond the kernel's last capability
    if (!dropped.ok()) return check("prctl(PR_CAPBSET_DROP)", dropped);
  }
  return success();
}

Outcome set_capabilities(Context &context, const plan::SetCapabilities &operation) {
  CapabilitySets own{};
  if (Outcome outcome = get_sets(own); !outcome.ok()) return outcome;
  std::uint64_t permitted = operation.permitted() & own.permitted;
  std::uint64_t effective = operation.effective() & permitted;
  std::uint64_t inheritable = operation.inheritable() & (own.permitted | own.inheritable);
  // config.md: a capability that cannot be granted MUST be logged as a warning.
  if (permitted != operation.permitted() || inheritable != operation.inheritable())
    warn(context, "some capabilities cannot be granted: the runtime does not have them itself");
  if (Outcome outcome = put_sets({effective, permitted, inheritable}); !outcome.ok()) return outcome;
  return set_ambient(operation.ambient() & permitted & inheritable);
}

Outcome no_new_privileges() { return check("prctl(PR_SET_NO_NEW_PRIVS)", call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)); }

Outcome seccomp(Context &context, const plan::Seccomp &operation) {
  constexpr std::size_t most = 4096; // BPF_MAXINSNS
  if (operation.program()->size() / 8 > most) return failure("seccomp", EINVAL, "", "the filter has more than 4096 instructions");
  struct {
    std::uint16_t length;
    const std::uint8_t *filter;
  } program{static_cast<std::uint16_t>(operation.program()->size() / 8), operation.program()->data()};
  Result loaded = call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, operation.flags(), &program);
  if (!loaded.ok()) return check("seccomp", loaded);
  if (!operation.listener()) return success();
  UniqueFd listener{loaded};
  return send(context, Message::seccomp, {.fd = listener.get()});
}

} // namespace pocker::init
