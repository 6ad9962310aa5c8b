// What libstdc++, libgcc and libseccomp, which Debian compiles against glibc, need from glibc and musl lacks.
#include <cstdarg>
#include <cstdio>

extern "C" {

/// Makes libstdc++ skip atomic operations: the standalone executable has one thread.
char __libc_single_threaded = 1;

/// For _FORTIFY_SOURCE.
int __fprintf_chk(FILE *file, int, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int size = vfprintf(file, format, arguments);
  va_end(arguments);
  return size;
}

/// The unwinder's short cut; without it, the unwinder searches by itself. Nothing throws here.
int _dl_find_object(void *, void *) { return -1; }
}
