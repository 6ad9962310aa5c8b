// A FUSE filesystem at PATH whose server never answers a lookup: whoever asks sleeps uninterruptibly once it is killed, until the
// server ends. Prints "mounted", and "asked" for each lookup.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <linux/fuse.h>
#include <string>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {
void answer(int device, const fuse_in_header &request, int error, const void *body = nullptr, std::size_t size = 0) {
  char message[sizeof(fuse_out_header) + 256] = {};
  fuse_out_header header{};
  header.len = static_cast<unsigned>(sizeof header + size);
  header.error = -error;
  header.unique = request.unique;
  std::memcpy(message, &header, sizeof header);
  if (size > 0) std::memcpy(message + sizeof header, body, size);
  if (write(device, message, header.len) < 0 && errno != ENOENT) std::perror("write");
}

void serve(int device, const fuse_in_header &request) {
  fuse_init_out init{};
  fuse_attr_out attributes{};
  switch (request.opcode) {
  case FUSE_INIT:
    init.major = FUSE_KERNEL_VERSION;
    init.minor = FUSE_KERNEL_MINOR_VERSION;
    init.max_write = 4096;
    return answer(device, request, 0, &init, sizeof init);
  case FUSE_GETATTR:
    attributes.attr.ino = 1;
    attributes.attr.mode = S_IFDIR | 0755;
    attributes.attr.nlink = 2;
    return answer(device, request, 0, &attributes, sizeof attributes);
  case FUSE_LOOKUP: std::puts("asked"); return;
  case FUSE_FORGET:
  case FUSE_BATCH_FORGET:
  case FUSE_INTERRUPT: return;
  default: answer(device, request, ENOSYS);
  }
}
} // namespace

int main(int count, char **arguments) {
  if (count != 2) return 2;
  int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  std::string options = "fd=" + std::to_string(device) + ",rootmode=40000,user_id=0,group_id=0,allow_other";
  if (device < 0 || mount("stuck", arguments[1], "fuse", MS_NOSUID | MS_NODEV, options.c_str()) != 0)
    return std::perror("fuse"), 1;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::puts("mounted");
  static char buffer[1 << 17];
  for (;;) {
    ssize_t size = read(device, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < static_cast<ssize_t>(sizeof(fuse_in_header))) return 0; // unmounted
    fuse_in_header request;
    std::memcpy(&request, buffer, sizeof request);
    serve(device, request);
  }
}
