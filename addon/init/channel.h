// pocker-init's side of the conversation in channel/message.h.
#pragma once

#include "context.h"

namespace pocker::init {

struct Packet {
  Message message = Message::none;
  std::int64_t number = 0;
  std::string_view text;
};

struct Note {
  std::int64_t number = 0;
  std::string_view text = {};
  std::string_view path = {};
  int fd = -1;
};

Outcome send(const Context &context, Message message, const Note &note = {});

/// Waits for the next packet; its text is in the arena. An end of file is EPIPE.
Outcome receive(int socket, Packet &packet);

/// That message has no place in the conversation.
Outcome unexpected(Message message);

/// Waits for that message, and keeps its text as the state JSON if it has one.
Outcome await(Context &context, Message message);

/// Sends what the user should read, and continues.
void warn(const Context &context, const char *text, std::string_view path = {});

/// Tells whoever listens why there will be no container.
void report(const Context &context, const Outcome &outcome);

Outcome sync(Context &context, const plan::Sync &sync);
/// While failures can still be reported.
Outcome prepare_to_park(Context &context);
Outcome park(Context &context, const plan::Park &operation);
/// The file that ShareReport maps. Made before the container's limits apply, since RLIMIT_FSIZE could forbid its size.
Outcome make_report(Context &context);
Outcome share_report(Context &context, const plan::ShareReport &operation);

} // namespace pocker::init
