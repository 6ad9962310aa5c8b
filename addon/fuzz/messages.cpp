// What pocker-init, or whoever holds its end of the channel, may send to the runtime.
#include "../host/init/channel.cpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  static_cast<void>(pocker::host::decode(reinterpret_cast<const char *>(data), size, -1));
  return 0;
}
