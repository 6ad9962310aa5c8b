// Hooks and helper programs run to their end, with a deadline. Their output goes to a memfd, so that a daemon that keeps their
// stdout open delays nobody.
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/memfd.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "child.h"
#include "../deadline.h"
#include "../functions.h"
#include "../writing.h"

namespace pocker::host {
namespace {

using sys::call;
using sys::Result;
using sys::UniqueFd;

constexpr double output_kept = 64 * 1024;

struct Child {
  std::string path, cwd;
  std::vector<std::string> args, env;
  bool ends_with_us;
  /// Our own pid.
  pid_t parent;
  UniqueFd input, output;
  /// Where it writes instead of to `output`, if requested.
  UniqueFd out, err;
  /// A Trouble of the child, before it became its program.
  UniqueFd trouble;
};

/// What a child does before it becomes its program.
enum class Stage : unsigned char { handlers, mask, death, session, stdio, descriptors, directory, execute };
constexpr const char *stage_calls[] = {"rt_sigaction", "rt_sigprocmask", "prctl", "setsid",
                                       "dup3",         "close_range",    "chdir", "execve"};

struct Trouble {
  int error = 0;
  Stage stage = Stage::handlers;
};

[[noreturn]] void become_program(const Child &child, char *const *args, char *const *env) {
  auto must = [&child](Stage stage, Result result) {
    if (result.ok()) return;
    Trouble trouble{result.error(), stage};
    static_cast<void>(call(__NR_write, child.trouble.get(), &trouble, sizeof trouble).ok());
    sys::die(127);
  };
  must(Stage::handlers, reset_handlers());
  must(Stage::mask, unblock_signals());
  if (child.ends_with_us) must(Stage::death, call(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL));
  // We may have ended before it asked for the signal.
  if (child.ends_with_us && call(__NR_getppid).value() != child.parent) sys::die(127);
  must(Stage::session, call(__NR_setsid));
  must(Stage::stdio, child.input ? call(__NR_dup3, child.input.get(), 0, 0) : keep_open(0));
  must(Stage::stdio, call(__NR_dup3, (child.out ? child.out : child.output).get(), 1, 0));
  must(Stage::stdio, call(__NR_dup3, (child.err ? child.err : child.output).get(), 2, 0));
  must(Stage::descriptors, call(__NR_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC));
  if (!child.cwd.empty()) must(Stage::directory, call(__NR_chdir, child.cwd.c_str()));
  must(Stage::execute, call(__NR_execve, child.path.c_str(), args, env));
  sys::die(127); // execve returns only when it fails
}

/// The end of its output.
[[nodiscard]] CallError read_tail(int fd, double kept, std::string &text) {
  off_t size = lseek(fd, 0, SEEK_END);
  if (size < 0) return failed("lseek");
  off_t limit = static_cast<off_t>(kept > 0 ? kept : output_kept);
  off_t from = size > limit ? size - limit : 0;
  text.resize(static_cast<std::size_t>(size - from));
  ssize_t got = -1;
  do got = pread(fd, text.data(), text.size(), from);
  while (got < 0 && errno == EINTR);
  if (got < 0) return failed("read");
  text.resize(static_cast<std::size_t>(got));
  return {};
}

/// Like poll_until: 0 if it has not ended within the limit (0: none).
int wait_until(int pidfd, double timeout_ms) {
  pollfd wanted{pidfd, POLLIN, 0};
  return poll_until({&wanted, 1}, timeout_ms > 0 ? Deadline{timeout_ms} : Deadline::never());
}

Reply finish(const Child &child, pid_t pid, int pidfd, const Object &program) {
  int ready = wait_until(pidfd, number_of(field(program, "timeoutMs")));
  int error = ready < 0 ? -ready : 0;
  bool timed_out = ready == 0;
  if (ready <= 0) {
    // It leads a session of its own: its children are killed with it.
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
  }
  siginfo_t info{};
  int waited = 0;
  do waited = waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED);
  while (waited != 0 && errno == EINTR);
  if (waited != 0) return fail("waitid", errno, child.path);
  if (error != 0) return fail("poll", error, child.path);
  Trouble trouble;
  ssize_t told = pread(child.trouble.get(), &trouble, sizeof trouble, 0);
  if (told < 0) return fail("read", errno, child.path);
  if (told == sizeof trouble) {
    const char *operation = stage_calls[static_cast<unsigned>(trouble.stage)];
    return fail(operation, trouble.error, trouble.stage == Stage::directory ? child.cwd : child.path);
  }
  std::string output;
  if (CallError unread = read_tail(child.output.get(), number_of(field(program, "keep")), output))
    return fail(unread.call, unread.number, child.path);
  bool exited = info.si_code == CLD_EXITED;
  Object reply;
  reply.emplace_back("exitCode", Value{static_cast<double>(exited ? info.si_status : 0)});
  reply.emplace_back("signal", Value{static_cast<double>(exited ? 0 : info.si_status)});
  reply.emplace_back("timedOut", Value{timed_out});
  reply.emplace_back("output", Value{std::move(output)});
  return Value{std::move(reply)};
}

} // namespace

