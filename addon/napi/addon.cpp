// The Node host: the same Host object over addon/host, through Node-API.
#include <napi.h>

#include "../host/processes/child.h"
#include "../host/process_facts.h"
#include "../host/signature.h"
#include "client.h"

namespace {

using pocker::host::Array;
using pocker::host::Bytes;
using pocker::host::Failure;
using pocker::host::Function;
using pocker::host::Object;
using pocker::host::Reply;
using pocker::host::Value;

Value from_js(const Napi::Value &value);

Value array_from(const Napi::Array &list) {
  Array array;
  array.reserve(list.Length());
  for (std::uint32_t i = 0; i < list.Length(); ++i) array.push_back(from_js(list.Get(i)));
  return Value{std::move(array)};
}

Value object_from(const Napi::Object &value) {
  Object object;
  Napi::Array names = value.GetPropertyNames();
  for (std::uint32_t i = 0; i < names.Length(); ++i) {
    Napi::Value name = names.Get(i);
    object.emplace_back(name.ToString().Utf8Value(), from_js(value.Get(name)));
  }
  return Value{std::move(object)};
}

Value big_from(const Napi::BigInt &value) {
  bool lossless = false;
  std::uint64_t number = value.Uint64Value(&lossless);
  return lossless ? Value{number} : Value{};
}

Value bytes_from(const Napi::Uint8Array &array) { return Value{Bytes(array.Data(), array.Data() + array.ByteLength())}; }

Value from_js(const Napi::Value &value) {
  if (value.IsString()) return Value{value.As<Napi::String>().Utf8Value()};
  if (value.IsNumber()) return Value{value.As<Napi::Number>().DoubleValue()};
  if (value.IsBoolean()) return Value{value.As<Napi::Boolean>().Value()};
  if (value.IsBigInt()) return big_from(value.As<Napi::BigInt>());
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array)
    return bytes_from(value.As<Napi::Uint8Array>());
  if (value.IsArray()) return array_from(value.As<Napi::Array>());
  return value.IsObject() ? object_from(value.As<Napi::Object>()) : Value{};
}

Napi::Value to_js(Napi::Env env, const Value &value);

Napi::Value array_to(Napi::Env env, const Array &array) {
  Napi::Array list = Napi::Array::New(env, array.size());
  std::uint32_t index = 0;
  for (const Value &entry : array) list.Set(index++, to_js(env, entry));
  return list;
}

Napi::Value object_to(Napi::Env env, const Object &object) {
  Napi::Object result = Napi::Object::New(env);
  for (const auto &[name, entry] : object) result.Set(name, to_js(env, entry));
  return result;
}

Napi::Value bytes_to(Napi::Env env, const Bytes &bytes) {
  Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes.size());
  std::copy(bytes.begin(), bytes.end(), array.Data());
  return array;
}

Napi::Value to_js(Napi::Env env, const Value &value) {
  if (const auto *text = std::get_if<std::string>(&value)) return Napi::String::New(env, *text);
  if (const auto *number = std::get_if<double>(&value)) return Napi::Number::New(env, *number);
  if (const auto *flag = std::get_if<bool>(&value)) return Napi::Boolean::New(env, *flag);
  if (const auto *big = std::get_if<std::uint64_t>(&value)) return Napi::BigInt::New(env, *big);
  if (const auto *bytes = std::get_if<Bytes>(&value)) return bytes_to(env, *bytes);
  if (const auto *array = std::get_if<Array>(&value)) return array_to(env, *array);
  if (const auto *object = std::get_if<Object>(&value)) return object_to(env, *object);
  return env.Null();
}

/// Throws what src/host/failure.ts calls a HostFailure.
Napi::Value throw_failure(Napi::Env env, const Failure &failure) {
  Napi::Object error = Napi::Object::New(env);
  error.Set("operation", failure.operation);
  error.Set("errno", Napi::Number::New(env, failure.error));
  if (!failure.path.empty()) error.Set("path", failure.path);
  napi_throw(env, error);
  return env.Undefined();
}

Napi::Value call_host(const Napi::CallbackInfo &info) {
  const auto *function = static_cast<const Function *>(info.Data());
  std::vector<Value> values;
  values.reserve(info.Length());
  for (std::size_t i = 0; i < info.Length(); ++i) values.push_back(from_js(info[i]));
  Reply reply = function->call(values);
  if (const auto *failure = std::get_if<Failure>(&reply)) return throw_failure(info.Env(), *failure);
  return to_js(info.Env(), std::get<Value>(reply));
}

/// For a command line, which has this process to itself: see host::begin_process.
Napi::Value begin(const Napi::CallbackInfo &info) {
  auto begun = pocker::host::begin_process(true);
  return begun.ok() ? info.Env().Undefined() : throw_failure(info.Env(), {"open", begun.error(), "/dev/null"});
}

void add_functions(Napi::Env env, Napi::Object &object, std::span<const Function> table) {
  for (const Function &function : table)
    object.Set(function.name, Napi::Function::New(env, call_host, function.name, const_cast<Function *>(&function)));
}

/// The Host object without `args`, which Node knows better than its process does. `client`: what src/api uses instead. `begin`
/// must be called before the Host is used.
Napi::Object init(Napi::Env env, Napi::Object exports) {
  for (const auto &[name, value] : pocker::host::process_facts(0, nullptr)) exports.Set(name, to_js(env, value));
  add_functions(env, exports, pocker::host::functions());
  Napi::Object client = Napi::Object::New(env);
  add_functions(env, client, pocker::client::functions());
  client.Set("begin", Napi::Function::New(env, begin, "begin"));
  exports.Set("client", client);
  return exports;
}

} // namespace

NODE_API_MODULE(pocker, init)
