// sd_notify(3): what a program reports to its manager.
#pragma once

#include <string>

namespace pocker::host {

/// Takes the next message from the socket, if there is one. True if it says that the program is ready.
bool take_ready(int socket);

/// Sends one datagram to a Unix socket (an abstract one begins with "@"); 0 or an errno.
int send_datagram_to(const std::string &path, const std::string &text);

} // namespace pocker::host
