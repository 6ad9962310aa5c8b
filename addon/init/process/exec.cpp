#include "exec.h"

#include "../arena.h"
#include "../channel.h"
#include "executable.h"

namespace pocker::init {

const char **vector_of(const Strings *strings, const char *extra) {
  std::size_t count = strings == nullptr ? 0 : strings->size();
  const char **entries = allocate_array<const char *>(count + 2);
  std::size_t next = 0;
  if (strings != nullptr) {
    for (const flatbuffers::String *text : *strings) entries[next++] = text->c_str();
  }
  entries[next] = extra;
  return entries;
}

Outcome execute(Context &context, const plan::Exec &operation) {
  const char **arguments = vector_of(operation.args());
  const char **environment = vector_of(operation.env(), context.home);
  if (context.program == nullptr) return failure("exec", ENOENT);
  if (context.report != nullptr) context.report->stage = channel::Stage::execve;
  // The connection to `start` closes by itself when execve succeeds: that is the message.
  Outcome outcome = check("execve", call(__NR_execve, context.program, arguments, environment), context.program);
  // First what is certain: the seccomp filter may kill this process for looking at the file.
  report(context, outcome);
  return explain_execve(outcome);
}

} // namespace pocker::init
