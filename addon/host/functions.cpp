// The table from which both bindings make the Host object: by subject and in the order of the interfaces in src/host/calls/, with
// which src/host/contract.test.ts compares it.
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
                                 {"stdoutFd", Type::integer, false, optional},
                                 {"stdin", Type::text},
                                 {"sharesStdin", Type::flag, false, optional},
                                 {"timeoutMs", Type::number},
                                 {"endsWithUs", Type::flag, false, optional},
                                 {"keep", Type::number, false, optional}};
constexpr Parameter mounting[] = {
    {"source", Type::path}, {"target", Type::path}, {"type", Type::path}, {"flags", Type::word}, {"data", Type::path}};
constexpr Parameter detaching[] = {{"keys", Type::bytes}};
constexpr Parameter attachment[] = {{"socket", Type::integer}, {"pidfd", Type::integer},    {"input", Type::flag},
                                    {"terminal", Type::flag},  {"detachKeys", Type::bytes}, {"control", Type::path}};
constexpr Parameter service[] = {{"path", Type::path},        {"args", Type::path, listed},
                                 {"env", Type::path, listed}, {"fds", Type::integer, listed},
                                 {"root", Type::path},        {"cwd", Type::path, false, optional}};
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
constexpr Parameter veth[] = {{"network", Type::integer}, {"bridge", Type::path}, {"hostName", Type::path},
                              {"name", Type::path},       {"mac", Type::path},    {"address", Type::path},
                              {"prefix", Type::word},     {"gateway", Type::path}};
constexpr Parameter ready[] = {{"socket", Type::integer}, {"path", Type::path}, {"text", Type::text}};
constexpr Parameter comparison[] = {{"index", Type::word}, {"op", Type::word}, {"value", Type::wide}, {"valueTwo", Type::wide}};
constexpr Parameter rule[] = {
    {"action", Type::word}, {"names", Type::path, listed}, {"args", Type::object, listed, false, comparison}};
constexpr Parameter filter[] = {
    {"defaultAction", Type::word}, {"architectures", Type::word, listed}, {"rules", Type::object, listed, false, rule}};

