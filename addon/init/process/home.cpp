#include "home.h"

#include <fcntl.h>

#include "../arena.h"
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
  // A link of the image may lead to procfs, whose files have no size: /proc/kmsg is emptied by who reads it.
  if (status.kind != Kind::file || status.size == 0) return success();
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

} // namespace

Outcome set_home(Context &context, const plan::SetHome &operation) {
  std::string_view content;
  if (Outcome outcome = read_passwd(context, content); !outcome.ok()) return outcome;
  context.home = join("HOME=", home_of(content, operation.uid()));
  return success();
}

} // namespace pocker::init
