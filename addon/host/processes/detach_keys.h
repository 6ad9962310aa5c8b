// The keys that detach from a container or from a program in it: "ctrl-p,ctrl-q".
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "../value.h"

namespace pocker::host {

/// Finds the detach keys in what the user types. Holds back what may be their beginning.
class DetachKeys {
public:
  DetachKeys() = default;
  explicit DetachKeys(Bytes keys) : keys_(std::move(keys)) {}

  /// Appends to `out` what the container gets. True: the keys are complete.
  bool take(const char *text, std::size_t size, std::string &out) {
    if (keys_.empty()) {
      out.append(text, size);
      return false;
    }
    for (const char *at = text; at != text + size; ++at) {
      if (matches(*at)) {
        if (++held_ == keys_.size()) return true;
        continue;
      }
      out.append(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(held_));
      held_ = 0;
      if (matches(*at))
        held_ = 1;
      else
        out.push_back(*at);
    }
    return false;
  }

  [[nodiscard]] bool wanted() const { return !keys_.empty(); }
  /// How much may be held back.
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

private:
  [[nodiscard]] bool matches(char byte) const { return keys_[held_] == static_cast<std::uint8_t>(byte); }

  Bytes keys_;
  std::size_t held_ = 0;
};

} // namespace pocker::host
