// The standalone host: QuickJS-NG with the TypeScript bundle, and the Host object over addon/host.
#include <cstdio>
#include <cstring>
#include <unistd.h>

#include "../channel/request.h"
#include "../host/processes/child.h"
#include "../host/init/embedded.h"
#include "fork_server.h"
#include "make_snapshot.h"
#include "program.h"

int main(int count, char **arguments) {
  using namespace pocker;
  if (auto begun = host::begin_process(); !begun.ok()) {
    std::fprintf(stderr, "pocker-runc: standard input, output and error cannot be checked, or /dev/null opened for them: %s\n",
                 std::strerror(begun.error()));
    return 1;
  }
#ifdef POCKER_BUNDLE
  const quickjs::Program made = quickjs::make_program(host::bundle_image(), false);
  const quickjs::Program *program = made.context == nullptr ? nullptr : &made;
#else
  const quickjs::Program *program = quickjs::stored_program();
  if (program == nullptr) return quickjs::make_snapshot(count, arguments);
#endif
  if (program == nullptr) return 70;
  int code = 0;
  if (count == 2 && std::strcmp(arguments[1], request::fork_server_argument) == 0) {
    code = quickjs::serve(*program, arguments);
  } else {
    quickjs::adopt(*program, count, arguments);
    code = quickjs::run(*program, program->start);
  }
  std::fflush(stderr);
  _exit(code); // the kernel frees memory faster
}
