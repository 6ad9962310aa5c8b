// Moves a network device, with its name and addresses, into another network namespace (config-linux.md, Network Devices).
#include <cerrno>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>

#include "../functions.h"
#include "netlink.h"

namespace pocker::host {
namespace {

using sys::call;
using sys::Result;

struct Device {
  int index = 0;
  bool up = false;
  std::string name;
};

/// By name, or by index if there is no name.
Result find(Netlink &netlink, const std::string &name, int index, Device &device) {
  ifinfomsg fixed{};
  fixed.ifi_index = name.empty() ? index : 0;
  NetlinkRequest request{RTM_GETLINK, NLM_F_ACK, fixed};
  if (!name.empty()) request.attribute(IFLA_IFNAME, name);
  return netlink.ask(request, [&](const nlmsghdr &message) {
    const auto *info = static_cast<const ifinfomsg *>(NLMSG_DATA(&message));
    device = {info->ifi_index, (info->ifi_flags & IFF_UP) != 0, {}};
    each_attribute(message, sizeof *info, [&](const rtattr &attribute) {
      if (attribute.rta_type == IFLA_IFNAME) device.name = static_cast<const char *>(RTA_DATA(&attribute));
    });
  });
}

Result set_up(Netlink &netlink, int index, bool up) {
  ifinfomsg fixed{};
  fixed.ifi_index = index;
  fixed.ifi_change = IFF_UP;
  fixed.ifi_flags = up ? IFF_UP : 0;
  return netlink.ask(NetlinkRequest{RTM_NEWLINK, NLM_F_ACK, fixed});
}

/// What to keep of an address: not its label, which is the device's old name, nor its age.
constexpr std::uint16_t kept[] = {IFA_ADDRESS, IFA_LOCAL, IFA_BROADCAST, IFA_ANYCAST, IFA_RT_PRIORITY};
/// Flags that a user sets; the kernel determines the others.
constexpr std::uint32_t kept_flags =
    IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

/// The request that adds the address again, to any device.
NetlinkRequest read_address(const nlmsghdr &message, std::uint32_t &flags) {
  ifaddrmsg fixed = *static_cast<const ifaddrmsg *>(NLMSG_DATA(&message));
  flags = fixed.ifa_flags;
  fixed.ifa_flags = 0;
  NetlinkRequest request{RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, fixed};
  each_attribute(message, sizeof fixed, [&](const rtattr &attribute) {
    if (attribute.rta_type == IFA_FLAGS) std::memcpy(&flags, RTA_DATA(&attribute), sizeof flags);
    for (std::uint16_t type : kept) {
      if (attribute.rta_type == type) request.attribute(type, RTA_DATA(&attribute), RTA_PAYLOAD(&attribute));
    }
  });
  request.attribute(IFA_FLAGS, flags & kept_flags);
  return request;
}

/// All global addresses of the device that were set by hand, as requests one after another.
Result read_addresses(Netlink &netlink, int index, Bytes &addresses) {
  NetlinkRequest request{RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{}};
  return netlink.ask(request, [&](const nlmsghdr &message) {
    std::uint32_t flags = 0;
    NetlinkRequest address = read_address(message, flags);
    const auto &fixed = address.fixed<ifaddrmsg>();
    if (static_cast<int>(fixed.ifa_index) != index || fixed.ifa_scope != RT_SCOPE_UNIVERSE || (flags & IFA_F_PERMANENT) == 0)
      return;
    addresses.insert(addresses.end(), address.bytes().begin(), address.bytes().end());
  });
}

/// An index that is unused there: only with a known index can we find a device whose name the kernel chooses ("eth%d").
int free_index(Netlink &netlink, int wanted) {
  for (int index = wanted;; ++index) {
    Device taken;
    if (find(netlink, "", index, taken).error() == ENODEV) return index;
    if (index - wanted > 65'536) return wanted;
  }
}

/// Brings the device down first, so that nobody on the host sends through it halfway. The name changes with the namespace.
Result carry(Netlink &from, const Device &device, NetlinkRequest &request) {
  if (Result down = set_up(from, device.index, false); !down.ok()) return down;
  Result moved = from.ask(request);
  if (!moved.ok() && device.up) static_cast<void>(set_up(from, device.index, true).ok());
  return moved;
}

} // namespace

Reply open_namespace(const Arguments &arguments) {
  Result opened = call(__NR_openat, AT_FDCWD, arguments.path(0), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  return opened.ok() ? Reply{Value{static_cast<double>(opened.fd())}} : fail("open", opened.error(), arguments.text(0));
}

Reply move_net_device(const Arguments &arguments) {
  const Object &move = arguments.object(0);
  const std::string &name = text_of(field(move, "name")), &new_name = text_of(field(move, "newName"));
  int target = static_cast<int>(number_of(field(move, "to")));
  Netlink from, to;
  Device device, moved;
  if (Result opened = from.open(static_cast<int>(number_of(field(move, "from")))); !opened.ok())
    return fail("setns", opened.error());
  if (Result opened = to.open(target); !opened.ok()) return fail("setns", opened.error());
  if (Result found = find(from, name, 0, device); !found.ok()) return fail("RTM_GETLINK", found.error(), name);
  // A name that the kernel has to complete cannot conflict.
  bool pattern = new_name.find('%') != std::string::npos;
  if (!pattern && find(to, new_name, 0, moved).ok()) return fail("RTM_NEWLINK", EEXIST, new_name);
  Bytes addresses;
  if (Result listed = read_addresses(from, device.index, addresses); !listed.ok())
    return fail("RTM_GETADDR", listed.error(), name);
  ifinfomsg fixed{};
  fixed.ifi_index = device.index;
  NetlinkRequest request{RTM_NEWLINK, NLM_F_ACK, fixed};
  int index = free_index(to, device.index);
  request.attribute(IFLA_IFNAME, new_name);
  request.attribute(IFLA_NET_NS_FD, static_cast<std::uint32_t>(target));
  if (index != device.index) request.attribute(IFLA_NEW_IFINDEX, static_cast<std::uint32_t>(index));
  if (Result carried = carry(from, device, request); !carried.ok()) return fail("RTM_NEWLINK", carried.error(), name);
  if (Result found = find(to, pattern ? "" : new_name, index, moved); !found.ok())
    return fail("RTM_GETLINK", found.error(), new_name);
  Object reply;
  reply.emplace_back("name", Value{moved.name});
  reply.emplace_back("wasUp", Value{device.up});
  reply.emplace_back("addresses", Value{std::move(addresses)});
  return Value{std::move(reply)};
}

Reply configure_net_device(const Arguments &arguments) {
  const Object &wanted = arguments.object(0);
  const std::string &name = text_of(field(wanted, "name"));
  Netlink netlink;
  Device device;
  if (Result opened = netlink.open(static_cast<int>(number_of(field(wanted, "network")))); !opened.ok())
    return fail("setns", opened.error());
  if (Result found = find(netlink, name, 0, device); !found.ok()) return fail("RTM_GETLINK", found.error(), name);
  const auto *addresses = std::get_if<Bytes>(&field(wanted, "addresses"));
  for (std::span<const std::uint8_t> left = addresses == nullptr ? std::span<const std::uint8_t>{} : *addresses;
       left.size() > sizeof(nlmsghdr);) {
    std::uint32_t size = 0;
    std::memcpy(&size, left.data(), sizeof size);
    if (size < NLMSG_SPACE(sizeof(ifaddrmsg)) || size > left.size()) return fail("RTM_NEWADDR", EBADMSG, name);
    NetlinkRequest address{left.first(size)};
    address.fixed<ifaddrmsg>().ifa_index = static_cast<unsigned>(device.index);
    if (Result added = netlink.ask(address); !added.ok()) return fail("RTM_NEWADDR", added.error(), name);
    left = left.subspan(size);
  }
  const bool *up = std::get_if<bool>(&field(wanted, "up"));
  Result started = set_up(netlink, device.index, up != nullptr && *up);
  return started.ok() ? nothing() : fail("RTM_NEWLINK", started.error(), name);
}

} // namespace pocker::host
