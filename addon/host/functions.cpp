// The table from which both bindings make the Host object.
#include "functions.h"

#include <cerrno>

#include "signature.h"

namespace pocker::host {
namespace {

template <Reply (*function)(const Arguments &)> Reply invoke(std::span<const Value> values) {
  return function(Arguments{values});
}

constexpr bool listed = true, optional = true;

constexpr Parameter program[] = {{"path", Type::path},
                                 {"args", Type::path, listed},
                                 {"env", Type::path, listed, optional},
                                 {"cwd", Type::path, false, optional},
                                 {"stdout", Type::path, false, optional},
                                 {"stderr", Type::path, false, optional},
                                 {"stdin", Type::text},
                                 {"timeoutMs", Type::number},
                                 {"keep", Type::number, false, optional}};
constexpr Parameter service[] = {{"path", Type::path},
                                 {"args", Type::path, listed},
                                 {"env", Type::path, listed},
                                 {"fds", Type::integer, listed},
                                 {"root", Type::path}};
constexpr Parameter launching[] = {{"flags", Type::word},
                                   {"intoCgroup", Type::path},
                                   {"v1Cgroups", Type::path, listed},
                                   {"affinity", Type::wide, listed},
                                   {"plan", Type::bytes},
                                   {"gate", Type::integer},
                                   {"preserveFds", Type::integer},
                                   {"hookStdout", Type::path, false, optional},
                                   {"hookStderr", Type::path, false, optional}};
constexpr Parameter net_device_move[] = {
    {"from", Type::integer}, {"to", Type::integer}, {"name", Type::path}, {"newName", Type::path}};
constexpr Parameter net_device[] = {
    {"network", Type::integer}, {"name", Type::path}, {"addresses", Type::bytes}, {"up", Type::flag}};
constexpr Parameter ready[] = {{"socket", Type::integer}, {"path", Type::path}, {"text", Type::text}};
constexpr Parameter comparison[] = {{"index", Type::word}, {"op", Type::word}, {"value", Type::wide}, {"valueTwo", Type::wide}};
constexpr Parameter rule[] = {
    {"action", Type::word}, {"names", Type::path, listed}, {"args", Type::object, listed, false, comparison}};
constexpr Parameter filter[] = {
    {"defaultAction", Type::word}, {"architectures", Type::word, listed}, {"rules", Type::object, listed, false, rule}};

constexpr Function table[] = {
    {"env", invoke<env>, {{"name", Type::path}}},
    {"cwd", invoke<cwd>, {}},
    {"now", invoke<now>, {}},
    {"clock", invoke<clock>, {}},
    {"write", invoke<write>, {{"fd", Type::integer}, {"text", Type::text}}},
    {"exit", invoke<exit>, {{"code", Type::integer}}},
    {"hasSyscall", invoke<has_syscall>, {{"name", Type::text}}},
    {"sleep", invoke<sleep>, {{"ms", Type::number}}},
    {"readText", invoke<read_text>, {{"path", Type::path}, {"limit", Type::number}}},
    {"readStdin", invoke<read_stdin>, {{"limit", Type::number}}},
    {"writeControl", invoke<write_control>, {{"path", Type::path}, {"text", Type::text}}},
    {"append", invoke<append>, {{"path", Type::path}, {"text", Type::text}}},
    {"writeNew", invoke<write_new>, {{"path", Type::path}, {"text", Type::text}, {"mode", Type::word}}},
    {"writeAtomic",
     invoke<write_atomic>,
     {{"directory", Type::path}, {"name", Type::path}, {"text", Type::text}, {"mode", Type::word}}},
    {"mkdir", invoke<make_directory>, {{"path", Type::path}, {"mode", Type::word}, {"parents", Type::flag}}},
    {"rmdir", invoke<remove_directory_entry>, {{"path", Type::path}}},
    {"unlink", invoke<unlink>, {{"path", Type::path}}},
    {"removeDirectory", invoke<remove_directory>, {{"path", Type::path}}},
    {"readdir", invoke<read_directory>, {{"path", Type::path}}},
    {"lstat", invoke<lstat>, {{"path", Type::path}}},
    {"readLink", invoke<read_link>, {{"path", Type::path}}},
    {"realPath", invoke<real_path>, {{"path", Type::path}}},
    {"statfsType", invoke<statfs_type>, {{"path", Type::path}}},
    {"access", invoke<access>, {{"path", Type::path}, {"mode", Type::integer}}},
    {"unmount", invoke<unmount>, {{"path", Type::path}}},
    {"chown", invoke<chown>, {{"path", Type::path}, {"uid", Type::word}, {"gid", Type::word}}},
    {"openDirectory", invoke<open_directory>, {{"path", Type::path}}},
    {"openFile", invoke<open_file>, {{"path", Type::path}}},
    {"lock", invoke<lock>, {{"fd", Type::integer}, {"waitMs", Type::number}}},
    {"isSameFile", invoke<is_same_file>, {{"fd", Type::integer}, {"path", Type::path}}},
    {"isInherited", invoke<is_inherited>, {{"fd", Type::integer}}},
    {"close", invoke<close>, {{"fd", Type::integer}}},
    {"removeCgroup", invoke<remove_cgroup>, {{"path", Type::path}, {"ms", Type::number}}},
    {"cgroupProcesses", invoke<cgroup_processes>, {{"path", Type::path}}},
    {"writeCgroups", invoke<write_cgroups>, {{"path", Type::path}, {"file", Type::path}, {"text", Type::text}}},
    {"pidfdOpen", invoke<pidfd_open>, {{"pid", Type::integer}}},
    {"pidfdSendSignal", invoke<pidfd_send_signal>, {{"pidfd", Type::integer}, {"signal", Type::integer}}},
    {"waitPidfd", invoke<wait_pidfd>, {{"pidfd", Type::integer}, {"ms", Type::number}}},
    {"reap", invoke<reap>, {{"pidfd", Type::integer}}},
    {"exitStatus", invoke<exit_status>, {{"pidfd", Type::integer}, {"ms", Type::number}}},
    {"monotonic", invoke<monotonic>, {}},
    {"openWatched", invoke<open_watched>, {{"path", Type::path}}},
    {"readWatched", invoke<read_watched>, {{"fd", Type::integer}}},
    {"openEventfd", invoke<open_eventfd>, {}},
    {"readEventfd", invoke<read_eventfd>, {{"fd", Type::integer}}},
    {"poll", invoke<poll>, {{"readable", Type::integer, listed}, {"changed", Type::integer, listed}, {"ms", Type::number}}},
    {"runProgram", invoke<run_program>, {{"program", Type::object, false, false, program}}},
    {"startService", invoke<start_service>, {{"service", Type::object, false, false, service}}},
    {"launch", invoke<launch>, {{"launch", Type::object, false, false, launching}}},
    {"receive", invoke<receive>, {{"channel", Type::integer}, {"waitMs", Type::number}}},
    {"readReport", invoke<read_report>, {{"fd", Type::integer}}},
    {"send",
     invoke<send>,
     {{"channel", Type::integer}, {"message", Type::text}, {"text", Type::text}, {"number", Type::integer, false, optional}}},
    {"receiveBytes", invoke<receive_bytes>, {{"channel", Type::integer}, {"waitMs", Type::number}}},
    {"sendBytes", invoke<send_bytes>, {{"channel", Type::integer}, {"bytes", Type::bytes}}},
    {"listen", invoke<listen>, {{"directory", Type::integer}, {"name", Type::path}}},
    {"connect", invoke<connect>, {{"directory", Type::integer}, {"name", Type::path}}},
    {"openNamespace", invoke<open_namespace>, {{"path", Type::path}}},
    {"moveNetDevice", invoke<move_net_device>, {{"move", Type::object, false, false, net_device_move}}},
    {"configureNetDevice", invoke<configure_net_device>, {{"device", Type::object, false, false, net_device}}},
    {"sendFdToPath", invoke<send_fd_to_path>, {{"path", Type::path}, {"fd", Type::integer}, {"name", Type::text}}},
    {"connectStream", invoke<connect_stream>, {{"path", Type::path}}},
    {"sendFd", invoke<send_fd>, {{"socket", Type::integer}, {"fd", Type::integer}, {"text", Type::text}}},
    {"attachDeviceProgram", invoke<attach_device_program>, {{"cgroup", Type::path}, {"program", Type::bytes}}},
    {"replaceDeviceProgram", invoke<replace_device_program>, {{"cgroup", Type::path}, {"program", Type::bytes}}},
    {"takeWindowSize", invoke<take_window_size>, {{"master", Type::integer}}},
    {"blockSignals", invoke<block_signals>, {}},
    {"supervise",
     invoke<supervise>,
     {{"pidfd", Type::integer}, {"pid", Type::integer}, {"master", Type::integer}, {"ready", Type::object, false, true, ready}}},
    {"setChildSubreaper", invoke<set_child_subreaper>, {}},
    {"listenDatagram", invoke<listen_datagram>, {{"directory", Type::path}, {"shown", Type::path}, {"name", Type::path}}},
    {"awaitReady", invoke<await_ready>, {{"socket", Type::integer}, {"pidfd", Type::integer}}},
    {"sendDatagram", invoke<send_datagram>, {{"path", Type::path}, {"text", Type::text}}},
    {"readCache", invoke<read_cache>, {{"directory", Type::path}, {"key", Type::text}}},
    {"writeCache",
     invoke<write_cache>,
     {{"directory", Type::path}, {"key", Type::text}, {"data", Type::bytes}, {"limit", Type::word}}},
    {"compileSeccomp", invoke<compile_seccomp>, {{"filter", Type::object, false, false, filter}}},
    {"resolveSyscalls", invoke<resolve_syscalls>, {{"architecture", Type::word}, {"names", Type::path, listed}}},
    {"seccompNativeArchitecture", invoke<seccomp_native_architecture>, {}},
    {"seccompHasArchitecture", invoke<seccomp_has_architecture>, {{"architecture", Type::word}}},
    {"seccompHasFlag", invoke<seccomp_has_flag>, {{"flag", Type::word}}},
    {"seccompVersion", invoke<seccomp_version>, {}},
};

} // namespace

std::span<const Function> functions() { return table; }

std::size_t Function::arity() const {
  std::size_t count = 0;
  while (count < std::size(parameters) && parameters[count].name != nullptr) ++count;
  return count;
}

Reply Function::call(std::span<const Value> arguments) const {
  std::string wrong = mismatch({parameters, arity()}, arguments);
  return wrong.empty() ? body(arguments) : Failure{name, EINVAL, std::move(wrong)};
}

} // namespace pocker::host
