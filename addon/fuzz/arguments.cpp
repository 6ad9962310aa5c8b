// The arguments that JavaScript passes to the methods of the Host: values of any type, more or less matching the signature.
#include <cstring>

#include "../host/signature.h"

// embedded.cpp has a pocker-init only in an executable.
extern "C" const std::uint8_t pocker_init_begin[1] = {}, pocker_init_end[1] = {};

namespace {

using namespace pocker::host;

/// Reads the input as decisions. At its end, everything is 0.
class Source {
public:
  Source(const unsigned char *data, std::size_t size) : data_(data), size_(size) {}

  std::uint8_t byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  template <class T> T plain() {
    T value{};
    for (std::size_t i = 0; i < sizeof value; ++i) reinterpret_cast<unsigned char *>(&value)[i] = byte();
    return value;
  }
  std::string text() {
    std::size_t length = byte() % 32U;
    length = length < size_ ? length : size_;
    std::string result(reinterpret_cast<const char *>(data_), length);
    data_ += length;
    size_ -= length;
    return result;
  }

private:
  const unsigned char *data_;
  std::size_t size_;
};

constexpr unsigned depth_limit = 4;

Value any(Source &source, unsigned depth) {
  switch (source.byte() % (depth < depth_limit ? 8U : 6U)) {
  case 1: return Value{source.byte() % 2 == 1};
  case 2: return Value{source.plain<double>()};
  case 3: return Value{source.plain<std::uint64_t>()};
  case 4: return Value{source.text()};
  case 5: {
    std::string bytes = source.text();
    return Value{Bytes(bytes.begin(), bytes.end())};
  }
  case 6: {
    Array list;
    for (unsigned count = source.byte() % 4U; count > 0; --count) list.push_back(any(source, depth + 1));
    return Value{std::move(list)};
  }
  case 7: {
    Object object;
    for (unsigned count = source.byte() % 4U; count > 0; --count) {
      std::string name = source.text();
      object.emplace_back(std::move(name), any(source, depth + 1));
    }
    return Value{std::move(object)};
  }
  default: return Value{};
  }
}

Value like(Source &source, const Parameter &parameter, bool listed);

Value object_like(Source &source, const Parameter &parameter) {
  Object object;
  for (const Parameter &inner : parameter.fields) object.emplace_back(inner.name, like(source, inner, inner.list));
  return Value{std::move(object)};
}

/// What the signature asks for, most of the time.
Value like(Source &source, const Parameter &parameter, bool listed) {
  unsigned choice = source.byte() % 16U;
  if (choice == 1) return any(source, 0);
  if (listed) {
    Array list;
    for (unsigned count = source.byte() % 4U; count > 0; --count) list.push_back(like(source, parameter, false));
    return Value{std::move(list)};
  }
  switch (parameter.type) {
  case Type::text:
  case Type::path: return Value{source.text()};
  case Type::flag: return Value{source.byte() % 2 == 1};
  case Type::number: return Value{source.plain<double>()};
  case Type::integer: return Value{static_cast<double>(source.plain<std::int32_t>())};
  case Type::word: return Value{static_cast<double>(choice == 2 ? source.plain<std::uint32_t>() : source.byte())};
  case Type::wide: return Value{source.plain<std::uint64_t>()};
  case Type::object: return object_like(source, parameter);
  case Type::bytes: {
    std::string bytes = source.text();
    return Value{Bytes(bytes.begin(), bytes.end())};
  }
  case Type::none: break;
  }
  return Value{};
}

/// These only compute.
bool is_pure(const char *name) {
  for (const char *pure : {"compileSeccomp", "resolveSyscalls", "seccompHasArchitecture", "seccompHasFlag"}) {
    if (std::strcmp(name, pure) == 0) return true;
  }
  return false;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size) {
  Source source{data, size};
  const Function &function = functions()[source.byte() % functions().size()];
  std::vector<Value> values;
  for (std::size_t index = 0; index < function.arity(); ++index)
    values.push_back(like(source, function.parameters[index], function.parameters[index].list));
  if (source.byte() % 8 == 1) values.push_back(any(source, 0));
  if (source.byte() % 8 == 1 && !values.empty()) values.pop_back();
  std::string wrong = mismatch({function.parameters, function.arity()}, values);
  if (is_pure(function.name)) {
    const Reply reply = function.call(values);
    const auto *failure = std::get_if<Failure>(&reply);
    // An argument that does not fit is refused by that name.
    if (!wrong.empty() && (failure == nullptr || failure->path != wrong)) __builtin_trap();
  }
  return 0;
}
