// Runs a program under ptrace(2), and makes one of its system calls fail, or kills it there:
//   inject WHO NTH ERRNO|kill REPORT PROGRAM ARGUMENTS…
// WHO: `runtime` is the program itself; `container` is what it makes, until that executes something other than pocker-init. NTH
// counts from 1 over all calls of WHO; 0: none. REPORT gets the call that failed (call_text.h), or nothing if there were not that
// many.
// Exit code: the program's.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <map>
#include <string>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "call_text.h"

namespace {

enum class Role { runtime, container, other };

struct Tracee {
  Role role = Role::container;
  /// It is in the call that must fail.
  bool failing = false;
  /// It is the targeted program.
  bool begun = true;
};

struct Injection {
  Role who;
  long nth;
  /// 0: SIGKILL
  int error;
  const char *report;
  long count = 0;
};

[[noreturn]] void give_up(const char *what) {
  std::perror(what);
  std::exit(125);
}

long trace(int request, pid_t pid, std::uintptr_t address = 0, std::uintptr_t data = 0) {
  return syscall(SYS_ptrace, request, pid, address, data);
}

user_regs_struct registers_of(pid_t pid) {
  user_regs_struct registers{};
  iovec vector{&registers, sizeof registers};
  trace(PTRACE_GETREGSET, pid, NT_PRSTATUS, reinterpret_cast<std::uintptr_t>(&vector));
  return registers;
}

void set_registers(pid_t pid, user_regs_struct &registers) {
  iovec vector{&registers, sizeof registers};
  trace(PTRACE_SETREGSET, pid, NT_PRSTATUS, reinterpret_cast<std::uintptr_t>(&vector));
}

/// At the entry: the kernel does nothing.
void skip(pid_t pid) {
#if defined __aarch64__
  int number = -1;
  iovec vector{&number, sizeof number};
  trace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, reinterpret_cast<std::uintptr_t>(&vector));
#else
  user_regs_struct registers = registers_of(pid);
  registers.orig_rax = static_cast<unsigned long long>(-1);
  set_registers(pid, registers);
#endif
}

/// At the exit.
void answer(pid_t pid, int error) {
  user_regs_struct registers = registers_of(pid);
#if defined __aarch64__
  registers.regs[0] = static_cast<unsigned long long>(-error);
#else
  registers.rax = static_cast<unsigned long long>(-error);
#endif
  set_registers(pid, registers);
}

/// Only these: for the others the kernel has no failure, or does its work whatever it returns (close).
bool counts(const ptrace_syscall_info &info, Role who) {
  switch (info.entry.nr) {
  case SYS_exit:
  case SYS_exit_group:
  case SYS_rt_sigreturn:
  case SYS_close:
  case SYS_getpid:
  case SYS_getuid:
  case SYS_geteuid:
  case SYS_getegid:
  case SYS_umask:
  case SYS_set_tid_address:
#if defined SYS_arch_prctl
  case SYS_arch_prctl:
#endif
    return false;
  // With a valid signal or descriptor they cannot fail, and the runtime makes hundreds of them; madvise(2) is advice.
  case SYS_rt_sigaction:
  case SYS_rt_sigprocmask:
  case SYS_madvise: return who == Role::container;
  // musl marks again what open(2) has marked.
  case SYS_fcntl: return who == Role::container || info.entry.args[1] != F_SETFD;
  default: return true;
  }
}

void write_report(pid_t pid, const Injection &injection, const ptrace_syscall_info &info) {
  std::FILE *file = std::fopen(injection.report, "w");
  if (file == nullptr) give_up(injection.report);
  std::fputs(call_text::of(pid, info).c_str(), file);
  std::fclose(file);
}

void at_call(pid_t pid, Tracee &tracee, Injection &injection) {
  ptrace_syscall_info info{};
  trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, reinterpret_cast<std::uintptr_t>(&info));
  if (info.op == PTRACE_SYSCALL_INFO_EXIT && tracee.failing) {
    tracee.failing = false;
    answer(pid, injection.error);
  }
  if (info.op != PTRACE_SYSCALL_INFO_ENTRY || tracee.role != injection.who || !tracee.begun) return;
  if (!counts(info, injection.who) || ++injection.count != injection.nth) return;
  write_report(pid, injection, info);
  if (injection.error == 0) {
    kill(pid, SIGKILL);
    return;
  }
  tracee.failing = true;
  skip(pid);
}

Role role_of(pid_t pid) {
  std::string path = "/proc/" + std::to_string(pid) + "/exe";
  char target[256] = {};
  if (readlink(path.c_str(), target, sizeof target - 1) < 0) return Role::other;
  return std::strstr(target, "pocker-init") == nullptr ? Role::other : Role::container;
}

using Tracees = std::map<pid_t, Tracee>;

void at_stop(pid_t pid, int status, pid_t main_pid, Tracees &tracees, Injection &injection) {
  Tracee &tracee = tracees[pid];
  int signal = WSTOPSIG(status);
  int event = status >> 16;
  int delivered = 0;
  if (signal == (SIGTRAP | 0x80))
    at_call(pid, tracee, injection);
  else if (event == PTRACE_EVENT_EXEC && pid == main_pid)
    tracee.begun = true;
  else if (event == PTRACE_EVENT_EXEC)
    tracee.role = role_of(pid);
  else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP) {
    trace(PTRACE_LISTEN, pid);
    return;
  } else if (event == 0)
    delivered = signal;
  trace(tracee.role == Role::other ? PTRACE_CONT : PTRACE_SYSCALL, pid, 0, static_cast<std::uintptr_t>(delivered));
}

int follow(pid_t main_pid, Injection &injection) {
  Tracees tracees{{main_pid, {Role::runtime, false, false}}};
  for (;;) {
    int status = 0;
    pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0) give_up("waitpid");
    if (WIFSTOPPED(status)) {
      at_stop(pid, status, main_pid, tracees, injection);
      continue;
    }
    tracees.erase(pid);
    // The kernel detaches the remaining processes when we end.
    if (pid == main_pid) return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
}

} // namespace

int main(int count, char **arguments) {
  if (count < 6) return 125;
  bool runtime = std::strcmp(arguments[1], "runtime") == 0;
  Injection injection{runtime ? Role::runtime : Role::container, std::atol(arguments[2]), std::atoi(arguments[3]), arguments[4]};
  pid_t pid = fork();
  if (pid < 0) give_up("fork");
  if (pid == 0) {
    raise(SIGSTOP);
    execv(arguments[5], arguments + 5);
    give_up(arguments[5]);
  }
  int status = 0;
  if (waitpid(pid, &status, WUNTRACED) != pid) give_up("waitpid");
  constexpr std::uintptr_t options =
      PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
  if (trace(PTRACE_SEIZE, pid, 0, options) < 0) give_up("ptrace");
  kill(pid, SIGCONT);
  return follow(pid, injection);
}
