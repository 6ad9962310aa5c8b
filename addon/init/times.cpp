#include "times.h"

#include <time.h>

#include "channel.h"

namespace pocker::init {
namespace {

/// Hexadecimal microseconds since the epoch. A container may have its own monotonic clock (time_namespaces(7)), but not its own
/// realtime.
constexpr std::size_t digits = 14;
constexpr std::size_t limit = channel::text_limit / digits;

struct Times {
  std::uint32_t first;
  std::size_t count;
  char text[limit][digits];
};
Times times;

} // namespace

void note_time(Context &context) {
  timespec now{};
  if (!context.trace || times.count == limit || !call(__NR_clock_gettime, CLOCK_REALTIME, &now).ok()) return;
  if (times.count == 0) times.first = context.step;
  std::uint64_t value = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
  char *text = times.text[times.count++];
  for (std::size_t i = digits; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
}

Outcome send_times(Context &context) {
  if (!context.trace) return success();
  // How long the last one took.
  note_time(context);
  Outcome outcome = send(context, Message::times, {.number = times.first, .text = {times.text[0], times.count * digits}});
  times.count = 0;
  return outcome;
}

} // namespace pocker::init
