// What libstdc++, libgcc and libseccomp, which Debian compiles against glibc, ask of it and musl does not have.
#include <cstdarg>
#include <cstdio>

extern "C" {

/// libstdc++ leaves atomic operations out: the standalone executable has one thread.
char __libc_single_threaded = 1;

/// _FORTIFY_SOURCE's.
int __fprintf_chk(FILE *file, int, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int size = vfprintf(file, format, arguments);
  va_end(arguments);
  return size;
}

/// The unwinder's short cut; it looks by itself when there is none. Nothing throws here.
int _dl_find_object(void *, void *) { return -1; }
}
