// The gate: a created container waits here until `start` connects and says go.
#include <signal.h>
#include <poll.h>

#include <utility>

#include "channel.h"
#include "process/process.h"

namespace pocker::init {
namespace {

/// The first process of a pid namespace ignores signals without a handler; a parked one must die from them.
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
  // The handler never returns, so no restorer is needed, except for the flag that x86 insists on.
  KernelAction action{handler, 0x04000000UL /* SA_RESTORER */, nullptr, 0};
  return check("rt_sigaction", call(__NR_rt_sigaction, signal, &action, nullptr, sizeof action.mask));
}

/// Until execve(2), which resets the handlers.
Outcome handle_all() {
  for (int signal : ending_signals) {
    if (Outcome outcome = handle(signal, end); !outcome.ok()) return outcome;
  }
  return success();
}

/// struct ucred of unix(7): ids as seen from our user namespace.
struct Credentials {
  int pid;
  std::uint32_t uid, gid;
};

Outcome peer_of(int socket, Credentials &peer) {
  unsigned size = sizeof peer;
  return check("getsockopt(SO_PEERCRED)", call(__NR_getsockopt, socket, 1 /* SOL_SOCKET */, 17 /* SO_PEERCRED */, &peer, &size));
}

/// The container's creator, who holds the other end of the channel, and root may say go.
bool may_start(const Context &context, int connection) {
  Credentials peer{};
  if (!peer_of(connection, peer).ok()) return false;
  // Root looks like any other user who is not mapped here; the socket's mode keeps those out.
  constexpr std::uint32_t unmapped = 65534; // user_namespaces(7)
  std::uint32_t root = context.in_user_namespace ? unmapped : 0;
  return peer.uid == context.creator || peer.uid == root;
}

/// Peers that have connected and not yet spoken: `start`, or `state`, which only wants to know whether we are here.
class GateConnections {
public:
  Outcome wait(int gate) {
    for (std::size_t i = 0; i < limit; ++i) wanted_[i] = {connections_[i].get(), POLLIN, 0};
    wanted_[limit] = {gate, POLLIN, 0};
    Result ready = call(__NR_ppoll, wanted_, limit + 1, nullptr, nullptr, 0);
    return ready.ok() || ready.error() == EINTR ? success() : check("ppoll", ready);
  }
  /// If all places are taken, a silent peer is sent away.
  Outcome accept(const Context &context) {
    if (wanted_[limit].revents == 0) return success();
    Result accepted = call(__NR_accept4, context.gate.get(), nullptr, nullptr, 02000000 /* SOCK_CLOEXEC */);
    if (accepted.error() == EINTR || accepted.error() == ECONNABORTED) return success();
    if (!accepted.ok()) return check("accept", accepted);
    UniqueFd connection{accepted};
    if (may_start(context, connection.get())) connections_[next_++ % limit] = std::move(connection);
    return success();
  }
  /// Puts the peer that said go into `starter`. Any other message, or an error, is reported to that peer and ends us.
  Outcome listen(UniqueFd &starter, Packet &packet) {
    for (std::size_t i = 0; i < limit; ++i) {
      if (wanted_[i].revents == 0 || !connections_[i]) continue;
      UniqueFd speaker = std::move(connections_[i]);
      Outcome received = receive(speaker.get(), packet);
      if (received.error == EPIPE || received.error == ECONNRESET) continue; // hung up
      starter = std::move(speaker);
      return received.ok() && packet.message != Message::go ? unexpected(packet.message) : received;
    }
    return success();
  }

private:
  static constexpr std::size_t limit = 8;
  UniqueFd connections_[limit];
  pollfd wanted_[limit + 1] = {};
  std::size_t next_ = 0;
};

Outcome await_go(Context &context) {
  GateConnections connections;
  Packet packet;
  while (!context.channel) {
    if (Outcome outcome = connections.wait(context.gate.get()); !outcome.ok()) return outcome;
    if (Outcome outcome = connections.listen(context.channel, packet); !outcome.ok()) return outcome;
    if (Outcome outcome = connections.accept(context); !outcome.ok()) return outcome;
  }
  context.state = packet.text;
  context.trace = packet.number == 1;
  return success();
}

} // namespace

Outcome prepare_to_park(Context &context) {
  Credentials creator{};
  if (Outcome outcome = peer_of(context.channel.get(), creator); !outcome.ok()) return outcome;
  context.creator = creator.uid;
  return handle_all();
}

Outcome park(Context &context, const plan::Park &operation) {
  context.parked = true;
  context.channel.reset();
  for (UniqueFd &mount : context.mounted) mount.reset();
  if (Outcome outcome = await_go(context); !outcome.ok()) return outcome;
  context.gate.reset();
  return close_on_exec(operation.preserve());
}

} // namespace pocker::init
