#include "namespaces.h"

#include <signal.h>
#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>

#include "../arena.h"
#include "../channel.h"
#include "../proc.h"

namespace pocker::init {
namespace {

constexpr unsigned long clone_newtime = 0x80;

/// Until the container is created, we die with the runtime; a change of ids clears that (prctl(2)).
Outcome die_with_runtime() { return check("prctl(PR_SET_PDEATHSIG)", call(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL)); }

} // namespace

/// Needed again after every change of ids or of the user namespace: dumpability then becomes what fs.suid_dumpable says.
Outcome not_dumpable() { return check("prctl(PR_SET_DUMPABLE)", call(__NR_prctl, PR_SET_DUMPABLE, 0)); }

Outcome join_namespace(Context &context, const plan::JoinNamespace &operation) {
  const char *path = operation.path()->c_str();
  UniqueFd file;
  if (context.ahead && context.ahead_flag == operation.flag()) {
    file = static_cast<UniqueFd &&>(context.ahead);
  } else {
    Result opened = call(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (!opened.ok()) return check("open", opened, path);
    file.reset(opened.fd());
  }
  if (operation.ahead()) {
    context.ahead = static_cast<UniqueFd &&>(file);
    context.ahead_flag = operation.flag();
    return success();
  }
  Result joined = call(__NR_setns, file.get(), operation.flag());
  if (joined.error() == EINVAL) return failure("setns", EINVAL, path, "not a namespace of that type");
  if (!joined.ok()) return check("setns", joined, path);
  context.proc.reset();
  return operation.flag() == CLONE_NEWUSER ? not_dumpable() : success();
}

Outcome fork(Context &context, const plan::Fork &operation) {
  // The runtime must hear about the new process before it hears from it. The process waits for a byte; end of file means that
  // the runtime does not know it.
  int ends[2] = {-1, -1};
  if (Outcome outcome = check("pipe2", call(__NR_pipe2, ends, O_CLOEXEC)); !outcome.ok()) return outcome;
  UniqueFd reading{ends[0]};
  UniqueFd writing{ends[1]};
  sys::CloneArgs arguments;
  arguments.flags = operation.flags() | sys::clone_parent;
  Result cloned = call(__NR_clone3, &arguments, sizeof arguments);
  if (!cloned.ok()) return check("clone3", cloned);
  char known = 1;
  if (cloned.value() != 0) {
    if (Outcome outcome = send(context, Message::forked, {.number = cloned.value()}); !outcome.ok()) return outcome;
    if (Outcome outcome = check("write", call(__NR_write, writing.get(), &known, 1)); !outcome.ok()) return outcome;
    sys::die(0);
  }
  writing.reset();
  Result got = call(__NR_read, reading.get(), &known, 1);
  if (!got.ok()) return check("read", got);
  if (got.value() == 0) sys::die(70);
  context.proc.reset(); // it shows the pids of another namespace
  return die_with_runtime();
}

Outcome unshare(Context &, const plan::Unshare &operation) { return check("unshare", call(__NR_unshare, operation.flags())); }

Outcome time_namespace(Context &context, const plan::TimeNamespace &operation) {
  if (Outcome outcome = check("unshare", call(__NR_unshare, clone_newtime), "time"); !outcome.ok()) return outcome;
  if (operation.offsets()) {
    if (Outcome outcome = send(context, Message::offsets_ready); !outcome.ok()) return outcome;
    if (Outcome outcome = await(context, Message::offsets_written); !outcome.ok()) return outcome;
  }
  // unshare(2) moves only children. To enter the namespace ourselves, we look up where they would go.
  UniqueFd proc_directory;
  if (Outcome outcome = open_proc(context, "/proc/self/ns", O_PATH | O_DIRECTORY, proc_directory); !outcome.ok()) return outcome;
  Result opened = call(__NR_openat, proc_directory.get(), "time_for_children", O_RDONLY | O_CLOEXEC);
  if (!opened.ok()) return check("open", opened, "/proc/self/ns/time_for_children");
  UniqueFd file{opened};
  return check("setns", call(__NR_setns, file.get(), clone_newtime), "time");
}

Outcome become_root(Context &context) {
  context.in_user_namespace = true;
  if (Outcome outcome = check("setresgid", call(__NR_setresgid, 0, 0, 0)); !outcome.ok()) return outcome;
  if (Outcome outcome = check("setresuid", call(__NR_setresuid, 0, 0, 0)); !outcome.ok()) return outcome;
  if (Outcome outcome = not_dumpable(); !outcome.ok()) return outcome;
  return die_with_runtime();
}

} // namespace pocker::init
