// Reads what JavaScript passed, once it is known to have the types that functions.cpp declares.
#pragma once

#include <cstring>
#include <string>

#include "value.h"

namespace pocker::host {

inline double number_of(const Value &value) {
  const auto *number = std::get_if<double>(&value);
  return number == nullptr ? 0 : *number;
}

/// 64 bits: a BigInt, or a number that holds it exactly.
inline std::uint64_t unsigned_word(const Value &value) {
  const auto *big = std::get_if<std::uint64_t>(&value);
  return big == nullptr ? static_cast<std::uint64_t>(number_of(value)) : *big;
}

inline bool is_true(const Value &value) {
  const auto *flag = std::get_if<bool>(&value);
  return flag != nullptr && *flag;
}

inline const std::string &text_of(const Value &value) {
  static const std::string empty;
  const auto *text = std::get_if<std::string>(&value);
  return text == nullptr ? empty : *text;
}

/// A field of an object; null if there is none with that name.
inline const Value &field(const Object &object, const char *name) {
  static const Value none;
  for (const auto &[key, value] : object) {
    if (key == name) return value;
  }
  return none;
}

inline const Array &array_of(const Value &value) {
  static const Array empty;
  const auto *array = std::get_if<Array>(&value);
  return array == nullptr ? empty : *array;
}

inline std::vector<std::string> texts_of(const Value &value) {
  std::vector<std::string> texts;
  for (const Value &entry : array_of(value)) texts.push_back(text_of(entry));
  return texts;
}

class Arguments {
public:
  explicit Arguments(std::span<const Value> values) : values_(values) {}

  [[nodiscard]] const Value &at(std::size_t index) const {
    static const Value none;
    return index < values_.size() ? values_[index] : none;
  }
  [[nodiscard]] const std::string &text(std::size_t index) const { return text_of(at(index)); }
  /// For the kernel, a string with a NUL in it cannot name anything.
  [[nodiscard]] const char *path(std::size_t index) const {
    const std::string &value = text(index);
    return std::strlen(value.c_str()) == value.size() ? value.c_str() : "";
  }
  [[nodiscard]] double number(std::size_t index) const { return number_of(at(index)); }
  [[nodiscard]] int integer(std::size_t index) const { return static_cast<int>(number(index)); }
  [[nodiscard]] std::uint32_t unsigned_integer(std::size_t index) const { return static_cast<std::uint32_t>(number(index)); }
  [[nodiscard]] bool flag(std::size_t index) const { return is_true(at(index)); }
  [[nodiscard]] const Object &object(std::size_t index) const {
    static const Object empty;
    const auto *value = std::get_if<Object>(&at(index));
    return value == nullptr ? empty : *value;
  }

private:
  std::span<const Value> values_;
};

inline Reply nothing() { return Value{}; }
inline Reply fail(const char *operation, int error, std::string path = {}) { return Failure{operation, error, std::move(path)}; }

} // namespace pocker::host
