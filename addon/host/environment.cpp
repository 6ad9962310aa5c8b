// This process and its surroundings.
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <unistd.h>

#include "deadline.h"
#include "functions.h"
#include "process_facts.h"

namespace pocker::host {

Reply env(const Arguments &arguments) {
  const char *value = getenv(arguments.path(0));
  return value == nullptr ? Value{} : Value{std::string(value)};
}

Reply cwd(const Arguments &) {
  std::string path(4096, 0);
  if (getcwd(path.data(), path.size()) == nullptr) return fail("getcwd", errno);
  path.resize(std::strlen(path.c_str()));
  return Value{path};
}

namespace {

Reply since_epoch(long per_second) {
  timespec time{};
  if (clock_gettime(CLOCK_REALTIME, &time) != 0) return fail("clock_gettime", errno);
  return Value{static_cast<double>(time.tv_sec * per_second + time.tv_nsec / (1'000'000'000 / per_second))};
}

} // namespace

Reply now(const Arguments &) { return since_epoch(1000); }

Reply clock(const Arguments &) { return since_epoch(1'000'000); }

Reply write(const Arguments &arguments) {
  const std::string &text = arguments.text(1);
  for (std::size_t done = 0; done < text.size();) {
    ssize_t size = ::write(arguments.integer(0), text.data() + done, text.size() - done);
    if (size >= 0) {
      done += static_cast<std::size_t>(size);
      continue;
    }
    if (errno == EPIPE) return nothing();
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail("write", errno);
    // A caller's pipe or terminal may be non-blocking: wait for its reader as with a blocking one.
    pollfd wanted{arguments.integer(0), POLLOUT, 0};
    if (int ready = poll_until({&wanted, 1}, Deadline::never()); ready < 0) return fail("poll", -ready);
  }
  return nothing();
}

Reply exit(const Arguments &arguments) { _exit(arguments.integer(0)); }

Object process_facts(int count, char **arguments) {
  Array args;
  for (int i = 1; i < count; ++i) args.emplace_back(std::string(arguments[i]));
  Object facts;
  facts.emplace_back("args", Value{std::move(args)});
  facts.emplace_back("program", Value{std::string(count > 0 ? arguments[0] : "")});
  facts.emplace_back("pid", Value{static_cast<double>(getpid())});
  facts.emplace_back("euid", Value{static_cast<double>(geteuid())});
  facts.emplace_back("egid", Value{static_cast<double>(getegid())});
  return facts;
}

Reply sleep(const Arguments &arguments) {
  double ms = arguments.number(0);
  int waited = ms > 0 ? poll_until({}, Deadline{ms}) : 0;
  return waited == 0 ? nothing() : fail("poll", -waited);
}

} // namespace pocker::host
