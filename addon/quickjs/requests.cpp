#include "requests.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "../channel/request.h"

namespace pocker::quickjs {

/// The worker closes the channels of other requests: held there, they would keep the program from seeing that they are closed.
pid_t start_worker(Server &server, Received *received, const Task &task) {
  pid_t worker = fork();
  if (worker != 0) return worker;
  WorkerDescriptors own;
  if (!own.keep(task, server.notice_writer, received)) _exit(worker_failed);
  server.requests.clear();
  for (UniqueFd *fd : {&server.socket, &server.signals, &server.notices, &server.notice_writer}) fd->reset();
  if (received != nullptr && !own.place(*received)) _exit(worker_failed);
  _exit(work(*server.program, server.arguments, own, task));
}

void tell(const UniqueFd &channel, const char *text) {
  static_cast<void>(send(channel.get(), text, std::strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL));
}

namespace {

/// False: the program has ended.
bool receive(int socket, Received &received) {
  iovec part{&received.header, sizeof received.header};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 253)];
  msghdr packet{};
  packet.msg_iov = &part;
  packet.msg_iovlen = 1;
  packet.msg_control = control;
  packet.msg_controllen = sizeof control;
  ssize_t size = 0;
  do size = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  while (size < 0 && errno == EINTR);
  if (size != static_cast<ssize_t>(sizeof received.header)) return false;
  for (cmsghdr *header = CMSG_FIRSTHDR(&packet); header != nullptr; header = CMSG_NXTHDR(&packet, header)) {
    if (header->cmsg_type != SCM_RIGHTS) continue;
    std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      received.fds.emplace_back(fd);
    }
  }
  return true;
}

std::size_t expected(const request::Header &header) {
  return 2 + static_cast<std::size_t>(__builtin_popcount(header.stdio & 7U)) + header.preserved;
}

} // namespace

bool take_request(Server &server) {
  Received received;
  if (!receive(server.socket.get(), received)) return false;
  // Descriptors were cut off by this process's limit: close the channel, if it arrived, without an answer.
  if (received.header.preserved > request::preserved_limit || received.fds.size() != expected(received.header)) return true;
  Request request;
  request.worker = start_worker(server, &received, {received.fds[0].get(), received.fds[1].get(), 0});
  if (request.worker < 0) {
    char text[160];
    std::snprintf(text, sizeof text,
                  "{\"error\":{\"code\":\"E_HOST\",\"message\":\"cannot fork: %s\",\"operation\":\"fork\",\"errno\":%d}}\n",
                  std::strerror(errno), errno);
    tell(received.fds[0], text);
    return true;
  }
  request.channel = std::move(received.fds[0]);
  request.text = std::move(received.fds[1]);
  server.requests.push_back(std::move(request));
  return true;
}

} // namespace pocker::quickjs