Reply run_program(const Arguments &arguments) {
  const Object &program = arguments.object(0);
  const std::string &input = text_of(field(program, "stdin"));
  Child child{text_of(field(program, "path")),
              text_of(field(program, "cwd")),
              texts_of(field(program, "args")),
              texts_of(field(program, "env")),
              is_true(field(program, "endsWithUs")),
              getpid(),
              {},
              {},
              {},
              {},
              {}};
  for (auto [file, name] : {std::pair{&child.out, "stdout"}, {&child.err, "stderr"}}) {
    const std::string &path = text_of(field(program, name));
    if (Result opened = open_output(path, *file); !opened.ok()) return fail("open", opened.error(), path);
  }
  if (int fd = static_cast<int>(number_of(field(program, "stdoutFd"))); fd > 0) {
    Result doubled = call(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 3);
    if (!doubled.ok()) return fail("fcntl", doubled.error(), "stdoutFd");
    child.out.reset(doubled.fd());
  }
  for (auto [file, name] : {std::pair{&child.input, "stdin"}, {&child.output, "output"}, {&child.trouble, "trouble"}}) {
    Result made = call(__NR_memfd_create, name, MFD_CLOEXEC);
    if (!made.ok()) return fail("memfd_create", made.error());
    file->reset(made.fd());
  }
  if (int error = write_all(child.input.get(), input); error != 0) return fail("write", error, "stdin");
  if (lseek(child.input.get(), 0, SEEK_SET) != 0) return fail("lseek", errno, "stdin");
  if (is_true(field(program, "sharesStdin"))) child.input.reset();
  auto args = vector_of(child.args);
  auto own = vector_of(child.env);
  bool inherits = std::holds_alternative<std::monostate>(field(program, "env"));
  char *const *env = inherits ? environ : own.data();
  sys::CloneArgs clone;
  UniqueFd pidfd;
  Result cloned = clone_child(clone, pidfd);
  if (!cloned.ok()) return fail("clone3", cloned.error(), child.path);
  if (cloned.value() == 0) become_program(child, args.data(), env);
  return finish(child, static_cast<pid_t>(cloned.value()), pidfd.get(), program);
}

Reply execute(const Arguments &arguments) {
  std::vector<std::string> args = texts_of(arguments.at(1)), env = texts_of(arguments.at(2));
  if (Result reset = reset_handlers(); !reset.ok()) return fail("rt_sigaction", reset.error());
  if (Result reset = unblock_signals(); !reset.ok()) return fail("rt_sigprocmask", reset.error());
  if (Result kept = keep_stdio(); !kept.ok()) return fail("fcntl(F_SETFD)", kept.error());
  execve(arguments.path(0), vector_of(args).data(), vector_of(env).data());
  return fail("execve", errno, arguments.text(0));
}

} // namespace pocker::host
