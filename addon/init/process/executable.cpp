#include "executable.h"

#include <fcntl.h>
#include <linux/elf-em.h>
#include <sys/statfs.h>

#include "../arena.h"
#include "../paths.h"

namespace pocker::init {
namespace {

#if defined(__x86_64__)
constexpr long machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr long machine = EM_AARCH64;
#endif

constexpr long mounted_noexec = 8; // ST_NOEXEC
constexpr std::size_t head_size = 1024;

bool on_noexec(int file) {
  struct statfs status {};
  return call(__NR_fstatfs, file, &status).ok() && (status.f_flags & mounted_noexec) != 0;
}

/// Enough for a script's first line, and for an ELF header with the path of its interpreter.
const char *head_of(int file) {
  unsigned char bytes[head_size] = {};
  Result size = call(__NR_pread64, file, bytes, sizeof bytes, 0);
  if (!size.ok()) return "";
  char *text = static_cast<char *>(allocate(2 * head_size + 1));
  constexpr const char *digits = "0123456789abcdef";
  for (long i = 0; i < size.value(); ++i) {
    text[2 * i] = digits[bytes[i] >> 4];
    text[2 * i + 1] = digits[bytes[i] & 15];
  }
  return join("head ", text);
}

} // namespace

Outcome judge_executable(const char *path) {
  Result opened = call(__NR_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC);
  if (!opened.ok()) return check("stat", opened, path);
  UniqueFd file{opened};
  Status status;
  if (Outcome outcome = inspect(file.get(), status); !outcome.ok()) return {outcome.error, "stat", path, ""};
  if (status.kind == Kind::directory) return failure("exec", EACCES, path, "is a directory");
  Result allowed = call(__NR_faccessat2, file.get(), "", 1 /* X_OK */, AT_EACCESS | AT_EMPTY_PATH);
  // A sandbox around this process may not know the call; execve(2) will tell.
  bool known = allowed.error() != ENOSYS && allowed.error() != EPERM;
  if (!known) allowed = Result((status.mode & 0111) != 0 ? 0 : -EACCES);
  return allowed.ok() ? success() : failure("exec", allowed.error(), path, on_noexec(file.get()) ? "noexec" : "");
}

Outcome explain_execve(const Outcome &outcome) {
  Result opened = call(__NR_openat, AT_FDCWD, outcome.path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  // It may be gone since it was found; being unreadable says nothing about execve(2).
  if (!opened.ok()) return opened.error() == outcome.error ? check("stat", opened, outcome.path) : outcome;
  UniqueFd file{opened};
  const char *text = join(head_of(file.get()), "\nmachine ", decimal(machine), on_noexec(file.get()) ? "\nnoexec" : "");
  return failure(outcome.operation, outcome.error, outcome.path, text);
}

} // namespace pocker::init
