// The gate: a created container waits here until `start` connects and says go.
#include <signal.h>

#include "channel.h"
#include "process.h"

namespace pocker::init {
namespace {

/// The first process of a pid namespace ignores signals that it has no handler for; a parked one must end by them.
constexpr int ending_signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,   SIGUSR2, SIGALRM,
                                  SIGABRT, SIGPIPE, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO,
                                  SIGPWR,  SIGSYS,  SIGILL,  SIGTRAP, SIGBUS,    SIGFPE,  SIGSEGV};

[[noreturn]] void end(int signal) { sys::die(128 + signal); }

struct KernelAction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  unsigned long mask;
};

Outcome handle(int signal, void (*handler)(int)) {
  // The handler never returns, so that no restorer is needed beyond the flag that x86 insists on.
  KernelAction action{handler, 0x04000000UL /* SA_RESTORER */, nullptr, 0};
  return check("rt_sigaction", call(__NR_rt_sigaction, signal, &action, nullptr, sizeof action.mask));
}

/// Until execve(2), which takes the handlers away.
Outcome handle_all() {
  for (int signal : ending_signals) {
    if (Outcome outcome = handle(signal, end); !outcome.ok()) return outcome;
  }
  return success();
}

Result accept(int gate) {
  for (;;) {
    Result connection = call(__NR_accept4, gate, nullptr, nullptr, 02000000 /* SOCK_CLOEXEC */);
    if (connection.error() != EINTR && connection.error() != ECONNABORTED) return connection;
  }
}

} // namespace

Outcome park(Context &context, const plan::Park &operation) {
  context.parked = true;
  context.channel.reset();
  if (Outcome outcome = handle_all(); !outcome.ok()) return outcome;
  for (;;) {
    Result connection = accept(context.gate.get());
    if (!connection.ok()) return check("accept", connection);
    context.channel.reset(connection.fd());
    Packet packet;
    Outcome outcome = receive(context.channel.get(), packet);
    // `state` only connects to see whether we are here, and hangs up.
    if (outcome.error == EPIPE || outcome.error == ECONNRESET) continue;
    if (!outcome.ok()) return outcome;
    if (packet.message != Message::go) return unexpected(packet.message);
    context.state = packet.text;
    context.gate.reset();
    return close_on_exec(operation.preserve());
  }
}

} // namespace pocker::init
