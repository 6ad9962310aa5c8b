#include "program.h"

#include <fcntl.h>

#include "../arena.h"
#include "../channel.h"
#include "credentials.h"
#include "executable.h"
#include "../paths.h"

namespace pocker::init {
namespace {

/// Only digits, as the C library reads them.
bool is_number(std::string_view text, std::uint32_t number) {
  std::uint64_t value = 0;
  for (char digit : text) {
    if (digit < '0' || digit > '9') return false;
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
    if (value > ~0U) return false;
  }
  return !text.empty() && value == number;
}

/// Home directory of `uid` in a line of passwd(5), or nothing. A line that begins with "#" is a comment (fgetpwent(3)).
std::string_view home_in(std::string_view line, std::uint32_t uid) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  if (line.starts_with('#')) return {};
  std::string_view fields[7];
  for (auto &field : fields) {
    std::size_t colon = line.find(':');
    std::size_t length = colon == std::string_view::npos ? line.size() : colon;
    field = {line.data(), length};
    line.remove_prefix(colon == std::string_view::npos ? length : length + 1);
  }
  return is_number(fields[2], uid) ? fields[5] : std::string_view{};
}

std::string_view home_of(std::string_view rest, std::uint32_t uid) {
  while (!rest.empty()) {
    std::size_t end = rest.find('\n');
    std::size_t length = end == std::string_view::npos ? rest.size() : end;
    std::string_view found = home_in({rest.data(), length}, uid);
    if (!found.empty()) return found;
    rest.remove_prefix(end == std::string_view::npos ? length : length + 1);
  }
  return "/";
}

constexpr std::size_t passwd_limit = std::size_t{1024} * 1024;

/// Empty if the image has no such file, or none that we can read.
Outcome read_passwd(const Context &context, std::string_view &content) {
  constexpr const char *path = "/etc/passwd";
  Result opened = open_in_root(context, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  for (int absent : {ENOENT, ENOTDIR, EACCES, EPERM, ELOOP, ENXIO, ENODEV, EXDEV}) {
    if (opened.error() == absent) return success();
  }
  UniqueFd file;
  if (Outcome outcome = check_fd("open", opened, file, path); !outcome.ok()) return outcome;
  Status status;
  if (Outcome outcome = inspect(file.get(), status); !outcome.ok()) return outcome;
  if (status.kind != Kind::file) return success();
  char *text = static_cast<char *>(allocate(passwd_limit));
  std::size_t size = 0;
  while (size < passwd_limit) {
    Result got = call(__NR_read, file.get(), text + size, passwd_limit - size);
    if (!got.ok()) return check("read", got, path);
    if (got.value() == 0) break;
    size += static_cast<std::size_t>(got.value());
  }
  content = {text, size};
  return success();
}

/// Not there, as far as execvp(3) is concerned.
bool is_elsewhere(int error) { return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG; }

/// In the directories of PATH. What says most about a failure is returned: a file that may not be executed, then an error that is
/// none of the search itself.
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

Outcome find_program(Context &context, const plan::FindProgram &operation) {
  std::uint64_t before = 0, during = 0;
  if (Outcome outcome = change_effective(operation.effective(), before); !outcome.ok()) return outcome;
  Outcome found = look_for_program(context, operation);
  Outcome restored = change_effective(before, during);
  return found.ok() ? restored : found;
}

Outcome set_home(Context &context, const plan::SetHome &operation) {
  std::string_view content;
  if (Outcome outcome = read_passwd(context, content); !outcome.ok()) return outcome;
  context.home = join("HOME=", home_of(content, operation.uid()));
  return success();
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
