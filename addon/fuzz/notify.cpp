// Datagrams of sd_notify(3), which a container's processes send.
#include "../host/processes/notify.cpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0) return 0;
  pocker::sys::UniqueFd sender{ends[0]}, receiver{ends[1]};
  bool sent = send(sender.get(), data, size, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
  bool ready = pocker::host::take_ready(receiver.get());
  std::string_view text{reinterpret_cast<const char *>(data), size};
  // No line of another text is mistaken for it.
  if (ready && (!sent || text.find("READY=1") == std::string_view::npos)) __builtin_trap();
  return 0;
}
