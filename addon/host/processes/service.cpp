// A program to talk to: it gets one end of a SOCK_SEQPACKET socket as descriptor 3, and after that the caller's descriptors that
// are meant for it. criu and conmon.
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <linux/memfd.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.h"
#include "../functions.h"

namespace pocker::host {
namespace {

using sys::call;
using sys::Result;
using sys::UniqueFd;

constexpr int first_given = 3;

struct Service {
  std::string path, root, cwd;
  std::vector<std::string> args, env;
  /// The socket, then the caller's descriptors: 3, 4, … in the program.
  std::vector<int> given;
  UniqueFd ours, theirs, trouble;
};

/// What a child does before it becomes its program.
enum class Stage : unsigned char { handlers, mask, mount, move, close, place, inherit, directory, execute };
constexpr const char *stage_calls[] = {"rt_sigaction", "rt_sigprocmask", "mount", "fcntl", "close_range",
                                       "dup3",         "fcntl",          "chdir", "execve"};

struct Trouble {
  int error = 0;
  Stage stage = Stage::handlers;
};

/// criu's root must be a mount point that nothing covers. So the root filesystem is mounted on itself in criu's own mount
/// namespace, where nobody else sees it and nothing is left of it.
Result mount_root(const char *root) {
  Result done = call(__NR_mount, nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr);
  if (done.ok()) done = call(__NR_mount, root, root, nullptr, MS_BIND | MS_REC, nullptr);
  return done;
}

/// In the child: ends it at the first call that fails, after reporting which.
class Steps {
public:
  explicit Steps(const UniqueFd &file) : file_{file} {}

  /// Returns the descriptor that the call made, if any.
  int must(Stage stage, Result result) const {
    if (result.ok()) return result.fd();
    Trouble trouble{result.error(), stage};
    static_cast<void>(call(__NR_write, file_.get(), &trouble, sizeof trouble).ok());
    sys::die(127);
  }

private:
  const UniqueFd &file_;
};

/// First moves every descriptor out of the way of the wanted numbers.
void install_descriptors(const std::vector<int> &given, std::vector<int> &moved, const Steps &steps) {
  int beyond = first_given + static_cast<int>(given.size());
  for (std::size_t i = 0; i < given.size(); ++i)
    moved[i] = steps.must(Stage::move, call(__NR_fcntl, given[i], F_DUPFD_CLOEXEC, beyond));
  steps.must(Stage::close, call(__NR_close_range, first_given, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */));
  for (std::size_t i = 0; i < given.size(); ++i)
    steps.must(Stage::place, call(__NR_dup3, moved[i], first_given + static_cast<int>(i), 0));
  steps.must(Stage::inherit, keep_stdio());
}

[[noreturn]] void become_service(const Service &service, std::vector<int> &moved, char *const *args, char *const *env) {
  const Steps first{service.trouble};
  int beyond = first_given + static_cast<int>(moved.size());
  const UniqueFd trouble_file{first.must(Stage::move, call(__NR_fcntl, service.trouble.get(), F_DUPFD_CLOEXEC, beyond))};
  const Steps steps{trouble_file};
  steps.must(Stage::handlers, reset_handlers());
  steps.must(Stage::mask, unblock_signals());
  if (!service.root.empty()) steps.must(Stage::mount, mount_root(service.root.c_str()));
  install_descriptors(service.given, moved, steps);
  if (!service.cwd.empty()) steps.must(Stage::directory, call(__NR_chdir, service.cwd.c_str()));
  steps.must(Stage::execute, call(__NR_execve, service.path.c_str(), args, env));
  sys::die(127);
}

CallError prepare(Service &service, const Object &request) {
  int pair[2] = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return failed("socketpair");
  service.ours.reset(pair[0]);
  service.theirs.reset(pair[1]);
  service.given.push_back(pair[1]);
  for (const Value &fd : array_of(field(request, "fds"))) service.given.push_back(static_cast<int>(number_of(fd)));
  Result made = call(__NR_memfd_create, "trouble", MFD_CLOEXEC);
  if (!made.ok()) return {"memfd_create", made.error()};
  service.trouble.reset(made.fd());
  return {};
}

} // namespace

Reply start_service(const Arguments &arguments) {
  const Object &request = arguments.object(0);
  Service service{text_of(field(request, "path")),
                  text_of(field(request, "root")),
                  text_of(field(request, "cwd")),
                  texts_of(field(request, "args")),
                  texts_of(field(request, "env")),
                  {},
                  {},
                  {},
                  {}};
  if (CallError error = prepare(service, request)) return fail(error.call, error.number);
  auto args = vector_of(service.args);
  auto env = vector_of(service.env);
  std::vector<int> moved(service.given.size(), -1);
  sys::CloneArgs clone;
  // Waits until it has executed its program, or has failed to.
  clone.flags = CLONE_VFORK | (service.root.empty() ? 0ULL : static_cast<std::uint64_t>(CLONE_NEWNS));
  UniqueFd pidfd;
  Result cloned = clone_child(clone, pidfd);
  if (!cloned.ok()) return fail("clone3", cloned.error(), service.path);
  if (cloned.value() == 0) become_service(service, moved, args.data(), env.data());
  Trouble trouble;
  if (pread(service.trouble.get(), &trouble, sizeof trouble, 0) == sizeof trouble) {
    const char *operation = stage_calls[static_cast<unsigned>(trouble.stage)];
    const std::string &path = trouble.stage == Stage::mount       ? service.root
                              : trouble.stage == Stage::directory ? service.cwd
                                                                  : service.path;
    return fail(operation, trouble.error, path);
  }
  Object reply;
  reply.emplace_back("pid", Value{static_cast<double>(cloned.value())});
  reply.emplace_back("pidfd", Value{static_cast<double>(pidfd.release())});
  reply.emplace_back("channel", Value{static_cast<double>(service.ours.release())});
  return Value{std::move(reply)};
}

} // namespace pocker::host
