// Network namespaces, bridges, and pairs of devices between a bridge and a container: what a few commands of ip(8) would do.
#include <array>
#include <cerrno>
#include <charconv>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "../functions.h"
#include "netlink.h"

namespace pocker::host {
namespace {

using sys::call;
using sys::Result;
using sys::UniqueFd;

Result index_of(Netlink &netlink, const std::string &name, int &index) {
  NetlinkRequest request{RTM_GETLINK, NLM_F_ACK, ifinfomsg{}};
  request.attribute(IFLA_IFNAME, name);
  return netlink.ask(
      request, [&index](const nlmsghdr &message) { index = static_cast<const ifinfomsg *>(NLMSG_DATA(&message))->ifi_index; });
}

ifinfomsg link_up(int index) {
  ifinfomsg fixed{};
  fixed.ifi_index = index;
  fixed.ifi_change = IFF_UP;
  fixed.ifi_flags = IFF_UP;
  return fixed;
}

Result set_up(Netlink &netlink, int index) { return netlink.ask(NetlinkRequest{RTM_NEWLINK, NLM_F_ACK, link_up(index)}); }

/// `address` is checked by parse.
Result add_address(Netlink &netlink, int index, in_addr address, unsigned prefix) {
  ifaddrmsg fixed{};
  fixed.ifa_family = AF_INET;
  fixed.ifa_prefixlen = static_cast<std::uint8_t>(prefix);
  fixed.ifa_index = static_cast<unsigned>(index);
  NetlinkRequest request{RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, fixed};
  request.attribute(IFA_LOCAL, address.s_addr);
  request.attribute(IFA_ADDRESS, address.s_addr);
  std::uint32_t mask = prefix == 0 ? 0 : ~0U << (32 - prefix);
  request.attribute(IFA_BROADCAST, address.s_addr | htonl(~mask));
  return netlink.ask(request);
}

Result add_default_route(Netlink &netlink, int index, in_addr gateway) {
  rtmsg fixed{};
  fixed.rtm_family = AF_INET;
  fixed.rtm_table = RT_TABLE_MAIN;
  fixed.rtm_protocol = RTPROT_STATIC;
  fixed.rtm_scope = RT_SCOPE_UNIVERSE;
  fixed.rtm_type = RTN_UNICAST;
  NetlinkRequest request{RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, fixed};
  request.attribute(RTA_GATEWAY, gateway.s_addr);
  request.attribute(RTA_OIF, static_cast<std::uint32_t>(index));
  return netlink.ask(request);
}

bool parse(const std::string &text, in_addr &address) { return inet_pton(AF_INET, text.c_str(), &address) == 1; }

bool parse_hardware(const std::string &text, std::array<std::uint8_t, 6> &address) {
  if (text.size() != address.size() * 3 - 1) return false;
  for (std::size_t at = 0; at < address.size(); ++at) {
    const char *digits = text.data() + at * 3;
    if (at > 0 && digits[-1] != ':') return false;
    auto [end, error] = std::from_chars(digits, digits + 2, address[at], 16);
    if (error != std::errc{} || end != digits + 2) return false;
  }
  return true;
}

/// The namespace is the calling thread's own only while `body` runs.
template <class Body> Reply in_new_network(const Body &body) {
  UniqueFd own{call(__NR_openat, AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
  if (!own) return fail("open", ENOENT, "/proc/thread-self/ns/net");
  if (Result entered = call(__NR_unshare, CLONE_NEWNET); !entered.ok()) return fail("unshare", entered.error());
  Reply reply = body();
  // Nothing after this may run in a container's network namespace.
  if (!call(__NR_setns, own.get(), CLONE_NEWNET).ok()) std::abort();
  return reply;
}

} // namespace

Reply make_network_namespace(const Arguments &arguments) {
  const char *path = arguments.path(0);
  UniqueFd file{open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0600)};
  if (!file) return fail("open", errno, path);
  return in_new_network([&]() -> Reply {
    if (::mount("/proc/thread-self/ns/net", path, "", MS_BIND, nullptr) != 0) return fail("mount", errno, path);
    Netlink netlink;
    if (Result opened = netlink.open_own(); !opened.ok()) return fail("socket", opened.error());
    Result up = set_up(netlink, 1); // lo
    return up.ok() ? nothing() : fail("RTM_NEWLINK", up.error(), "lo");
  });
}

Reply make_bridge(const Arguments &arguments) {
  const std::string &name = arguments.text(0);
  in_addr address{};
  if (!parse(arguments.text(1), address)) return fail("RTM_NEWADDR", EINVAL, arguments.text(1));
  Netlink netlink;
  if (Result opened = netlink.open_own(); !opened.ok()) return fail("socket", opened.error());
  auto with_address = [&](int bridge, bool fresh) -> Reply {
    Result added = add_address(netlink, bridge, address, static_cast<unsigned>(arguments.number(2)));
    return added.ok() ? Reply{Value{fresh}} : fail("RTM_NEWADDR", added.error(), arguments.text(1));
  };
  int index = 0;
  // Its maker may have been killed before it had an address.
  if (index_of(netlink, name, index).ok()) return with_address(index, false);
  NetlinkRequest request{RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, link_up(0)};
  request.attribute(IFLA_IFNAME, name);
  std::size_t info = request.open_nest(IFLA_LINKINFO);
  request.attribute(IFLA_INFO_KIND, std::string("bridge"));
  request.close_nest(info);
  Result made = netlink.ask(request);
  bool fresh = made.error() != EEXIST;
  if (fresh && !made.ok()) return fail("RTM_NEWLINK", made.error(), name);
  if (Result found = index_of(netlink, name, index); !found.ok()) return fail("RTM_GETLINK", found.error(), name);
  return with_address(index, fresh);
}

Reply make_veth(const Arguments &arguments) {
  const Object &wanted = arguments.object(0);
  auto text = [&wanted](const char *name) -> const std::string & { return text_of(field(wanted, name)); };
  auto network = static_cast<int>(number_of(field(wanted, "network")));
  in_addr address{}, gateway{};
  std::array<std::uint8_t, 6> hardware{};
  if (!parse(text("address"), address) || !parse_hardware(text("mac"), hardware))
    return fail("RTM_NEWADDR", EINVAL, text("address"));
  Netlink netlink, inside;
  if (Result opened = netlink.open_own(); !opened.ok()) return fail("socket", opened.error());
  if (Result opened = inside.open(network); !opened.ok()) return fail("setns", opened.error());
  int bridge = 0, index = 0;
  if (Result found = index_of(netlink, text("bridge"), bridge); !found.ok())
    return fail("RTM_GETLINK", found.error(), text("bridge"));
  NetlinkRequest request{RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, link_up(0)};
  request.attribute(IFLA_IFNAME, text("hostName"));
  request.attribute(IFLA_MASTER, static_cast<std::uint32_t>(bridge));
  std::size_t info = request.open_nest(IFLA_LINKINFO);
  request.attribute(IFLA_INFO_KIND, std::string("veth"));
  std::size_t data = request.open_nest(IFLA_INFO_DATA);
  std::size_t peer = request.open_nest(VETH_INFO_PEER);
  request.fixed_part(ifinfomsg{});
  request.attribute(IFLA_IFNAME, text("name"));
  request.attribute(IFLA_ADDRESS, hardware.data(), hardware.size());
  request.attribute(IFLA_NET_NS_FD, static_cast<std::uint32_t>(network));
  for (std::size_t nest : {peer, data, info}) request.close_nest(nest);
  if (Result made = netlink.ask(request); !made.ok()) return fail("RTM_NEWLINK", made.error(), text("hostName"));
  if (Result found = index_of(inside, text("name"), index); !found.ok()) return fail("RTM_GETLINK", found.error(), text("name"));
  if (Result up = set_up(inside, index); !up.ok()) return fail("RTM_NEWLINK", up.error(), text("name"));
  auto prefix = static_cast<unsigned>(number_of(field(wanted, "prefix")));
  if (Result added = add_address(inside, index, address, prefix); !added.ok())
    return fail("RTM_NEWADDR", added.error(), text("address"));
  if (!parse(text("gateway"), gateway)) return nothing();
  Result routed = add_default_route(inside, index, gateway);
  return routed.ok() ? nothing() : fail("RTM_NEWROUTE", routed.error(), text("gateway"));
}

Reply remove_net_device(const Arguments &arguments) {
  Netlink netlink;
  if (Result opened = netlink.open_own(); !opened.ok()) return fail("socket", opened.error());
  NetlinkRequest request{RTM_DELLINK, NLM_F_ACK, ifinfomsg{}};
  request.attribute(IFLA_IFNAME, arguments.text(0));
  Result removed = netlink.ask(request);
  if (removed.ok()) return Value{true};
  return removed.error() == ENODEV ? Reply{Value{false}} : fail("RTM_DELLINK", removed.error(), arguments.text(0));
}

} // namespace pocker::host
