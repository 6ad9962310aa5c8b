#include "filesystem.h"

#include <linux/mount.h>

#include "../arena.h"

namespace pocker::init {
namespace {

struct Flag {
  std::uint32_t bit;
  const char *name, *opposite;
};
/// As in the kernel's fs_context.c: nothing clears "dirsync".
constexpr Flag superblock_flags[] = {{MS_RDONLY, "ro", "rw"},
                                     {MS_SYNCHRONOUS, "sync", "async"},
                                     {MS_DIRSYNC, "dirsync", nullptr},
                                     {MS_MANDLOCK, "mand", "nomand"},
                                     {MS_LAZYTIME, "lazytime", "nolazytime"}};

/// The filesystem's own message, e.g. "e tmpfs: Bad value for 'size'", if it left one.
const char *words(int context) {
  char *buffer = static_cast<char *>(allocate(512));
  Result size = call(__NR_read, context, buffer, 511);
  if (!size.ok()) return "";
  // "e " or "w " is its severity.
  return size.value() > 2 && buffer[1] == ' ' ? buffer + 2 : buffer;
}

Outcome explain(int context, const char *operation, Result result, const char *path) {
  return result.ok() ? success() : failure(operation, result.error(), path, words(context));
}

} // namespace

Outcome configure(int context, const char *parameter) {
  std::string_view text{parameter};
  std::size_t equals = text.find('=');
  if (equals == std::string_view::npos)
    return explain(context, "fsconfig", call(__NR_fsconfig, context, sys::fsconfig_set_flag, parameter, nullptr, 0), parameter);
  const char *key = join({parameter, equals}, "");
  return explain(context, "fsconfig", call(__NR_fsconfig, context, sys::fsconfig_set_string, key, parameter + equals + 1, 0),
                 parameter);
}

Outcome configure_flags(int context, std::uint32_t flags, std::uint32_t clear) {
  for (const auto &[bit, name, opposite] : superblock_flags) {
    const char *word = (flags & bit) != 0 ? name : (clear & bit) != 0 ? opposite : nullptr;
    if (word == nullptr) continue;
    if (Outcome outcome = configure(context, word); !outcome.ok()) return outcome;
  }
  return success();
}

Outcome configure_all(int context, const Parameters *parameters) {
  if (parameters == nullptr) return success();
  for (const flatbuffers::String *parameter : *parameters) {
    if (Outcome outcome = configure(context, parameter->c_str()); !outcome.ok()) return outcome;
  }
  return success();
}

Outcome configure_command(int context, unsigned command, const char *what) {
  return explain(context, command == sys::fsconfig_create ? "mount" : "remount",
                 call(__NR_fsconfig, context, command, nullptr, nullptr, 0), what);
}

const char *mode_parameter(std::uint32_t mode) {
  if (mode == no_mode) return "";
  char digits[4];
  for (int at = 3; at >= 0; --at, mode >>= 3) digits[at] = static_cast<char>('0' + (mode & 7U));
  return join("mode=", {digits, sizeof digits});
}

Outcome make_filesystem(const plan::MountFilesystem &operation, std::uint32_t mode, UniqueFd &mount) {
  const char *type = operation.type()->c_str();
  Result opened = call(__NR_fsopen, type, FSOPEN_CLOEXEC);
  if (!opened.ok()) return check("fsopen", opened, type);
  UniqueFd context{opened};
  if (operation.source() != nullptr && operation.source()->size() > 0) {
    const char *source = operation.source()->c_str();
    Result set = call(__NR_fsconfig, context.get(), sys::fsconfig_set_string, "source", source, 0);
    if (!set.ok()) return explain(context.get(), "fsconfig", set, source);
  }
  if (Outcome outcome = configure_flags(context.get(), operation.flags(), 0); !outcome.ok()) return outcome;
  if (Outcome outcome = configure_all(context.get(), operation.data()); !outcome.ok()) return outcome;
  if (mode != no_mode) {
    if (Outcome outcome = configure(context.get(), mode_parameter(mode)); !outcome.ok()) return outcome;
  }
  const char *target = operation.target()->c_str();
  if (Outcome outcome = configure_command(context.get(), sys::fsconfig_create, target); !outcome.ok()) return outcome;
  Result made = call(__NR_fsmount, context.get(), FSMOUNT_CLOEXEC, 0);
  if (made.ok()) mount.reset(made.fd());
  return check("fsmount", made, target);
}

} // namespace pocker::init
