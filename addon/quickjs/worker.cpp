#include "worker.h"

#include <csignal>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "../host/processes/child.h"
#include "program.h"

namespace pocker::quickjs {

bool WorkerDescriptors::keep(const Task &task, const sys::UniqueFd &notice_writer, Received *received) {
  int first = 3 + static_cast<int>(received == nullptr ? 0 : received->header.preserved);
  auto beyond = [first](int fd) { return fcntl(fd, F_DUPFD_CLOEXEC, first); };
  if (received != nullptr) {
    for (sys::UniqueFd &fd : received->fds) fd.reset(beyond(fd.get()));
    channel = received->fds[0].release();
    text = received->fds[1].release();
  } else {
    channel = task.channel < 0 ? -1 : beyond(task.channel);
    text = beyond(task.text);
  }
  notices = beyond(notice_writer.get());
  return text >= 0 && notices >= 0;
}

bool WorkerDescriptors::place(Received &received) {
  std::size_t next = 2;
  for (int fd = 0; fd <= 2; ++fd) {
    if ((received.header.stdio >> fd & 1U) != 0 && dup2(received.fds[next++].get(), fd) < 0) return false;
  }
  for (std::uint32_t i = 0; i < received.header.preserved; ++i) {
    if (dup2(received.fds[next++].get(), 3 + static_cast<int>(i)) < 0) return false;
  }
  received.fds.clear();
  return true;
}

int work(const Program &program, char **arguments, const WorkerDescriptors &own, const Task &task) {
  if (!host::reset_handlers().ok() || !host::unblock_signals().ok()) return worker_failed;
  std::signal(SIGPIPE, SIG_IGN);
  adopt(program, 1, arguments);
  for (auto [name, value] : {std::pair{"channel", own.channel},
                             {"request", own.text},
                             {"notices", own.notices},
                             {"aborted", static_cast<int>(task.aborted)}})
    JS_SetPropertyStr(program.context, program.host, name, JS_NewInt32(program.context, value));
  JS_SetPropertyStr(program.context, program.host, "abortedStart", JS_NewFloat64(program.context, task.start_time));
  return run(program, program.serve);
}

} // namespace pocker::quickjs
