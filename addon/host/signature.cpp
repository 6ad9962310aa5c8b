#include "signature.h"

#include <cmath>
#include <limits>

#include "arguments.h"

namespace pocker::host {
namespace {

bool is_whole(const Value &value, double least, double most) {
  const auto *number = std::get_if<double>(&value);
  return number != nullptr && *number >= least && *number <= most && std::trunc(*number) == *number;
}

bool is_path(const Value &value) {
  const auto *text = std::get_if<std::string>(&value);
  return text != nullptr && text->find('\0') == std::string::npos;
}

bool is_finite(const Value &value) {
  const auto *number = std::get_if<double>(&value);
  return number != nullptr && std::isfinite(*number);
}

bool fits(Type type, const Value &value) {
  constexpr double exact = 9007199254740991; // Number.MAX_SAFE_INTEGER
  switch (type) {
  case Type::none: return true;
  case Type::text: return std::holds_alternative<std::string>(value);
  case Type::path: return is_path(value);
  case Type::flag: return std::holds_alternative<bool>(value);
  case Type::bytes: return std::holds_alternative<Bytes>(value);
  case Type::number: return is_finite(value);
  case Type::integer: return is_whole(value, std::numeric_limits<int>::min(), std::numeric_limits<int>::max());
  case Type::word: return is_whole(value, 0, std::numeric_limits<std::uint32_t>::max());
  case Type::wide: return std::holds_alternative<std::uint64_t>(value) || is_whole(value, 0, exact);
  case Type::object: return std::holds_alternative<Object>(value);
  }
  return false;
}

/// "", or the name of what does not fit, below `name`.
std::string mismatch_of(const Parameter &parameter, const Value &value, const std::string &name) {
  if (!fits(parameter.type, value)) return name;
  for (const Parameter &inner : parameter.fields) {
    const Value &own = field(std::get<Object>(value), inner.name);
    if (std::string found = mismatch({&inner, 1}, {&own, 1}); !found.empty()) return (name + ".").append(found);
  }
  return {};
}

std::string mismatch_in(const Parameter &parameter, const Value &value) {
  if (!parameter.list) return mismatch_of(parameter, value, parameter.name);
  const auto *list = std::get_if<Array>(&value);
  if (list == nullptr) return parameter.name;
  for (std::size_t index = 0; index < list->size(); ++index) {
    std::string found = mismatch_of(parameter, (*list)[index], parameter.name);
    if (!found.empty()) return found.insert(std::strlen(parameter.name), "[" + std::to_string(index) + "]");
  }
  return {};
}

} // namespace

std::string mismatch(std::span<const Parameter> parameters, std::span<const Value> values) {
  static const Value missing;
  for (std::size_t index = 0; index < parameters.size(); ++index) {
    const Value &value = index < values.size() ? values[index] : missing;
    if (parameters[index].optional && std::holds_alternative<std::monostate>(value)) continue;
    if (std::string found = mismatch_in(parameters[index], value); !found.empty()) return found;
  }
  return {};
}

} // namespace pocker::host
