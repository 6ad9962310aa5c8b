// Only with the QuickJS of cmake/immortal.cmake.
#ifdef POCKER_IMMORTAL
#include "rehearsal.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "placement.h"

namespace pocker::quickjs {
namespace {

/// The kernel's.
std::size_t page_size = 0;
/// Always the same, because hashes of addresses decide which shapes a lookup reads.
constexpr std::uintptr_t pages_address = 0x4'0000'0000;
/// The snapshot's are smaller: what they have not used stays in the executable.
constexpr int usual_arena_size = 4096, snapshot_arena_size = 2048;
/// Far more than the program has.
constexpr std::size_t page_limit = std::size_t{1} << 18, request_limit = std::size_t{1} << 18;
/// Pages are requested from the kernel in steps of this size: what is reserved may be limited (RLIMIT_AS, vm.overcommit_memory).
constexpr std::size_t step_size = std::size_t{16} << 20;

/// Of each page of the rehearsal.
struct Page {
  std::uint32_t request;
  bool readable;
};

/// Shared by the process that rehearses and the one that makes the snapshot.
struct Notes {
  std::uint32_t requests;
  /// JS_PART_… of each request.
  std::uint8_t parts[request_limit];
};

Notes *notes = nullptr;
std::uint32_t request = 0;

std::byte *const pages = reinterpret_cast<std::byte *>(pages_address);
std::byte *next = pages, *mapped = pages;
std::size_t pages_used = 0;
Page *page_table = nullptr;

[[noreturn]] void give_up(const char *what, const char *why) {
  std::fprintf(stderr, "the rehearsal failed: %s: %s\n", what, why);
  _exit(1);
}

template <typename T> T *map(std::size_t size, int flags, void *address = nullptr) {
  void *memory = mmap(address, size, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) give_up("mmap", std::strerror(errno));
  return static_cast<T *>(memory);
}

std::byte *take(std::size_t size) {
  std::byte *begin = next;
  next += size;
  for (; mapped < next; mapped += step_size) map<std::byte>(step_size, MAP_PRIVATE | MAP_FIXED_NOREPLACE, mapped);
  return begin;
}

std::byte *take_pages(std::size_t size) {
  std::size_t count = (size + page_size - 1) / page_size;
  if (pages_used + count > page_limit) give_up("too many pages", "raise page_limit in addon/quickjs/rehearsal.cpp");
  for (std::size_t i = 0; i < count; ++i) page_table[pages_used++].request = request;
  return take(count * page_size);
}

/// For what the commands themselves request.
std::byte *take_behind(std::size_t size) {
  constexpr std::size_t alignment = alignof(std::max_align_t);
  return take((size + alignment - 1) / alignment * alignment);
}

void count_request() {
  if (++request >= request_limit) give_up("too many requests for memory", "raise request_limit in addon/quickjs/rehearsal.cpp");
}

/// The first access to a page is taken for reading; a second one that fails is for writing.
void note_access(int, siginfo_t *info, void *) {
  auto at = static_cast<std::size_t>(static_cast<std::byte *>(info->si_addr) - pages) / page_size;
  if (info->si_addr < pages || at >= pages_used) {
    std::signal(SIGSEGV, SIG_DFL); // a fault of the program: the next one, at once, ends it
    return;
  }
  auto &[of, readable] = page_table[at];
  auto &part = notes->parts[of];
  if (readable || part == JS_PART_REST) part = readable ? JS_PART_WRITTEN : JS_PART_READ;
  if (mprotect(pages + at * page_size, page_size, readable ? PROT_READ | PROT_WRITE : PROT_READ) != 0)
    give_up("mprotect", std::strerror(errno));
  readable = true;
}

/// Has the whole rehearsal to itself: a process that ends with it. Its exit code.
int run_commands(std::span<const std::uint8_t> archive, std::span<const std::uint8_t> commands) {
  page_size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  page_table = map<Page>(page_limit * sizeof(Page), MAP_PRIVATE);
  std::memset(notes->parts, JS_PART_REST, sizeof notes->parts);
  js_arena_size = 0; // each block in an arena of its own
  js_on_request = count_request;
  use_pages(take_pages);
  Program program = make_program(archive, true);
  js_on_request = nullptr;
  js_arena_size = usual_arena_size;
  use_pages(take_behind);
  notes->requests = request;
  if (program.context == nullptr) return 1;
  struct sigaction action {};
  action.sa_sigaction = note_access;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGSEGV, &action, nullptr);
  if (mprotect(pages, pages_used * page_size, PROT_NONE) != 0) give_up("mprotect", std::strerror(errno));
  return add_module(program, commands, "rehearsal.js") && rehearse_commands(program) ? 0 : 1;
}

void place_request() {
  count_request();
  std::uint8_t part = notes->parts[request];
  js_part = part;
  use_part(part);
}

} // namespace

bool rehearse(std::span<const std::uint8_t> program, std::span<const std::uint8_t> commands) {
  notes = map<Notes>(sizeof(Notes), MAP_SHARED);
  int pid = fork();
  if (pid == 0) _exit(run_commands(program, commands));
  int status = 0;
  if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status)) return WEXITSTATUS(status) == 0;
  std::fprintf(stderr, "the rehearsal failed: %s\n", pid < 0 ? std::strerror(errno) : strsignal(WTERMSIG(status)));
  return false;
}

void follow_rehearsal() {
  js_on_request = place_request;
  js_arena_size = snapshot_arena_size;
}

bool followed_rehearsal() {
  js_on_request = nullptr;
  js_part = 0;
  return request == notes->requests;
}

} // namespace pocker::quickjs
#endif
