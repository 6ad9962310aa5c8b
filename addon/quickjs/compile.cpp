// Build tool: compile OUT FOLDER ENTRY…   turns a folder of ES modules into the archive of modules.h.
#include <algorithm>
#include <cstdio>
#include <dirent.h>
#include <string>
#include <vector>

#include <quickjs.h>

#include "modules.h"

namespace {

using pocker::quickjs::ModuleHeader;

std::string folder;

std::string read_file(const std::string &path) {
  std::FILE *file = std::fopen(path.c_str(), "rb");
  std::string text;
  for (int letter = 0; file != nullptr && (letter = std::fgetc(file)) != EOF;) text += static_cast<char>(letter);
  if (file != nullptr) std::fclose(file);
  return text;
}

JSValue compile(JSContext *context, const char *name) {
  std::string source = read_file(folder + "/" + name);
  return JS_Eval(context, source.c_str(), source.size(), name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
}

/// Imports are resolved while a module is compiled, so each of them is compiled too; the results are discarded.
JSModuleDef *load(JSContext *context, const char *name, void *) {
  JSValue module = compile(context, name);
  if (JS_IsException(module)) return nullptr;
  auto *definition = static_cast<JSModuleDef *>(JS_VALUE_GET_PTR(module));
  JS_FreeValue(context, module);
  return definition;
}

char *normalize(JSContext *context, const char *, const char *name, void *) {
  std::string flat(pocker::quickjs::flat_name(name));
  return js_strdup(context, flat.c_str());
}

bool add_module(const std::string &name, std::FILE *out) {
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *context = JS_NewContext(runtime);
  JS_SetModuleLoaderFunc(runtime, normalize, load, nullptr);
  JSValue module = compile(context, name.c_str());
  if (JS_IsException(module)) {
    const char *text = JS_ToCString(context, JS_GetException(context));
    std::fprintf(stderr, "%s: %s\n", name.c_str(), text == nullptr ? "?" : text);
    return false;
  }
  std::size_t size = 0;
  std::uint8_t *code = JS_WriteObject(context, &size, module, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE);
  if (code == nullptr) return false;
  ModuleHeader header{static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(size)};
  std::size_t total = sizeof header + name.size() + size;
  std::fwrite(&header, sizeof header, 1, out);
  std::fwrite(name.data(), name.size(), 1, out);
  std::fwrite(code, size, 1, out);
  std::fwrite("\0\0\0\0\0\0\0", 1, pocker::quickjs::padded(total) - total, out);
  std::printf("%8zu bytes of bytecode  %s\n", size, name.c_str());
  return true; // nothing is freed: the process ends soon
}

std::vector<std::string> modules_in(const std::string &path) {
  std::vector<std::string> names;
  DIR *directory = opendir(path.c_str());
  while (const dirent *entry = directory == nullptr ? nullptr : readdir(directory)) {
    if (std::string_view(entry->d_name).ends_with(".js")) names.emplace_back(entry->d_name);
  }
  if (directory != nullptr) closedir(directory);
  std::ranges::sort(names); // directory order varies
  return names;
}

} // namespace

int main(int count, char **arguments) {
  if (count != 3) return 64;
  folder = arguments[2];
  std::FILE *out = std::fopen(arguments[1], "wb");
  if (out == nullptr) return 1;
  auto names = modules_in(folder);
  for (const std::string &name : names) {
    if (!add_module(name, out)) return 1;
  }
  return names.empty() || std::ferror(out) != 0 || std::fclose(out) != 0 ? 1 : 0;
}
