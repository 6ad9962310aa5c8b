#include "value.h"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace pocker::systemd {
namespace {

constexpr int deepest = 32;

/// Appends, or only reads if `message` is null.
int append(sd_bus_message *message, std::string_view types, Words &words, int depth);

std::size_t container_length(std::string_view types) {
  int open = 0;
  for (std::size_t index = 0; index < types.size(); ++index) {
    if (types[index] == '(' || types[index] == '{') ++open;
    if ((types[index] == ')' || types[index] == '}') && --open == 0) return index + 1;
  }
  return 0;
}

/// Length of the first complete type; 0 if there is none.
std::size_t first_length(std::string_view types) {
  if (types.empty()) return 0;
  if (types[0] == '(' || types[0] == '{') return container_length(types);
  if (types[0] != 'a') return 1;
  std::size_t element = first_length(types.substr(1));
  return element == 0 ? 0 : element + 1;
}

template <typename T> int append_number(sd_bus_message *message, char type, T value) {
  return message == nullptr ? 0 : sd_bus_message_append_basic(message, type, &value);
}

int append_basic(sd_bus_message *message, char type, const char *word) {
  switch (type) {
  case 'y': return append_number(message, type, static_cast<std::uint8_t>(std::strtoul(word, nullptr, 10)));
  case 'b': return append_number(message, type, static_cast<int>(std::strcmp(word, "true") == 0));
  case 'n': return append_number(message, type, static_cast<std::int16_t>(std::strtol(word, nullptr, 10)));
  case 'q': return append_number(message, type, static_cast<std::uint16_t>(std::strtoul(word, nullptr, 10)));
  case 'i': return append_number(message, type, static_cast<std::int32_t>(std::strtol(word, nullptr, 10)));
  case 'u': return append_number(message, type, static_cast<std::uint32_t>(std::strtoul(word, nullptr, 10)));
  case 'x': return append_number(message, type, std::int64_t{std::strtoll(word, nullptr, 10)});
  case 't': return append_number(message, type, std::uint64_t{std::strtoull(word, nullptr, 10)});
  case 'd': return append_number(message, type, std::strtod(word, nullptr));
  case 's':
  case 'o':
  case 'g': return message == nullptr ? 0 : sd_bus_message_append_basic(message, type, word);
  default: return -EINVAL;
  }
}

struct Container {
  char type;
  std::string content;
};

int append_container(sd_bus_message *message, const Container &container, Words &words, int depth) {
  unsigned long count = container.type == SD_BUS_TYPE_ARRAY ? words.take_count() : 1;
  if (message != nullptr) {
    if (int error = sd_bus_message_open_container(message, container.type, container.content.c_str()); error < 0) return error;
  }
  for (unsigned long index = 0; index < count; ++index) {
    if (words.exhausted()) return -EBADMSG;
    if (int error = append(message, container.content, words, depth + 1); error < 0) return error;
  }
  return message == nullptr ? 0 : sd_bus_message_close_container(message);
}

int append_one(sd_bus_message *message, std::string_view type, Words &words, int depth) {
  switch (type[0]) {
  case 'a': return append_container(message, {SD_BUS_TYPE_ARRAY, std::string(type.substr(1))}, words, depth);
  case '(': return append_container(message, {SD_BUS_TYPE_STRUCT, std::string(type.substr(1, type.size() - 2))}, words, depth);
  case '{':
    return append_container(message, {SD_BUS_TYPE_DICT_ENTRY, std::string(type.substr(1, type.size() - 2))}, words, depth);
  case 'v': return append_container(message, {SD_BUS_TYPE_VARIANT, words.take()}, words, depth);
  default: return append_basic(message, type[0], words.take());
  }
}

int append(sd_bus_message *message, std::string_view types, Words &words, int depth) {
  if (depth > deepest) return -ELOOP;
  while (!types.empty()) {
    std::size_t length = first_length(types);
    if (length == 0) return -EINVAL;
    if (int error = append_one(message, types.substr(0, length), words, depth); error < 0) return error;
    types.remove_prefix(length);
  }
  return words.exhausted() ? -EBADMSG : 0;
}

} // namespace

int append_values(sd_bus_message *message, const char *signature, Words &words) { return append(message, signature, words, 0); }

int skip_values(const char *signature, Words &words) { return append(nullptr, signature, words, 0); }

} // namespace pocker::systemd
