#include "convert.h"

namespace pocker::quickjs {
namespace {

using host::Array;
using host::Bytes;
using host::Object;
using host::Value;

std::string text_of(JSContext *context, JSValueConst value) {
  std::size_t size = 0;
  const char *text = JS_ToCStringLen(context, &size, value);
  if (text == nullptr) return {};
  std::string copy(text, size);
  JS_FreeCString(context, text);
  return copy;
}

Value array_from(JSContext *context, JSValueConst value) {
  std::int64_t length = 0;
  JS_GetLength(context, value, &length);
  Array array;
  array.reserve(static_cast<std::size_t>(length));
  for (std::int64_t i = 0; i < length; ++i) {
    JSValue entry = JS_GetPropertyUint32(context, value, static_cast<std::uint32_t>(i));
    array.push_back(from_js(context, entry));
    JS_FreeValue(context, entry);
  }
  return Value{std::move(array)};
}

Value object_from(JSContext *context, JSValueConst value) {
  JSPropertyEnum *names = nullptr;
  std::uint32_t count = 0;
  Object object;
  if (JS_GetOwnPropertyNames(context, &names, &count, value, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) != 0)
    return Value{std::move(object)};
  object.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const char *name = JS_AtomToCString(context, names[i].atom);
    JSValue entry = JS_GetProperty(context, value, names[i].atom);
    if (name != nullptr) object.emplace_back(name, from_js(context, entry));
    JS_FreeValue(context, entry);
    JS_FreeCString(context, name);
  }
  JS_FreePropertyEnum(context, names, count);
  return Value{std::move(object)};
}

Value number_from(JSContext *context, JSValueConst value) {
  double number = 0;
  JS_ToFloat64(context, &number, value);
  return Value{number};
}

Value big_from(JSContext *context, JSValueConst value) {
  std::uint64_t number = 0;
  JS_ToBigUint64(context, &number, value);
  // A number beyond 64 bits has lost its value.
  JSValue back = JS_NewBigUint64(context, number);
  bool same = JS_IsStrictEqual(context, back, value);
  JS_FreeValue(context, back);
  return same ? Value{number} : Value{};
}

void set(JSContext *context, JSValue object, const char *name, JSValue value) { JS_SetPropertyStr(context, object, name, value); }

} // namespace

Value from_js(JSContext *context, JSValueConst value) {
  if (JS_IsString(value)) return Value{text_of(context, value)};
  if (JS_IsNumber(value)) return number_from(context, value);
  if (JS_IsBool(value)) return Value{static_cast<bool>(JS_ToBool(context, value))};
  if (JS_IsBigInt(value)) return big_from(context, value);
  if (!JS_IsObject(value)) return Value{};
  if (JS_IsArray(value)) return array_from(context, value);
  if (JS_GetTypedArrayType(value) == JS_TYPED_ARRAY_UINT8) {
    std::size_t size = 0;
    const std::uint8_t *bytes = JS_GetUint8Array(context, &size, value);
    return Value{bytes == nullptr ? Bytes{} : Bytes(bytes, bytes + size)};
  }
  return object_from(context, value);
}

JSValue to_js(JSContext *context, const Value &value) {
  if (const auto *text = std::get_if<std::string>(&value)) return JS_NewStringLen(context, text->data(), text->size());
  if (const auto *number = std::get_if<double>(&value)) return JS_NewNumber(context, *number);
  if (const auto *flag = std::get_if<bool>(&value)) return JS_NewBool(context, *flag);
  if (const auto *big = std::get_if<std::uint64_t>(&value)) return JS_NewBigUint64(context, *big);
  if (const auto *bytes = std::get_if<Bytes>(&value)) return JS_NewUint8ArrayCopy(context, bytes->data(), bytes->size());
  if (const auto *array = std::get_if<Array>(&value)) {
    JSValue result = JS_NewArray(context);
    std::uint32_t index = 0;
    for (const Value &entry : *array) JS_SetPropertyUint32(context, result, index++, to_js(context, entry));
    return result;
  }
  if (const auto *object = std::get_if<Object>(&value)) {
    JSValue result = JS_NewObject(context);
    for (const auto &[name, entry] : *object) set(context, result, name.c_str(), to_js(context, entry));
    return result;
  }
  return JS_NULL;
}

JSValue throw_failure(JSContext *context, const host::Failure &failure) {
  JSValue object = JS_NewObject(context);
  set(context, object, "operation", JS_NewString(context, failure.operation.c_str()));
  set(context, object, "errno", JS_NewInt32(context, failure.error));
  if (!failure.path.empty()) set(context, object, "path", JS_NewStringLen(context, failure.path.data(), failure.path.size()));
  return JS_Throw(context, object);
}

} // namespace pocker::quickjs