constexpr Function table[] = {
    // src/host/calls/cgroups.ts
    {"removeCgroup", invoke<remove_cgroup>, {{"path", Type::path}, {"ms", Type::number}}},
    {"cgroupProcesses", invoke<cgroup_processes>, {{"path", Type::path}}},
    {"writeCgroups", invoke<write_cgroups>, {{"path", Type::path}, {"file", Type::path}, {"text", Type::text}}},
    {"attachDeviceProgram", invoke<attach_device_program>, {{"cgroup", Type::path}, {"program", Type::bytes}}},
    {"replaceDeviceProgram", invoke<replace_device_program>, {{"cgroup", Type::path}, {"program", Type::bytes}}},
    // src/host/calls/environment.ts
    {"env", invoke<env>, {{"name", Type::path}}},
    {"cwd", invoke<cwd>, {}},
    {"now", invoke<now>, {}},
    {"clock", invoke<clock>, {}},
    {"monotonic", invoke<monotonic>, {}},
    {"sleep", invoke<sleep>, {{"ms", Type::number}}},
    {"write", invoke<write>, {{"fd", Type::integer}, {"text", Type::text}}},
    {"writeBytes", invoke<write_bytes>, {{"fd", Type::integer}, {"bytes", Type::bytes}}},
    {"exit", invoke<exit>, {{"code", Type::integer}}},
    {"readStdin", invoke<read_stdin>, {{"limit", Type::number}}},
    {"readInput", invoke<read_input>, {{"limit", Type::number}}},
    {"hasSyscall", invoke<has_syscall>, {{"name", Type::text}}},
    {"setChildSubreaper", invoke<set_child_subreaper>, {}},
    {"isInherited", invoke<is_inherited>, {{"fd", Type::integer}}},
    // src/host/calls/events.ts
    {"openWatched", invoke<open_watched>, {{"path", Type::path}}},
    {"readWatched", invoke<read_watched>, {{"fd", Type::integer}}},
    {"watchDirectory", invoke<watch_directory>, {{"path", Type::path}}},
    {"forgetChanges", invoke<forget_changes>, {{"fd", Type::integer}}},
    {"openEventfd", invoke<open_eventfd>, {}},
    {"readEventfd", invoke<read_eventfd>, {{"fd", Type::integer}}},
    {"poll", invoke<poll>, {{"readable", Type::integer, listed}, {"changed", Type::integer, listed}, {"ms", Type::number}}},
    // src/host/calls/files.ts
    {"readText", invoke<read_text>, {{"path", Type::path}, {"limit", Type::number}}},
    {"readRegular", invoke<read_regular>, {{"path", Type::path}, {"limit", Type::number}}},
    {"readTextInRoot", invoke<read_text_in_root>, {{"root", Type::path}, {"path", Type::path}, {"limit", Type::number}}},
    {"readAt", invoke<read_at>, {{"path", Type::path}, {"offset", Type::number}, {"limit", Type::number}}},
    {"writeControl", invoke<write_control>, {{"path", Type::path}, {"text", Type::text}}},
    {"append", invoke<append>, {{"path", Type::path}, {"text", Type::text}}},
    {"writeNew", invoke<write_new>, {{"path", Type::path}, {"text", Type::text}, {"mode", Type::word}}},
    {"overwrite", invoke<overwrite>, {{"path", Type::path}, {"text", Type::text}, {"mode", Type::word}}},
    {"writeAtomic",
     invoke<write_atomic>,
     {{"directory", Type::path}, {"name", Type::path}, {"text", Type::text}, {"mode", Type::word}}},
    {"fsync", invoke<sync_names>, {{"directory", Type::path}}},
    {"syncfs", invoke<sync_filesystem>, {{"directory", Type::path}}},
    {"mkdir", invoke<make_directory>, {{"path", Type::path}, {"mode", Type::word}, {"parents", Type::flag}}},
    {"rmdir", invoke<remove_directory_entry>, {{"path", Type::path}}},
    {"unlink", invoke<unlink>, {{"path", Type::path}}},
    {"rename", invoke<rename>, {{"from", Type::path}, {"to", Type::path}}},
    {"link", invoke<link>, {{"from", Type::path}, {"to", Type::path}}},
    {"symlink", invoke<symlink>, {{"target", Type::path}, {"path", Type::path}}},
    {"removeDirectory", invoke<remove_directory>, {{"path", Type::path}}},
    {"readdir", invoke<read_directory>, {{"path", Type::path}}},
    {"lstat", invoke<lstat>, {{"path", Type::path}}},
    {"readLink", invoke<read_link>, {{"path", Type::path}}},
    {"realPath", invoke<real_path>, {{"path", Type::path}}},
    {"statfsType", invoke<statfs_type>, {{"path", Type::path}}},
    {"access", invoke<access>, {{"path", Type::path}, {"mode", Type::integer}}},
    {"chown", invoke<chown>, {{"path", Type::path}, {"uid", Type::word}, {"gid", Type::word}}},
    {"openDirectory", invoke<open_directory>, {{"path", Type::path}}},
    {"openInRoot", invoke<open_in_root>, {{"root", Type::path}, {"path", Type::path}, {"follow", Type::flag}}},
    {"openFile", invoke<open_file>, {{"path", Type::path}}},
    {"duplicate", invoke<duplicate>, {{"from", Type::integer}, {"to", Type::integer}}},
    {"lock", invoke<lock>, {{"fd", Type::integer}, {"waitMs", Type::number}}},
    {"isSameFile", invoke<is_same_file>, {{"fd", Type::integer}, {"path", Type::path}}},
    {"close", invoke<close>, {{"fd", Type::integer}}},
    {"readCache", invoke<read_cache>, {{"directory", Type::path}, {"key", Type::text}}},
    {"writeCache",
     invoke<write_cache>,
     {{"directory", Type::path}, {"key", Type::text}, {"data", Type::bytes}, {"limit", Type::word}}},
    // src/host/calls/init.ts
    {"launch", invoke<launch>, {{"launch", Type::object, false, false, launching}}},
    {"receive", invoke<receive>, {{"channel", Type::integer}, {"waitMs", Type::number}}},
    {"readReport", invoke<read_report>, {{"fd", Type::integer}}},
    {"send",
     invoke<send>,
     {{"channel", Type::integer}, {"message", Type::text}, {"text", Type::text}, {"number", Type::integer, false, optional}}},
    {"listen", invoke<listen>, {{"directory", Type::integer}, {"name", Type::path}}},
    {"connect", invoke<connect>, {{"directory", Type::integer}, {"name", Type::path}}},
    // src/host/calls/layers.ts
    {"convertWhiteouts", invoke<convert_whiteouts>, {{"directory", Type::path}, {"opaque", Type::path}}},
    {"exportWhiteouts", invoke<export_whiteouts>, {{"upper", Type::path}, {"target", Type::path}, {"opaque", Type::path}}},
    {"isOpaque", invoke<is_opaque_directory>, {{"directory", Type::path}, {"opaque", Type::path}}},
    {"treeSize", invoke<tree_size>, {{"directory", Type::path}}},
    {"copyTree", invoke<copy_tree>, {{"from", Type::path}, {"to", Type::path}, {"archive", Type::flag}}},
    // src/host/calls/mounts.ts
    {"mount", invoke<mount>, {{"mount", Type::object, false, false, mounting}}},
    {"unmount", invoke<unmount>, {{"path", Type::path}}},
    // src/host/calls/network.ts
    {"makeNetworkNamespace", invoke<make_network_namespace>, {{"path", Type::path}}},
    {"makeBridge", invoke<make_bridge>, {{"name", Type::path}, {"address", Type::path}, {"prefix", Type::word}}},
    {"makeVeth", invoke<make_veth>, {{"veth", Type::object, false, false, veth}}},
    {"removeNetDevice", invoke<remove_net_device>, {{"name", Type::path}}},
    {"openNamespace", invoke<open_namespace>, {{"path", Type::path}}},
    {"moveNetDevice", invoke<move_net_device>, {{"move", Type::object, false, false, net_device_move}}},
    {"configureNetDevice", invoke<configure_net_device>, {{"device", Type::object, false, false, net_device}}},
    // src/host/calls/notify.ts
    {"listenDatagram", invoke<listen_datagram>, {{"directory", Type::path}, {"shown", Type::path}, {"name", Type::path}}},
    {"awaitReady", invoke<await_ready>, {{"socket", Type::integer}, {"pidfd", Type::integer}}},
    {"sendDatagram", invoke<send_datagram>, {{"path", Type::path}, {"text", Type::text}}},
    // src/host/calls/processes.ts
    {"pidfdOpen", invoke<pidfd_open>, {{"pid", Type::integer}}},
    {"pidfdSendSignal", invoke<pidfd_send_signal>, {{"pidfd", Type::integer}, {"signal", Type::integer}}},
    {"waitPidfd", invoke<wait_pidfd>, {{"pidfd", Type::integer}, {"ms", Type::number}}},
    {"reap", invoke<reap>, {{"pidfd", Type::integer}}},
    {"exitStatus", invoke<exit_status>, {{"pidfd", Type::integer}, {"ms", Type::number}}},
    {"runProgram", invoke<run_program>, {{"program", Type::object, false, false, program}}},
    {"execute", invoke<execute>, {{"path", Type::path}, {"args", Type::path, listed}, {"env", Type::path, listed}}},
    {"startService", invoke<start_service>, {{"service", Type::object, false, false, service}}},
    {"receiveBytes", invoke<receive_bytes>, {{"channel", Type::integer}, {"waitMs", Type::number}}},
    {"sendBytes", invoke<send_bytes>, {{"channel", Type::integer}, {"bytes", Type::bytes}}},
    // src/host/calls/seccomp.ts
    {"compileSeccomp", invoke<compile_seccomp>, {{"filter", Type::object, false, false, filter}}},
    {"resolveSyscalls", invoke<resolve_syscalls>, {{"architecture", Type::word}, {"names", Type::path, listed}}},
    {"seccompNativeArchitecture", invoke<seccomp_native_architecture>, {}},
    {"seccompHasArchitecture", invoke<seccomp_has_architecture>, {{"architecture", Type::word}}},
    {"seccompHasFlag", invoke<seccomp_has_flag>, {{"flag", Type::word}}},
    {"seccompVersion", invoke<seccomp_version>, {}},
    // src/host/calls/terminal.ts
    {"isTerminal", invoke<is_terminal>, {{"fd", Type::integer}}},
    {"windowSize", invoke<window_size>, {{"fd", Type::integer}}},
    {"attach", invoke<attach>, {{"attachment", Type::object, false, false, attachment}}},
    {"sendFdToPath", invoke<send_fd_to_path>, {{"path", Type::path}, {"fd", Type::integer}, {"name", Type::text}}},
    {"connectStream", invoke<connect_stream>, {{"path", Type::path}}},
    {"sendFd", invoke<send_fd>, {{"socket", Type::integer}, {"fd", Type::integer}, {"text", Type::text}}},
    {"setUpTerminal", invoke<set_up_terminal>, {{"master", Type::integer}}},
    {"blockSignals", invoke<block_signals>, {}},
    {"supervise",
     invoke<supervise>,
     {{"pidfd", Type::integer},
      {"pid", Type::integer},
      {"master", Type::integer},
      {"ready", Type::object, false, true, ready},
      {"detaching", Type::object, false, true, detaching}}},
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
