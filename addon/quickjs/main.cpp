// The standalone host: QuickJS-NG with the TypeScript bundle as bytecode, and the Host object over addon/host.
#include <cstdio>
#include <cstring>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include "../host/child.h"
#include "../host/embedded.h"
#include "../host/process_facts.h"
#include "convert.h"
#include "modules.h"

namespace {

using pocker::host::Function;
using pocker::host::Reply;
using pocker::host::Value;

constexpr const char *entry_module = "entry.quickjs.js";
constexpr int software_error = 70; // sysexits(3): the program itself is at fault
constexpr std::size_t stack_size = 6 * 1024 * 1024;

JSValue call_host(JSContext *context, JSValueConst, int count, JSValueConst *arguments, int index) {
  const Function &function = pocker::host::functions()[static_cast<std::size_t>(index)];
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) values.push_back(pocker::quickjs::from_js(context, arguments[i]));
  Reply reply = function.call(values);
  if (const auto *failure = std::get_if<pocker::host::Failure>(&reply)) return pocker::quickjs::throw_failure(context, *failure);
  return pocker::quickjs::to_js(context, std::get<Value>(reply));
}

/// TextEncoder and TextDecoder (entry.quickjs.ts) come down to these: the language itself has no UTF-8.
JSValue encode_text(JSContext *context, JSValueConst, int, JSValueConst *arguments) {
  std::size_t size = 0;
  const char *text = JS_ToCStringLen(context, &size, arguments[0]);
  if (text == nullptr) return JS_EXCEPTION;
  JSValue bytes = JS_NewUint8ArrayCopy(context, reinterpret_cast<const std::uint8_t *>(text), size);
  JS_FreeCString(context, text);
  return bytes;
}

JSValue decode_text(JSContext *context, JSValueConst, int, JSValueConst *arguments) {
  std::size_t size = 0;
  const std::uint8_t *bytes = JS_GetUint8Array(context, &size, arguments[0]);
  return JS_NewStringLen(context, reinterpret_cast<const char *>(bytes), bytes == nullptr ? 0 : size);
}

JSValue make_host(JSContext *context, int count, char **arguments) {
  JSValue host = pocker::quickjs::to_js(context, Value{pocker::host::process_facts(count, arguments)});
  int index = 0;
  for (const Function &function : pocker::host::functions()) {
    JS_SetPropertyStr(context, host, function.name,
                      JS_NewCFunctionMagic(context, call_host, function.name, static_cast<int>(function.arity),
                                           JS_CFUNC_generic_magic, index++));
  }
  return host;
}

JSValue read_module(JSContext *context, std::string_view name) {
  auto code = pocker::quickjs::find_module(pocker::host::bundle_image(), name);
  if (code.empty()) return JS_ThrowReferenceError(context, "no module %.*s", static_cast<int>(name.size()), name.data());
  return JS_ReadObject(context, code.data(), code.size(), JS_READ_OBJ_BYTECODE);
}

JSModuleDef *load(JSContext *context, const char *name, void *) {
  JSValue module = read_module(context, name);
  if (JS_IsException(module)) return nullptr;
  auto *definition = static_cast<JSModuleDef *>(JS_VALUE_GET_PTR(module));
  JS_FreeValue(context, module);
  return definition;
}

char *normalize(JSContext *context, const char *, const char *name, void *) {
  std::string flat(pocker::quickjs::flat_name(name));
  return js_strdup(context, flat.c_str());
}

int give_up(JSContext *context) {
  JSValue error = JS_GetException(context);
  const char *text = JS_ToCString(context, error);
  JSValue stack = JS_IsObject(error) ? JS_GetPropertyStr(context, error, "stack") : JS_UNDEFINED;
  const char *trace = JS_IsString(stack) ? JS_ToCString(context, stack) : "";
  std::fprintf(stderr, "pocker-runc: internal error: %s\n%s", text == nullptr ? "unknown" : text, trace);
  return software_error;
}

int run(JSContext *context) {
  JSValue module = read_module(context, entry_module);
  if (JS_IsException(module) || JS_ResolveModule(context, module) < 0) return give_up(context);
  JSValue result = JS_EvalFunction(context, module);
  if (JS_IsException(result)) return give_up(context);
  JSContext *other = nullptr;
  for (;;) {
    int more = JS_ExecutePendingJob(JS_GetRuntime(context), &other);
    if (more < 0) return give_up(other);
    if (more == 0) break;
  }
  // The entry ends by host.exit; whoever comes here was rejected on the way.
  if (JS_PromiseState(context, result) == JS_PROMISE_REJECTED) {
    JS_Throw(context, JS_PromiseResult(context, result));
    return give_up(context);
  }
  std::fputs("pocker-runc: internal error: the program came to no end\n", stderr);
  return software_error;
}

/// The parts of the language that the bundle uses. Not eval: nobody may run text as a program, and the linker leaves the
/// compiler out.
JSContext *make_context(JSRuntime *runtime) {
  JSContext *context = JS_NewContextRaw(runtime);
  if (context == nullptr) return nullptr;
  for (auto add : {JS_AddIntrinsicBaseObjects, JS_AddIntrinsicDate, JS_AddIntrinsicRegExp, JS_AddIntrinsicJSON,
                   JS_AddIntrinsicMapSet, JS_AddIntrinsicTypedArrays, JS_AddIntrinsicPromise}) {
    if (add(context) != 0) return nullptr;
  }
  return context;
}

} // namespace

int main(int count, char **arguments) {
  if (auto begun = pocker::host::begin_process(); !begun.ok()) {
    std::fprintf(stderr, "pocker-runc: a standard descriptor is closed, and /dev/null cannot be opened: %s\n",
                 std::strerror(begun.error()));
    return 1;
  }
  JSRuntime *runtime = JS_NewRuntime();
  if (runtime == nullptr) return software_error;
  JS_SetMaxStackSize(runtime, stack_size);
  // Short-lived: what little is freed by collecting cycles is not worth looking for.
  JS_SetGCThreshold(runtime, std::size_t{512} * 1024 * 1024);
  JSContext *context = make_context(runtime);
  if (context == nullptr) return software_error;
  JS_SetModuleLoaderFunc(runtime, normalize, load, nullptr);
  JSValue global = JS_GetGlobalObject(context);
  JS_SetPropertyStr(context, global, "host", make_host(context, count, arguments));
  JS_SetPropertyStr(context, global, "encodeText", JS_NewCFunction(context, encode_text, "encodeText", 1));
  JS_SetPropertyStr(context, global, "decodeText", JS_NewCFunction(context, decode_text, "decodeText", 1));
  int code = run(context);
  std::fflush(stderr);
  _exit(code); // the kernel frees it faster
}
