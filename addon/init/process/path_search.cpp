#include "path_search.h"

#include "../arena.h"
#include "credentials.h"
#include "executable.h"

namespace pocker::init {
namespace {

/// Not there, as far as execvp(3) is concerned.
bool is_elsewhere(int error) { return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG; }

/// Searches the directories of PATH. Returns the most telling failure: a file that may not be executed, then an error that the
/// search itself does not cause.
Outcome search(Context &context, const plan::FindProgram &operation) {
  Outcome denied = success(), broken = success();
  for (const flatbuffers::String *directory : *operation.search()) {
    std::string_view prefix = directory->size() == 0 ? "." : directory->c_str();
    const char *candidate = join(prefix, "/", operation.file()->c_str());
    Outcome outcome = judge_executable(candidate);
    if (outcome.ok()) {
      context.program = candidate;
      return success();
    }
    // A directory with that name is not the program that was meant.
    if (outcome.error == EACCES && *outcome.text == 0) denied = outcome;
    if (outcome.error != EACCES && !is_elsewhere(outcome.error)) broken = outcome;
  }
  return denied.ok() ? broken : denied;
}

Outcome look_for_program(Context &context, const plan::FindProgram &operation) {
  const char *file = operation.file()->c_str();
  if (std::string_view(file).find('/') != std::string_view::npos) {
    context.program = file;
    return judge_executable(file);
  }
  if (operation.search() != nullptr && *file != 0) {
    if (Outcome outcome = search(context, operation); !outcome.ok() || context.program != nullptr) return outcome;
  }
  return failure("exec", ENOENT, file, "executable file not found in $PATH");
}

} // namespace

Outcome find_program(Context &context, const plan::FindProgram &operation) {
  std::uint64_t before = 0, during = 0;
  if (Outcome outcome = change_effective(operation.effective(), before); !outcome.ok()) return outcome;
  Outcome found = look_for_program(context, operation);
  Outcome restored = change_effective(before, during);
  return found.ok() ? restored : found;
}

} // namespace pocker::init
