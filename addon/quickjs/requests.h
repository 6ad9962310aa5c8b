// The fork server's requests: taking them, aborting them, and how their workers and processes end.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

#include "../sys/fd.h"
#include "snapshot.h"
#include "worker.h"

namespace pocker::quickjs {

using sys::UniqueFd;

struct Request {
  /// Carries out the verb, or undoes it; 0 once it has ended.
  pid_t worker = 0;
  /// Its worker has been killed, and may take a while to end.
  bool killed = false;
  /// The worker is undoing what a killed worker made.
  bool aborted = false;
  /// The process whose end the program wants to know; 0 if there is none, or if the worker has reported it.
  pid_t process = 0;
  /// It has made a process, which nobody undoes any more. Its worker leaves when the program does.
  bool settled = false;
  UniqueFd channel, text;
};

struct Server {
  const Program *program;
  char **arguments;
  UniqueFd socket, signals;
  /// Workers report here, one packet each time.
  UniqueFd notices, notice_writer;
  std::vector<Request> requests;
  /// What to delete when the program has ended.
  std::vector<std::string> owned;
};

/// `received`: what came with the request, if its program has sent it. Returns the worker's pid; -1: it cannot be forked.
pid_t start_worker(Server &server, Received *received, const Task &task);

/// False: the program has ended.
bool take_request(Server &server);

/// Writes a line of JSON on a request's channel, if its program still reads it.
void tell(const UniqueFd &channel, const char *text);

/// What workers have reported.
void take_notices(Server &server);

void reap_children(Server &server);

/// Whether nothing has been made yet that stays.
bool abortable(const Request &request);

void abort(Server &server, Request &request);

/// Kills the worker of a request that is not abortable any more; what it has made stays.
void end_worker(Server &server, Request &request);

} // namespace pocker::quickjs
