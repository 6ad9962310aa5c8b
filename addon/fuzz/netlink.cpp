// Answers of rtnetlink(7) and their attributes.
#include "../host/network/netlink.cpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  using namespace pocker::host;
  std::size_t seen = 0;
  std::vector<char> packet(data, data + size);
  static_cast<void>(read_packet(packet, [&seen](const nlmsghdr &message) {
    each_attribute(message, sizeof(unsigned), [&seen](const rtattr &attribute) {
      const auto *value = static_cast<const unsigned char *>(RTA_DATA(&attribute));
      for (std::size_t i = 0; i < RTA_PAYLOAD(&attribute); ++i) seen += value[i];
    });
  }));
  return seen == ~std::size_t{0} ? 1 : 0;
}
