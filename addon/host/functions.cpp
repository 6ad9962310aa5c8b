// The table that both bindings make the Host object of.
#include "functions.h"

namespace pocker::host {
namespace {

template <Reply (*function)(const Arguments &)> Reply enter(std::span<const Value> values) { return function(Arguments{values}); }

constexpr Function table[] = {
    {"env", 1, enter<env>},
    {"cwd", 0, enter<cwd>},
    {"now", 0, enter<now>},
    {"write", 2, enter<write>},
    {"exit", 1, enter<exit>},
    {"sleep", 1, enter<sleep>},
    {"readText", 2, enter<read_text>},
    {"readStdin", 1, enter<read_stdin>},
    {"writeControl", 2, enter<write_control>},
    {"append", 2, enter<append>},
    {"writeAtomic", 4, enter<write_atomic>},
    {"mkdir", 3, enter<make_directory>},
    {"rmdir", 1, enter<remove_directory_entry>},
    {"unlink", 1, enter<unlink>},
    {"removeDirectory", 1, enter<remove_directory>},
    {"list", 1, enter<list>},
    {"stat", 1, enter<stat>},
    {"readLink", 1, enter<read_link>},
    {"realPath", 1, enter<real_path>},
    {"filesystem", 1, enter<filesystem>},
    {"access", 2, enter<access>},
    {"unmount", 1, enter<unmount>},
    {"chown", 3, enter<chown>},
    {"openDirectory", 1, enter<open_directory>},
    {"openFile", 1, enter<open_file>},
    {"lock", 2, enter<lock>},
    {"isSame", 2, enter<is_same>},
    {"isOpen", 1, enter<is_open>},
    {"close", 1, enter<close>},
    {"openProcess", 1, enter<open_process>},
    {"signal", 2, enter<signal>},
    {"waitProcess", 2, enter<wait_process>},
    {"reap", 1, enter<reap>},
    {"monotonic", 0, enter<monotonic>},
    {"openWatched", 1, enter<open_watched>},
    {"readWatched", 1, enter<read_watched>},
    {"openCounter", 0, enter<open_counter>},
    {"readCounter", 1, enter<read_counter>},
    {"await", 3, enter<await>},
    {"runProgram", 1, enter<run_program>},
    {"startService", 1, enter<start_service>},
    {"launch", 1, enter<launch>},
    {"receive", 2, enter<receive>},
    {"send", 3, enter<send>},
    {"receiveBytes", 2, enter<receive_bytes>},
    {"sendBytes", 2, enter<send_bytes>},
    {"listen", 2, enter<listen>},
    {"connect", 2, enter<connect>},
    {"openNamespace", 1, enter<open_namespace>},
    {"moveNetDevice", 1, enter<move_net_device>},
    {"configureNetDevice", 1, enter<configure_net_device>},
    {"sendFd", 3, enter<send_fd>},
    {"connectStream", 1, enter<connect_stream>},
    {"sendDescriptor", 3, enter<send_descriptor>},
    {"attachDeviceProgram", 2, enter<attach_device_program>},
    {"replaceDeviceProgram", 2, enter<replace_device_program>},
    {"supervise", 3, enter<supervise>},
    {"subreaper", 0, enter<subreaper>},
    {"readCache", 2, enter<read_cache>},
    {"writeCache", 4, enter<write_cache>},
    {"compileSeccomp", 1, enter<compile_seccomp>},
    {"resolveSyscalls", 2, enter<resolve_syscalls>},
    {"seccompNative", 0, enter<seccomp_native>},
    {"seccompKnows", 1, enter<seccomp_knows>},
    {"seccompTakes", 1, enter<seccomp_takes>},
    {"seccompVersion", 0, enter<seccomp_version>},
};

} // namespace

std::span<const Function> functions() { return table; }

} // namespace pocker::host
