#include "process.h"

#include <fcntl.h>

#include "../arena.h"
#include "../channel.h"
#include "../paths.h"

namespace pocker::init {
namespace {

/// struct sched_attr of sched_setattr(2), including the clamps of SCHED_FLAG_UTIL_CLAMP_* (5.3); a kernel without them accepts
/// zeros.
struct SchedAttr {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime;
  std::uint64_t deadline;
  std::uint64_t period;
  std::uint32_t util_min;
  std::uint32_t util_max;
};
static_assert(sizeof(SchedAttr) == 56);

constexpr std::size_t bits_per_word = 64;

/// Keyring names are shared by all users of the machine, and whoever makes one first can share it with anyone.
Outcome owns_key(long key, const char *name, bool &owns) {
  constexpr int describe = 6;
  char text[512] = {};
  // "keyring;UID;GID;PERMISSIONS;NAME"
  Result described = call(__NR_keyctl, describe, key, text, sizeof text - 1);
  // Whoever made it decides whether it is shown, and whether it has expired or is revoked.
  for (int theirs : {EACCES, EKEYEXPIRED, EKEYREVOKED, ENOKEY})
    if (described.error() == theirs) return success();
  if (!described.ok()) return check("keyctl", described, name);
  std::string_view rest{text};
  rest.remove_prefix(rest.find(';') == std::string_view::npos ? rest.size() : rest.find(';') + 1);
  const char *own = join(decimal(call(__NR_geteuid).value()), ";");
  owns = rest.starts_with(own);
  return success();
}

} // namespace

Outcome close_on_exec(std::uint32_t preserve) {
  return check("close_range", call(__NR_close_range, 3U + preserve, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */));
}

Outcome hostname(const plan::Hostname &operation) {
  return check("sethostname", call(__NR_sethostname, operation.name()->c_str(), operation.name()->size()),
               operation.name()->c_str());
}

Outcome domainname(const plan::Domainname &operation) {
  return check("setdomainname", call(__NR_setdomainname, operation.name()->c_str(), operation.name()->size()),
               operation.name()->c_str());
}

Outcome rlimit(const plan::Rlimit &operation) {
  const std::uint64_t limits[2] = {operation.soft(), operation.hard()};
  return check("prlimit", call(__NR_prlimit64, 0, operation.resource(), limits, nullptr));
}

Outcome scheduler(const plan::Scheduler &operation) {
  SchedAttr attributes{sizeof(SchedAttr),
                       operation.policy(),
                       operation.flags(),
                       operation.nice(),
                       operation.priority(),
                       operation.runtime(),
                       operation.deadline(),
                       operation.period(),
                       0,
                       0};
  return check("sched_setattr", call(__NR_sched_setattr, 0, &attributes, 0));
}

Outcome io_priority(const plan::IoPriority &operation) {
  return check("ioprio_set", call(__NR_ioprio_set, 1 /* IOPRIO_WHO_PROCESS */, 0, operation.value()));
}

Outcome personality(const plan::Personality &operation) {
  return check("personality", call(__NR_personality, operation.persona()));
}

Outcome memory_policy(const plan::MemoryPolicy &operation) {
  const auto *nodes = operation.nodes();
  std::size_t words = nodes == nullptr ? 0 : nodes->size();
  return check("set_mempolicy",
               call(__NR_set_mempolicy, operation.mode(), words == 0 ? nullptr : nodes->data(), words * bits_per_word + 1));
}

Outcome cpu_affinity(const plan::CpuAffinity &operation) {
  const auto *mask = operation.mask();
  std::size_t words = mask == nullptr ? 0 : mask->size();
  return check("sched_setaffinity",
               call(__NR_sched_setaffinity, 0, words * sizeof(std::uint64_t), words == 0 ? nullptr : mask->data()));
}

Outcome keyring(Context &context, const plan::Keyring &operation) {
  constexpr int join_session = 1, set_permissions = 5;
  constexpr std::uint32_t all_but_other = 0x3f3f0000U; // possessor and user, like a new session of keyctl(1)
  const char *name = operation.name()->c_str();
  Result joined = call(__NR_keyctl, join_session, name);
  bool owns = false;
  if (joined.ok()) {
    if (Outcome outcome = owns_key(joined.value(), name, owns); !outcome.ok()) return outcome;
  }
  if (joined.ok() && !owns) {
    warn(context, "another user has a session keyring of that name; using one without a name", name);
    joined = call(__NR_keyctl, join_session, nullptr);
  }
  if (joined.error() == ENOSYS || joined.error() == EDQUOT) {
    warn(context, "running without a session keyring: the kernel lacks them, or the quota is used up");
    return success();
  }
  if (!joined.ok()) return check("keyctl", joined, name);
  return check("keyctl", call(__NR_keyctl, set_permissions, joined.value(), all_but_other), name);
}

/// EPERM: it already leads a session.
Outcome new_session() {
  Result result = call(__NR_setsid);
  return result.error() == EPERM ? success() : check("setsid", result);
}

Outcome working_directory(Context &context, const plan::WorkingDirectory &operation) {
  const char *path = operation.path()->c_str();
  UniqueFd directory;
  if (operation.create()) {
    if (Outcome outcome = make_directory(context, path, 0755, directory); !outcome.ok()) return outcome;
  } else {
    Result opened = open_in_root(context, path, O_PATH | O_DIRECTORY);
    if (!opened.ok()) return check("chdir", opened, path);
    directory.reset(opened.fd());
  }
  if (Outcome outcome = check("chdir", call(__NR_fchdir, directory.get()), path); !outcome.ok()) return outcome;
  // A directory outside the root has no path inside it (CVE-2024-21626).
  char *now = static_cast<char *>(allocate(4096));
  Result result = call(__NR_getcwd, now, 4096);
  if (!result.ok()) return check("getcwd", result, path);
  return *now == '/' ? success() : failure("chdir", EACCES, path, "is outside the container's root");
}

Outcome umask(const plan::Umask &operation) { return check("umask", call(__NR_umask, operation.mask())); }

} // namespace pocker::init
