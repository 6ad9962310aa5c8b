// Protects what the linker marks read-only after relocation. In a static executable, glibc's startup does this and musl's does
// not.
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

namespace {

[[gnu::constructor]] void protect_relocated() {
  constexpr std::uintptr_t page = 4096;
  const auto *headers = reinterpret_cast<const ElfW(Phdr) *>(getauxval(AT_PHDR));
  for (unsigned long i = 0; i < getauxval(AT_PHNUM); ++i) {
    if (headers[i].p_type != PT_GNU_RELRO) continue;
    std::uintptr_t begin = headers[i].p_vaddr & ~(page - 1), end = (headers[i].p_vaddr + headers[i].p_memsz) & ~(page - 1);
    if (end <= begin || mprotect(reinterpret_cast<void *>(begin), end - begin, PROT_READ) == 0) continue;
    dprintf(2, "pocker-runc: mprotect: %s\n", std::strerror(errno));
    _exit(1);
  }
}

} // namespace
