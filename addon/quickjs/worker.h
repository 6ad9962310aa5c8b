// A child of the fork server: puts descriptors where the verb expects them, then runs the verb.
#pragma once

#include <sys/types.h>
#include <vector>

#include "../channel/request.h"
#include "../sys/fd.h"
#include "snapshot.h"

namespace pocker::quickjs {

/// EX_OSERR of sysexits(3).
constexpr int worker_failed = 71;

/// What came with a request.
struct Received {
  request::Header header{};
  std::vector<sys::UniqueFd> fds;
};

struct Task {
  /// -1: nobody listens.
  int channel = -1;
  int text = -1;
  /// The worker that was killed during it, as a record names its creator; 0 if none.
  pid_t aborted = 0;
  double start_time = 0;
};

/// Moves all of them above the numbers meant for the container's program.
class WorkerDescriptors {
public:
  [[nodiscard]] bool keep(const Task &task, const sys::UniqueFd &notice_writer, Received *received);
  /// Puts the request's descriptors where the container's program expects them.
  [[nodiscard]] bool place(Received &received);

  int channel = -1, text = -1, notices = -1;
};

/// Returns the exit code.
int work(const Program &program, char **arguments, const WorkerDescriptors &own, const Task &task);

} // namespace pocker::quickjs
