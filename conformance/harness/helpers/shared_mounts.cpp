// Loaded into the test process by Node: gives it, and its children, a mount namespace of their own in which all mounts are
// shared, as on a host with systemd. None of it reaches the machine.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sched.h>
#include <sys/mount.h>

namespace {

const char *isolate() {
  // Allowed in a process with several threads: the namespace is that of the calling thread, which starts the programs.
  if (unshare(CLONE_NEWNS) != 0) return "unshare";
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "mount(MS_PRIVATE)";
  if (mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) != 0) return "mount(MS_SHARED)";
  return nullptr;
}

} // namespace

/// The function that Node calls in an add-on; its header is not needed for so little.
extern "C" void *napi_register_module_v1(void *, void *exports) {
  if (const char *failed = isolate(); failed != nullptr) std::fprintf(stderr, "%s: %s\n", failed, std::strerror(errno));
  return exports;
}
