// What a method of the Host interface takes: its arguments by name and type. In both bindings, a value of another type fails with
// EINVAL before the method runs, and the failure's path is the name of the argument.
#pragma once

#include "value.h"

namespace pocker::host {

enum class Type : unsigned char {
  none, // no argument
  text,
  /// A string for the kernel: without a NUL.
  path,
  flag,
  bytes,
  /// Finite.
  number,
  /// Fits in an int: descriptors, pids.
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
  /// null and undefined are also accepted.
  bool optional = false;
  /// Of an object; other fields are ignored.
  std::span<const Parameter> fields = {};
};

/// One method of the Host interface. The bindings make a JavaScript function of each.
struct Function {
  const char *name;
  Reply (*body)(std::span<const Value> arguments);
  Parameter parameters[5];

  [[nodiscard]] std::size_t arity() const;
  [[nodiscard]] Reply call(std::span<const Value> arguments) const;
};

/// All of them; see functions.cpp. Each binding sets the `args` property.
std::span<const Function> functions();

/// The name of the first argument that does not fit ("launch.plan"); empty if all do.
std::string mismatch(std::span<const Parameter> parameters, std::span<const Value> values);

} // namespace pocker::host
