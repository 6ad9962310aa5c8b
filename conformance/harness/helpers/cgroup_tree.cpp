// Makes directories nested too deeply for a path, as a container may do with cgroups; linked statically, so that it runs in one.
//
//   cgroup_tree make DIRECTORY COUNT [FILE TEXT]    nests them, enters the last one, writes TEXT to its FILE, and sleeps
//   cgroup_tree remove DIRECTORY                    removes everything below, once no process is there
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

/// Not UTF-8.
constexpr const char *name = "\xff\xfe";
constexpr int length = 200;

bool write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool written = fd >= 0 && write(fd, text, std::strlen(text)) >= 0;
  close(fd);
  return written;
}

int make(const char *directory, int count, const char *file, const char *text) {
  char step[length + 1];
  for (int at = 0; at < length; ++at) step[at] = name[at % 2];
  step[length] = 0;
  bool made = chdir(directory) == 0;
  for (int depth = 0; made && depth < count; ++depth) made = mkdir(step, 0755) == 0 && chdir(step) == 0;
  made = made && write_file("cgroup.procs", "0");
  std::puts(made ? "made" : "failed");
  std::fflush(stdout);
  // This may be the last thing it does.
  if (file != nullptr && !write_file(file, text)) return EXIT_FAILURE;
  return made ? pause() : EXIT_FAILURE;
}

int remove_below(const char *directory) {
  if (chdir(directory) != 0) return EXIT_FAILURE;
  for (;;) {
    DIR *listing = opendir(".");
    char child[256] = "";
    while (const dirent *entry = listing == nullptr ? nullptr : readdir(listing)) {
      if (entry->d_type == DT_DIR && entry->d_name[0] != '.') std::strcpy(child, entry->d_name);
    }
    closedir(listing);
    if (child[0] != 0 && (rmdir(child) == 0 || chdir(child) == 0)) continue;
    struct stat here {
    }, top{};
    if (stat(".", &here) != 0 || stat(directory, &top) != 0 || here.st_ino == top.st_ino) return EXIT_SUCCESS;
    if (chdir("..") != 0) return EXIT_FAILURE;
  }
}

} // namespace

int main(int argc, char **argv) {
  if (argc >= 4 && std::strcmp(argv[1], "make") == 0)
    return make(argv[2], std::atoi(argv[3]), argc > 5 ? argv[4] : nullptr, argc > 5 ? argv[5] : nullptr);
  if (argc == 3 && std::strcmp(argv[1], "remove") == 0) return remove_below(argv[2]);
  return 64;
}
