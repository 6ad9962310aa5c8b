#include "channel.h"

#include <linux/prctl.h>
#include <signal.h>

#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "arena.h"
#include "times.h"

namespace pocker::init {
namespace {

using channel::Header;

static_assert(static_cast<int>(Message::times) == static_cast<int>(plan::Message_times) &&
              static_cast<int>(Message::count) == static_cast<int>(plan::Message_MAX) + 1);

struct alignas(cmsghdr) Control {
  char bytes[CMSG_SPACE(sizeof(int))];
};

std::string_view shorten(std::string_view text, std::size_t limit) {
  return {text.data(), text.size() < limit ? text.size() : limit};
}

/// The packet, in memory that the next one reuses.
std::string_view pack(const Context &context, Message message, const Note &note) {
  static char bytes[channel::packet_limit];
  std::string_view text = shorten(note.text, channel::text_limit);
  std::string_view path = shorten(note.path, channel::path_limit);
  Header header{static_cast<std::uint32_t>(message), context.step, note.number, static_cast<std::uint32_t>(text.size()),
                static_cast<std::uint32_t>(path.size())};
  std::memcpy(bytes, &header, sizeof header);
  const char *end = append(append(bytes + sizeof header, text), path);
  return {bytes, static_cast<std::size_t>(end - bytes)};
}

int passed_fd(const msghdr &packet) {
  const auto *header = static_cast<const cmsghdr *>(packet.msg_control);
  if (packet.msg_controllen < sizeof(cmsghdr) || header->cmsg_type != SCM_RIGHTS) return -1;
  int fd = -1;
  std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

/// The text of a packet that was too long to be one: the whole content of that memfd.
Outcome map_text(int fd, std::string_view &text) {
  Result size = call(__NR_lseek, fd, 0, 2 /* SEEK_END */);
  if (!size.ok()) return check("lseek", size);
  Result map = call(__NR_mmap, nullptr, size.value(), 1 /* PROT_READ */, 2 /* MAP_PRIVATE */, fd, 0);
  if (!map.ok()) return check("mmap", map);
  text = {reinterpret_cast<const char *>(map.value()), static_cast<std::size_t>(size.value())};
  return success();
}

} // namespace

Outcome send(const Context &context, Message message, const Note &note) {
  std::string_view bytes = pack(context, message, note);
  iovec part{const_cast<char *>(bytes.data()), bytes.size()};
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  Control control{};
  if (note.fd >= 0) {
    packet.msg_control = &control;
    packet.msg_controllen = sizeof control.bytes;
    auto *rights = reinterpret_cast<cmsghdr *>(&control);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof note.fd);
    std::memcpy(CMSG_DATA(rights), &note.fd, sizeof note.fd);
  }
  return check("sendmsg", call(__NR_sendmsg, context.channel.get(), &packet, MSG_NOSIGNAL));
}

Outcome receive(int socket, Packet &packet) {
  static char buffer[channel::packet_limit];
  iovec part{buffer, sizeof buffer};
  Control control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof control.bytes;
  Result result{-EINTR};
  while (result.error() == EINTR) result = call(__NR_recvmsg, socket, &message, MSG_CMSG_CLOEXEC);
  if (!result.ok()) return check("recvmsg", result);
  UniqueFd fd{passed_fd(message)};
  if (result.value() == 0) return failure("recvmsg", EPIPE);
  Header header{};
  auto size = static_cast<std::size_t>(result.value());
  if (size < sizeof header) return failure("recvmsg", EBADMSG);
  std::memcpy(&header, buffer, sizeof header);
  if (header.message >= static_cast<std::uint32_t>(Message::count) || size - sizeof header < header.text_length)
    return failure("recvmsg", EBADMSG);
  packet.message = static_cast<Message>(header.message);
  packet.number = header.number;
  if (fd) return map_text(fd.get(), packet.text);
  packet.text = {join({buffer + sizeof header, header.text_length}, ""), header.text_length};
  return success();
}

Outcome unexpected(Message message) { return failure("unexpected message", EPROTO, channel::names[static_cast<int>(message)]); }

Outcome await(Context &context, Message message) {
  Packet packet;
  if (Outcome outcome = receive(context.channel.get(), packet); !outcome.ok()) return outcome;
  if (packet.message != message) return unexpected(packet.message);
  if (!packet.text.empty()) context.state = packet.text;
  return success();
}

void warn(const Context &context, const char *text, std::string_view path) {
  // If nobody can be told, that is no reason to fail: the next sync finds out.
  static_cast<void>(send(context, Message::warned, {.text = text, .path = path}).ok());
}

void report(const Context &context, const Outcome &outcome) {
  const char *text = *outcome.text != 0 ? join(outcome.operation, "\n", outcome.text) : outcome.operation;
  std::string_view packet = pack(context, Message::failed, {.number = outcome.error, .text = text, .path = outcome.path});
  if (context.report == nullptr) {
    static_cast<void>(call(__NR_write, context.channel.get(), packet.data(), packet.size()).ok());
    return;
  }
  std::memcpy(context.report->packet, packet.data(), packet.size());
  context.report->packet_size = static_cast<std::uint32_t>(packet.size());
  context.report->stage = channel::Stage::failed;
}

Outcome make_report(Context &context) {
  Result made = call(__NR_memfd_create, "report", 1U /* MFD_CLOEXEC */);
  if (!made.ok()) return check("memfd_create", made, "report");
  context.report_file.reset(made.fd());
  return check("ftruncate", call(__NR_ftruncate, made.fd(), sizeof(channel::Report)), "report");
}

Outcome share_report(Context &context, const plan::ShareReport &operation) {
  // Two arrays with their terminators, HOME, and the text of a failure.
  constexpr std::size_t more = 4, failure_words = 8192;
  reserve((operation.words() + more) * sizeof(const char *) + failure_words);
  UniqueFd file{std::move(context.report_file)};
  constexpr int readable_and_writable = 0x1 | 0x2, shared = 1;
  Result map = call(__NR_mmap, nullptr, sizeof(channel::Report), readable_and_writable, shared, file.get(), 0);
  if (!map.ok()) return check("mmap", map, "report");
  if (Outcome outcome = send_times(context); !outcome.ok()) return outcome;
  context.trace = false; // a seccomp filter may refuse clock_gettime(2)
  if (Outcome outcome = send(context, Message::report, {.fd = file.get()}); !outcome.ok()) return outcome;
  context.report = reinterpret_cast<channel::Report *>(map.value());
  return success();
}

Outcome sync(Context &context, const plan::Sync &sync) {
  if (sync.send() != plan::Message_none) {
    // From `created` on, the runtime may end at any moment after it answers; until then, its end is an end of file to us.
    if (sync.send() == plan::Message_created) {
      if (Outcome outcome = check("prctl(PR_SET_PDEATHSIG)", call(__NR_prctl, PR_SET_PDEATHSIG, 0)); !outcome.ok())
        return outcome;
    }
    if (sync.send() == plan::Message_created) {
      // From here on nobody hears what fails until `start` connects.
      if (Outcome outcome = context.gate ? prepare_to_park(context) : success(); !outcome.ok()) return outcome;
      if (Outcome outcome = send_times(context); !outcome.ok()) return outcome;
    }
    if (Outcome outcome = send(context, static_cast<Message>(sync.send())); !outcome.ok()) return outcome;
  }
  return sync.expect() == plan::Message_none ? success() : await(context, static_cast<Message>(sync.expect()));
}

} // namespace pocker::init
