// Mounts in our own mount namespace.
#include <cerrno>
#include <sys/mount.h>

#include "../functions.h"

namespace pocker::host {

Reply mount(const Arguments &arguments) {
  const Object &request = arguments.object(0);
  const std::string &target = text_of(field(request, "target"));
  const char *source = text_of(field(request, "source")).c_str(), *type = text_of(field(request, "type")).c_str();
  auto flags = static_cast<unsigned long>(number_of(field(request, "flags")));
  if (::mount(source, target.c_str(), type, flags, text_of(field(request, "data")).c_str()) == 0) return nothing();
  return fail("mount", errno, target);
}

Reply unmount(const Arguments &arguments) {
  return umount2(arguments.path(0), MNT_DETACH | UMOUNT_NOFOLLOW) == 0 ? nothing() : fail("umount", errno, arguments.text(0));
}

} // namespace pocker::host
