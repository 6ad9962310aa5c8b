#include "request.h"

#include <cstdlib>

namespace pocker::systemd {

Words::Words(std::string_view text) {
  for (std::size_t end = text.find('\0'); end != std::string_view::npos; end = text.find('\0')) {
    words_.push_back(text.data());
    text.remove_prefix(end + 1);
  }
}

const char *Words::take() {
  if (empty()) {
    exhausted_ = true;
    return "";
  }
  return words_[next_++];
}

unsigned long Words::take_count() { return std::strtoul(take(), nullptr, 10); }

} // namespace pocker::systemd
