// What a method of the Host interface takes: its arguments by name and type. A value of another type is EINVAL, with the name of
// the argument as the failure's path, in both bindings, before the method runs.
#pragma once

#include "value.h"

namespace pocker::host {

enum class Type : unsigned char {
  none, // no argument
  text,
  /// A string for the kernel: without NUL.
  path,
  flag,
  bytes,
  /// Finite.
  number,
  /// As an int holds it: descriptors, pids.
  integer,
  /// 0 to 2^32 - 1: modes, ids, tokens.
  word,
  /// 64 bits: a BigInt, or a number that holds it exactly.
  wide,
  object
};

struct Parameter {
  const char *name = nullptr;
  Type type = Type::none;
  /// A list of these.
  bool list = false;
  /// null and undefined are as good.
  bool optional = false;
  /// Of an object; what else it has is nobody's concern.
  std::span<const Parameter> fields = {};
};

/// One method of the Host interface. The bindings make a JavaScript function of each.
struct Function {
  const char *name;
  Reply (*body)(std::span<const Value> arguments);
  Parameter parameters[4];

  [[nodiscard]] std::size_t arity() const;
  [[nodiscard]] Reply call(std::span<const Value> arguments) const;
};

/// All of them; see functions.cpp. `args` (property) is set by each binding.
std::span<const Function> functions();

/// The name of the first argument that does not fit ("launch.plan"); empty: all do.
std::string mismatch(std::span<const Parameter> parameters, std::span<const Value> values);

} // namespace pocker::host
