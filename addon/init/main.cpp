// pocker-init: the container's first process until its program takes over.
//
//   pocker-init CHANNEL PLAN GATE PRESERVE HOOK-STDOUT HOOK-STDERR
//
// An empty environment. All arguments are fd numbers except PRESERVE: how many the program keeps, from 3 on.
//
// It maps and verifies the plan, then carries out its steps in order; the first failure is reported and ends it.
#include <signal.h>

#include <new>

#include "arena.h"
#include "channel.h"
#include "context.h"
#include "plan.h"
#include "times.h"
#include "mounts/unmount.h"

namespace pocker::init {
namespace {

/// A descriptor's number; "-1" is none.
int number(const char *text) {
  if (*text == '-') return -1;
  int value = 0;
  for (; *text >= '0' && *text <= '9'; ++text) value = value * 10 + (*text - '0');
  return value;
}

/// Resets the caller's signal state, so that none of it reaches the container: no signal is ignored or blocked.
Outcome reset_signals() {
  unsigned long action[4] = {};
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    // glibc's own 32 and 33 are ordinary signals here.
    if (Outcome outcome = check("rt_sigaction", call(__NR_rt_sigaction, signal, action, nullptr, 8)); !outcome.ok())
      return outcome;
  }
  unsigned long none = 0;
  return check("rt_sigprocmask", call(__NR_rt_sigprocmask, SIG_SETMASK, &none, nullptr, sizeof none));
}

/// Fills, until execve(2), the descriptors that the program keeps but the caller has not opened, so that none of ours gets such a
/// number.
Outcome take_gaps(int fd, int preserve) {
  if (preserve == 0) return success();
  for (;;) {
    Result taken = call(__NR_fcntl, fd, 1030 /* F_DUPFD_CLOEXEC */, 3);
    if (!taken.ok()) return check("fcntl", taken, "F_DUPFD_CLOEXEC");
    if (taken.fd() < 3 + preserve) continue;
    static_cast<void>(call(__NR_close, taken.fd()).ok());
    return success();
  }
}

Outcome map_plan(int fd, const plan::InitPlan *&plan) {
  Result size = call(__NR_lseek, fd, 0, 2 /* SEEK_END */);
  if (!size.ok()) return check("lseek", size, "plan");
  Result map = call(__NR_mmap, nullptr, size.value(), 1 /* PROT_READ */, 2 /* MAP_PRIVATE */, fd, 0);
  if (!map.ok()) return check("mmap", map, "plan");
  const auto *bytes = reinterpret_cast<const std::uint8_t *>(map.value());
  plan = verified_plan(bytes, static_cast<std::size_t>(size.value()));
  return plan == nullptr ? failure("verify", EBADMSG, "plan") : success();
}

/// A helper that only carries out a few steps has no program to execute, and nothing to report at that point.
bool shares_report(const plan::InitPlan &plan) {
  for (const plan::Step *step : *plan.steps()) {
    if (step->operation_type() == plan::Operation_ShareReport) return true;
  }
  return false;
}

Outcome prepare(Context &context, int plan_fd, const plan::InitPlan *&plan) {
  if (Outcome outcome = reset_signals(); !outcome.ok()) return outcome;
  context.inherited_umask = static_cast<std::uint32_t>(call(__NR_umask, 0).value()); // modes in the plan are exact
  if (Outcome outcome = map_plan(plan_fd, plan); !outcome.ok()) return outcome;
  // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): map_plan has set it
  return shares_report(*plan) ? make_report(context) : success();
}

Outcome carry_out(Context &context, const plan::InitPlan &plan) {
  context.step = 0;
  context.steps = plan.steps();
  context.trace = plan.trace();
  for (const plan::Step *step : *plan.steps()) {
    if (context.report != nullptr) context.report->step = context.step;
    if (context.trace) note_time(context);
    if (Outcome outcome = run(context, *step); !outcome.ok()) {
      undo_mounts(context);
      return outcome;
    }
    ++context.step;
  }
  return failure("end of plan", ENOEXEC);
}

/// Never destroyed: this process ends or becomes another program.
Context &the_context() {
  alignas(Context) static char storage[sizeof(Context)];
  static Context &context = *new (storage) Context;
  return context;
}

} // namespace

void out_of_memory(int error) {
  report(the_context(), failure("mmap", error));
  sys::die(70);
}

} // namespace pocker::init

extern "C" void seed_stack_guard(const long *stack);

extern "C" [[noreturn]] void pocker_init(long *stack) {
  using namespace pocker::init;
  seed_stack_guard(stack);
  Context &context = the_context();
  long count = *stack;
  char **arguments = reinterpret_cast<char **>(stack + 1);
  if (count == 7) {
    context.channel.reset(number(arguments[1]));
    context.gate.reset(number(arguments[3]));
    context.hook_stdout.reset(number(arguments[5]));
    context.hook_stderr.reset(number(arguments[6]));
    const pocker::plan::InitPlan *plan = nullptr;
    UniqueFd plan_fd{number(arguments[2])};
    Outcome outcome = take_gaps(plan_fd.get(), number(arguments[4]));
    if (outcome.ok()) outcome = prepare(context, plan_fd.get(), plan);
    plan_fd.reset();
    if (outcome.ok()) outcome = carry_out(context, *plan);
    report(context, outcome);
  }
  pocker::sys::die(70);
}
