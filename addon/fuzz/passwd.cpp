// An image's /etc/passwd.
#include "../init/process/home.cpp"

namespace pocker::init {
// Defined in main.cpp, together with the program's entry point.
void out_of_memory(int) { __builtin_trap(); }
} // namespace pocker::init

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  std::string_view content{reinterpret_cast<const char *>(data), size};
  for (std::uint32_t uid : {0U, 1000U, ~0U}) {
    std::string_view home = pocker::init::home_of(content, uid);
    bool inside = home.empty() || home == "/" ||
                  (home.data() >= content.data() && home.data() + home.size() <= content.data() + content.size());
    if (!inside || home.find('\n') != std::string_view::npos) __builtin_trap();
  }
  return 0;
}
