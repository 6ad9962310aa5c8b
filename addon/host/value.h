// What crosses the boundary between JavaScript and C++: plain values, converted once by each binding.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace pocker::host {

using Bytes = std::vector<std::uint8_t>;
struct Value;
using Array = std::vector<Value>;
using Object = std::vector<std::pair<std::string, Value>>;

/// null and undefined are std::monostate, a BigInt is uint64_t, any other number is a double; strings are UTF-8.
struct Value : std::variant<std::monostate, bool, double, std::uint64_t, std::string, Bytes, Array, Object> {
  using variant::variant;
};

/// Becomes a HostFailure in JavaScript (src/host/failure.ts). `error` is an errno(3) number.
struct Failure {
  std::string operation;
  int error = 0;
  std::string path;
};

using Reply = std::variant<Value, Failure>;

} // namespace pocker::host
