#include "proc.h"

#include <sys/statfs.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>

#include "arena.h"
#include "channel.h"

namespace pocker::init {
namespace {

Result make_private() {
  Result opened = call(__NR_fsopen, "proc", FSOPEN_CLOEXEC);
  if (!opened.ok()) return opened;
  UniqueFd context{opened};
  if (Result made = call(__NR_fsconfig, context.get(), sys::fsconfig_create, nullptr, nullptr, 0); !made.ok()) return made;
  return call(__NR_fsmount, context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

/// For when the kernel refuses us a private procfs (a user namespace below a masked /proc): the one on /proc, if it is one.
Result open_public() {
  Result opened = call(__NR_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (!opened.ok()) return opened;
  UniqueFd proc{opened};
  struct statfs status {};
  if (Result result = call(__NR_fstatfs, proc.get(), &status); !result.ok()) return result;
  if (status.f_type != sys::magic_proc) return Result(-ENODEV);
  return Result(proc.release());
}

/// Our pid there: a public procfs may belong to another pid namespace, where our pid is somebody else's.
Outcome find_self(Context &context) {
  char *self = static_cast<char *>(allocate(24));
  Result size = call(__NR_readlinkat, context.proc.get(), "self", self, 23);
  if (size.ok()) self[size.value()] = 0;
  context.self = self;
  return check("readlink", size, "/proc/self");
}

/// "/proc/self/x" → "<pid>/x", "/proc/sys/y" → "sys/y": "self" is a link, and links are not followed here.
const char *relative(const Context &context, const char *path) {
  std::string_view rest{path};
  constexpr std::string_view prefix = "/proc/", self = "self/";
  if (rest.starts_with(prefix)) rest.remove_prefix(prefix.size());
  if (!rest.starts_with(self)) return rest.data();
  rest.remove_prefix(self.size());
  return join(context.self, "/", rest);
}

} // namespace

Outcome open_proc(Context &context, const char *path, std::uint64_t flags, UniqueFd &file) {
  if (!context.proc) {
    Result made = make_private();
    bool refused = made.error() == EPERM || made.error() == EACCES || made.error() == ENOSYS;
    if (refused) made = open_public();
    if (!made.ok()) return check("fsopen(proc)", made, path);
    context.proc.reset(made.fd());
    if (Outcome outcome = find_self(context); !outcome.ok()) return outcome;
  }
  sys::OpenHow how{flags | O_CLOEXEC, 0, RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS};
  Result opened = call(__NR_openat2, context.proc.get(), relative(context, path), &how, sizeof how);
  if (opened.ok()) file.reset(opened.fd());
  return check("open", opened, path);
}

Outcome renew_self(Context &context) { return context.proc ? find_self(context) : success(); }

namespace {

/// `taken`: how much of it the kernel has read.
Outcome write_once(Context &context, const char *path, std::string_view value, std::size_t &taken) {
  UniqueFd file;
  if (Outcome outcome = open_proc(context, path, O_WRONLY, file); !outcome.ok()) return outcome;
  Result written = call(__NR_write, file.get(), value.data(), value.size());
  if (!written.ok()) return check("write", written, path);
  taken = static_cast<std::size_t>(written.value());
  return success();
}

/// A sysctl may be given more numbers than it has, with any runtime: the kernel reads the first ones.
Outcome write_sysctl(Context &context, const char *path, std::string_view value) {
  std::size_t taken = 0;
  if (Outcome outcome = write_once(context, path, value, taken); !outcome.ok()) return outcome;
  if (taken == 0 && !value.empty()) return failure("write", E2BIG, path);
  if (taken < value.size()) warn(context, "takes fewer values than given: the rest is ignored", path);
  return success();
}

} // namespace

Outcome write_proc(Context &context, const char *path, std::string_view value) {
  std::size_t taken = 0;
  if (Outcome outcome = write_once(context, path, value, taken); !outcome.ok()) return outcome;
  // The kernel has taken the beginning for all of it.
  return taken == value.size() ? success() : failure("write", E2BIG, path);
}

Outcome write_proc(Context &context, const plan::WriteProc &operation) {
  std::string_view value{operation.value()->c_str(), operation.value()->size()}, path = operation.path()->c_str();
  Outcome outcome =
      path.starts_with("/proc/sys/") ? write_sysctl(context, path.data(), value) : write_proc(context, path.data(), value);
  bool ignorable = outcome.error == EACCES || outcome.error == ENOENT || outcome.error == EPERM;
  if (outcome.ok() || !operation.optional() || !ignorable) return outcome;
  warn(context, "cannot be written", operation.path()->c_str());
  return success();
}

} // namespace pocker::init
