// This process and its surroundings.
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <unistd.h>

#include "deadline.h"
#include "functions.h"
#include "process_facts.h"
#include "writing.h"

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
  long whole = time.tv_sec * per_second + time.tv_nsec / (1'000'000'000 / per_second);
  return Value{static_cast<double>(whole)};
}

} // namespace

Reply now(const Arguments &) { return since_epoch(1000); }

Reply clock(const Arguments &) { return since_epoch(1'000'000); }

namespace {

/// A reader that has gone is no failure.
Reply write_text(int fd, std::string_view text) {
  int error = write_all(fd, text);
  return error == 0 || error == EPIPE ? nothing() : fail("write", error);
}

} // namespace

Reply write(const Arguments &arguments) {
  const std::string &text = arguments.text(1);
  return write_text(arguments.integer(0), text);
}

Reply write_bytes(const Arguments &arguments) {
  const auto *bytes = std::get_if<Bytes>(&arguments.at(1));
  return bytes == nullptr ? nothing()
                          : write_text(arguments.integer(0), {reinterpret_cast<const char *>(bytes->data()), bytes->size()});
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
