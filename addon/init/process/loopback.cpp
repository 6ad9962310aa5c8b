// The only network device in a new network namespace.
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/socket.h>

#include "namespaces.h"

namespace pocker::init {

Outcome loopback() {
  Result made = call(__NR_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  // A kernel without IPv4 does not need it.
  if (made.error() == EAFNOSUPPORT) return success();
  UniqueFd socket;
  if (Outcome outcome = check_fd("socket", made, socket, "lo"); !outcome.ok()) return outcome;
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  if (Outcome outcome = check("ioctl(SIOCGIFFLAGS)", call(__NR_ioctl, socket.get(), SIOCGIFFLAGS, &request), "lo"); !outcome.ok())
    return outcome;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  return check("ioctl(SIOCSIFFLAGS)", call(__NR_ioctl, socket.get(), SIOCSIFFLAGS, &request), "lo");
}

} // namespace pocker::init
