#include "program.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "../host/process_facts.h"
#include "../host/signature.h"
#include "convert.h"
#include "memory.h"
#include "modules.h"

#ifdef POCKER_IMMORTAL
extern "C" void JS_MakeImmortal(JSRuntime *runtime); // immortal.c
#endif

namespace pocker::quickjs {
namespace {

using host::Function;
using host::Reply;
using host::Value;

constexpr const char *entry_module = "entry.js";
constexpr int software_error = 70; // sysexits(3): an internal error
constexpr std::size_t stack_size = std::size_t{6} * 1024 * 1024;

/// Used only while the program is made; bytecode is copied.
std::span<const std::uint8_t> bundle;
/// There is no outside before the start, in particular not at build time.
bool may_call = false;

JSValue call_host(JSContext *context, JSValueConst, int count, JSValueConst *arguments, int index) {
  const Function &function = host::functions()[static_cast<std::size_t>(index)];
  if (!may_call) return JS_ThrowInternalError(context, "host.%s was called while modules are evaluated", function.name);
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) values.push_back(from_js(context, arguments[i]));
  Reply reply = function.call(values);
  if (const auto *failure = std::get_if<host::Failure>(&reply)) return throw_failure(context, *failure);
  return to_js(context, std::get<Value>(reply));
}

/// TextEncoder and TextDecoder (src/entry.shims.ts) use these: the language itself has no UTF-8.
JSValue encode_text(JSContext *context, JSValueConst, int, JSValueConst *arguments) {
  std::size_t size = 0;
  const char *text = JS_ToCStringLen(context, &size, arguments[0]);
  if (text == nullptr) return JS_EXCEPTION;
  JSValue bytes = JS_NewUint8ArrayCopy(context, reinterpret_cast<const std::uint8_t *>(text), size);
  JS_FreeCString(context, text);
  return bytes;
}

/// The same without making objects, for src/flatbuffer/writer.ts: writes the text into an array, from there on.
JSValue write_text(JSContext *context, JSValueConst, int, JSValueConst *arguments) {
  std::size_t room = 0, size = 0;
  std::uint32_t at = 0;
  std::uint8_t *bytes = JS_GetUint8Array(context, &room, arguments[0]);
  if (bytes == nullptr || JS_ToUint32(context, &at, arguments[1]) != 0) return JS_EXCEPTION;
  const char *text = JS_ToCStringLen(context, &size, arguments[2]);
  if (text == nullptr) return JS_EXCEPTION;
  bool fits = at <= room && size <= room - at;
  if (fits) std::memcpy(bytes + at, text, size);
  JS_FreeCString(context, text);
  return fits ? JS_NewInt64(context, static_cast<std::int64_t>(size)) : JS_ThrowRangeError(context, "no room for a text");
}

JSValue decode_text(JSContext *context, JSValueConst, int, JSValueConst *arguments) {
  std::size_t size = 0;
  const std::uint8_t *bytes = JS_GetUint8Array(context, &size, arguments[0]);
  return JS_NewStringLen(context, reinterpret_cast<const char *>(bytes), bytes == nullptr ? 0 : size);
}

JSValue make_host(JSContext *context) {
  JSValue host = JS_NewObject(context);
  int index = 0;
  for (const Function &function : host::functions()) {
    JS_SetPropertyStr(context, host, function.name,
                      JS_NewCFunctionMagic(context, call_host, function.name, static_cast<int>(function.arity()),
                                           JS_CFUNC_generic_magic, index++));
  }
  return host;
}

JSModuleDef *load(JSContext *context, const char *name, void *) {
  auto code = find_module(bundle, name);
  JSValue module = code.empty() ? JS_ThrowReferenceError(context, "no module %s", name)
                                : JS_ReadObject(context, code.data(), code.size(), JS_READ_OBJ_BYTECODE);
  if (JS_IsException(module)) return nullptr;
  auto *definition = static_cast<JSModuleDef *>(JS_VALUE_GET_PTR(module));
  JS_FreeValue(context, module);
  return definition;
}

char *normalize(JSContext *context, const char *, const char *name, void *) {
  std::string flat(flat_name(name));
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

/// Runs pending jobs. 0, or the exit code.
int drain(JSContext *context) {
  JSContext *other = nullptr;
  for (;;) {
    int more = JS_ExecutePendingJob(JS_GetRuntime(context), &other);
    if (more < 0) return give_up(other);
    if (more == 0) return 0;
  }
}

/// Loads, links and evaluates it and its imports.
bool evaluate(JSContext *context, const std::string &name) {
  JSValue done = JS_LoadModule(context, "", name.c_str());
  if (!JS_IsException(done) && drain(context) != 0) return false;
  if (!JS_IsException(done) && JS_PromiseState(context, done) == JS_PROMISE_FULFILLED) {
    JS_FreeValue(context, done);
    return true;
  }
  if (!JS_IsException(done)) JS_Throw(context, JS_PromiseResult(context, done));
  give_up(context);
  return false;
}

/// What engines call comes first, so that its pages have little else on them.
std::vector<std::string_view> by_use(std::vector<std::string_view> names) {
  constexpr std::string_view commands[] = {"state-", "kill-", "delete-", "start-", "create-", "run-", "exec-"};
  auto rank = [&commands](std::string_view name) {
    return std::ranges::find_if(commands, [name](std::string_view command) { return name.starts_with(command); });
  };
  std::ranges::stable_sort(names, {}, rank);
  return names;
}

/// The parts of the language that the bundle uses. No eval: nothing may run text as a program, and the linker drops the compiler.
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

Program make_program(std::span<const std::uint8_t> archive, bool whole) {
  bundle = archive;
  JSRuntime *runtime = JS_NewRuntime();
  if (runtime == nullptr) return {};
  // Short-lived: not worth collecting cycles.
  JS_SetGCThreshold(runtime, std::size_t{512} * 1024 * 1024);
  JSContext *context = make_context(runtime);
  if (context == nullptr) return {};
  JS_SetModuleLoaderFunc(runtime, normalize, load, nullptr);
  JSValue global = JS_GetGlobalObject(context);
  JSValue host = make_host(context);
  JS_SetPropertyStr(context, global, "host", JS_DupValue(context, host));
  JS_SetPropertyStr(context, global, "encodeText", JS_NewCFunction(context, encode_text, "encodeText", 1));
  JS_SetPropertyStr(context, global, "writeText", JS_NewCFunction(context, write_text, "writeText", 3));
  JS_SetPropertyStr(context, global, "decodeText", JS_NewCFunction(context, decode_text, "decodeText", 1));
  if (!evaluate(context, entry_module)) return {};
  for (std::string_view name : whole ? by_use(module_names(archive)) : std::vector<std::string_view>{}) {
    if (!evaluate(context, std::string(name))) return {};
  }
  JS_RunGC(runtime);
  Program program{context, host, JS_GetPropertyStr(context, global, "start"), JS_GetPropertyStr(context, global, "serve")};
#ifdef POCKER_IMMORTAL
  if (whole) JS_MakeImmortal(runtime);
#endif
  return program;
}

bool add_module(const Program &program, std::span<const std::uint8_t> archive, const char *name) {
  bundle = archive;
  return evaluate(program.context, name);
}

bool rehearse_commands(const Program &program) {
  JSContext *context = program.context;
  JSValue global = JS_GetGlobalObject(context);
  JSValue rehearse = JS_GetPropertyStr(context, global, "rehearse");
  for (;;) {
    JSValue more = JS_Call(context, rehearse, JS_UNDEFINED, 0, nullptr);
    if (JS_IsException(more)) return give_up(context) == 0;
    if (!JS_VALUE_GET_BOOL(more)) return true;
    if (drain(context) != 0) return false;
  }
}

void adopt(const Program &program, int count, char **arguments) {
  prepare_memory();
  JSRuntime *runtime = JS_GetRuntime(program.context);
  JS_SetMaxStackSize(runtime, stack_size);
  JS_UpdateStackTop(runtime);
  for (const auto &[name, value] : host::process_facts(count, arguments))
    JS_SetPropertyStr(program.context, program.host, name.c_str(), to_js(program.context, value));
  may_call = true;
}

int run(const Program &program, JSValue function) {
  JSValue result = JS_Call(program.context, function, JS_UNDEFINED, 0, nullptr);
  if (JS_IsException(result)) return give_up(program.context);
  if (int code = drain(program.context); code != 0) return code;
  std::fputs("pocker-runc: internal error: the program did not end\n", stderr);
  return software_error;
}

} // namespace pocker::quickjs
