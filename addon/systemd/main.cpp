// pocker-systemd: transient units of systemd, through libsystemd's sd-bus. The runtime starts it only for the systemd cgroup
// manager, and kills it at its deadline. It decides nothing (request.h describes its input).
//
// Prints one line for each request: "ok", or "error NAME TEXT". Exit code 0: every request has its line; 1: no address answered,
// and there is only that line; 2: the input was not understood.
#include <cstdio>
#include <string>

#include "../sys/stdio.h"
#include "manager.h"

namespace pocker::systemd {
namespace {

constexpr int not_connected = 1;
constexpr int not_understood = 2;

std::string read_input() {
  std::string input;
  char buffer[4096];
  for (std::size_t size = 0; (size = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;) input.append(buffer, size);
  return input;
}

void print(const Trouble &trouble) {
  if (!trouble.happened()) {
    std::puts("ok");
    return;
  }
  std::string text = trouble.text;
  for (char &character : text) {
    if (character == '\n') character = ' ';
  }
  std::printf("error %s %s\n", trouble.name.c_str(), text.c_str());
}

Trouble attach(Manager &manager, const char *unit, Words &words) {
  const char *cgroup = words.take();
  return manager.attach(unit, cgroup, static_cast<std::uint32_t>(words.take_count()));
}

/// False if the verb is unknown or has too few words.
bool carry_out(Manager &manager, std::string_view verb, Words &words) {
  const char *unit = words.take();
  Trouble trouble;
  if (verb == "start")
    trouble = manager.start(unit, words);
  else if (verb == "set")
    trouble = manager.set(unit, words);
  else if (verb == "stop")
    trouble = manager.stop(unit);
  else if (verb == "reset")
    trouble = manager.reset(unit);
  else if (verb == "attach")
    trouble = attach(manager, unit, words);
  else
    return false;
  if (words.exhausted()) return false;
  print(trouble);
  return true;
}

int run(Words &words) {
  Manager manager;
  Trouble last{"errno", "no address"};
  while (!words.empty()) {
    std::string_view verb = words.take();
    if (verb == "address") {
      std::string_view kind = words.take();
      const char *address = words.take();
      if (!manager.connected()) last = manager.connect(kind, address);
      continue;
    }
    if (!manager.connected()) {
      print(last);
      return not_connected;
    }
    if (!carry_out(manager, verb, words)) return not_understood;
    std::fflush(stdout);
  }
  return 0;
}

} // namespace
} // namespace pocker::systemd

int main() {
  // Otherwise the connection to systemd could become the descriptor that answers are printed to.
  if (!pocker::sys::reserve_stdio().ok()) return pocker::systemd::not_understood;
  std::string input = pocker::systemd::read_input();
  pocker::systemd::Words words(input);
  return pocker::systemd::run(words);
}
