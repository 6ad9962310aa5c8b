#include "hooks.h"

#include <signal.h>
#include <poll.h>
#include <time.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "../arena.h"
#include "../proc.h"
#include "exec.h"

namespace pocker::init {
namespace {

constexpr std::size_t output_kept = 4096;

/// A memfd: the state JSON to read, or a place for the hook's output.
Outcome make_file(const char *name, std::string_view content, UniqueFd &file) {
  Result made = call(__NR_memfd_create, name, 1U /* MFD_CLOEXEC */);
  if (!made.ok()) return check("memfd_create", made, name);
  file.reset(made.fd());
  if (content.empty()) return success();
  while (!content.empty()) {
    Result written = call(__NR_write, file.get(), content.data(), content.size());
    if (!written.ok()) return check("write", written, name);
    if (written.value() == 0) return failure("write", EIO, name);
    content.remove_prefix(static_cast<std::size_t>(written.value()));
  }
  return check("lseek", call(__NR_lseek, file.get(), 0, 0), name);
}

struct Files {
  UniqueFd input, output;
  /// If the hook could not be executed: the errno, and the call that failed.
  UniqueFd trouble;
};

const plan::Step &step_at(const Context &context, std::uint32_t index) { return *context.steps->Get(index); }

/// A startContainer hook is as confined as the program: label, seccomp filter, capabilities. Init, which runs it, is not yet.
Outcome confine(Context &context) {
  context.channel.reset(); // warnings are sent once, before the program
  if (Outcome outcome = renew_self(context); !outcome.ok()) return outcome;
  for (; step_at(context, context.step).operation_type() != plan::Operation_Exec; ++context.step) {
    const plan::Step &step = step_at(context, context.step);
    if (step.operation_type() == plan::Operation_RunHook) continue;
    if (Outcome outcome = run(context, step); !outcome.ok()) return outcome;
  }
  return success();
}

/// Where and as whom the hook starts. createContainer: in the root filesystem, with the caller's umask instead of ours; from
/// `created` on, both are the process's.
Outcome enter_hook_context(Context &context) {
  if (context.parked) return confine(context);
  if (Outcome outcome = check("umask", call(__NR_umask, context.inherited_umask)); !outcome.ok()) return outcome;
  return check("fchdir", call(__NR_fchdir, context.root.get()));
}

/// A startContainer hook without an environment gets the process's, as with runc.
const char **environment_of(const Context &context, const plan::RunHook &operation) {
  bool own = operation.env() != nullptr && operation.env()->size() > 0;
  if (own || !context.parked) return vector_of(operation.env());
  const plan::Exec *program = step_at(context, context.steps->size() - 1).operation_as_Exec();
  return vector_of(program == nullptr ? nullptr : program->env(), context.home);
}

Outcome connect_stdio(const Context &context, const Files &files) {
  const UniqueFd &out = context.hook_stdout ? context.hook_stdout : files.output;
  const UniqueFd &err = context.hook_stderr ? context.hook_stderr : files.output;
  const int sources[] = {files.input.get(), out.get(), err.get()};
  for (int fd = 0; fd <= 2; ++fd) {
    if (Outcome outcome = check("dup3", call(__NR_dup3, sources[fd], fd, 0)); !outcome.ok()) return outcome;
  }
  return check("close_range", call(__NR_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */));
}

[[noreturn]] void become_hook(Context &context, const plan::RunHook &operation, const Files &files) {
  const char **arguments = vector_of(operation.args());
  if (arguments[0] == nullptr) arguments[0] = operation.path()->c_str();
  const char **environment = environment_of(context, operation);
  Outcome outcome = check("setsid", call(__NR_setsid));
  if (outcome.ok()) outcome = connect_stdio(context, files);
  if (outcome.ok()) outcome = enter_hook_context(context);
  if (outcome.ok()) outcome = check("execve", call(__NR_execve, operation.path()->c_str(), arguments, environment));
  const iovec parts[] = {{&outcome.error, sizeof outcome.error},
                         {const_cast<char *>(outcome.operation), std::string_view(outcome.operation).size()}};
  static_cast<void>(call(__NR_writev, files.trouble.get(), parts, 2).ok());
  sys::die(127);
}

/// The hook's last output.
const char *tail(const UniqueFd &output) {
  Result size = call(__NR_lseek, output.get(), 0, 2);
  long from = size.value() > static_cast<long>(output_kept) ? size.value() - static_cast<long>(output_kept) : 0;
  char *text = static_cast<char *>(allocate(output_kept + 1));
  static_cast<void>(call(__NR_pread64, output.get(), text, output_kept, from).ok());
  return text;
}

Outcome wait_for(int pidfd, std::uint64_t timeout_ms) {
  pollfd wanted{pidfd, POLLIN, 0};
  timespec limit{static_cast<time_t>(timeout_ms / 1000), static_cast<long>(timeout_ms % 1000) * 1000000};
  Result ready{-EINTR};
  while (ready.error() == EINTR) ready = call(__NR_ppoll, &wanted, 1, timeout_ms == 0 ? nullptr : &limit, nullptr, 0);
  if (!ready.ok()) return check("ppoll", ready);
  return ready.value() == 0 ? failure("wait", ETIMEDOUT) : success();
}

/// "error running createContainer hook #0", in runc's words.
const char *subject(const plan::RunHook &operation) {
  return join(operation.kind()->c_str(), " hook #", decimal(operation.index()));
}

Outcome judge(const plan::RunHook &operation, int pidfd, const Files &files) {
  struct {
    int signal, error, code, padding, pid, uid, status;
    char rest[100];
  } info{};
  Result waited = call(__NR_waitid, 3 /* P_PIDFD */, pidfd, &info, WEXITED, nullptr);
  if (!waited.ok()) return check("waitid", waited);
  int error = 0;
  char step[64] = {};
  const iovec parts[] = {{&error, sizeof error}, {step, sizeof step - 1}};
  Result trouble = call(__NR_preadv, files.trouble.get(), parts, 2, 0);
  if (!trouble.ok()) return check("preadv", trouble, operation.path()->c_str());
  if (error != 0) {
    const char *text = std::string_view(step) == "execve" ? "" : join("call ", step);
    return failure(subject(operation), error, operation.path()->c_str(), text);
  }
  if (info.code == 1 /* CLD_EXITED */ && info.status == 0) return success();
  const char *how = info.code == 1 ? "exit status " : "signal ";
  return failure(subject(operation), ECHILD, operation.path()->c_str(),
                 join(how, decimal(info.status), ": ", tail(files.output)));
}

} // namespace

Outcome run_hook(Context &context, const plan::RunHook &operation) {
  Files files;
  if (Outcome outcome = make_file("state", context.state, files.input); !outcome.ok()) return outcome;
  if (Outcome outcome = make_file("output", {}, files.output); !outcome.ok()) return outcome;
  if (Outcome outcome = make_file("trouble", {}, files.trouble); !outcome.ok()) return outcome;
  int descriptor = -1;
  sys::CloneArgs arguments;
  arguments.flags = sys::clone_pidfd | sys::clone_clear_sighand;
  arguments.pidfd = reinterpret_cast<std::uint64_t>(&descriptor);
  arguments.exit_signal = SIGCHLD;
  Result cloned = call(__NR_clone3, &arguments, sizeof arguments);
  if (!cloned.ok()) return check("clone3", cloned, operation.path()->c_str());
  if (cloned.value() == 0) become_hook(context, operation, files);
  UniqueFd pidfd{descriptor};
  Outcome waited = wait_for(pidfd.get(), operation.timeout_ms());
  if (waited.ok()) return judge(operation, pidfd.get(), files);
  // It leads a session of its own: its children are killed with it.
  static_cast<void>(call(__NR_kill, -cloned.value(), SIGKILL).ok());
  static_cast<void>(call(__NR_kill, cloned.value(), SIGKILL).ok());
  static_cast<void>(judge(operation, pidfd.get(), files).ok());
  return failure(subject(operation), waited.error, operation.path()->c_str(),
                 join("timed out after ", decimal(static_cast<long>(operation.timeout_ms())), " ms"));
}

} // namespace pocker::init
