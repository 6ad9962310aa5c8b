// The table that both bindings make the Host object of.
#include "functions.h"

#include <cerrno>

#include "shape.h"

namespace pocker::host {
namespace {

template <Reply (*function)(const Arguments &)> Reply enter(std::span<const Value> values) { return function(Arguments{values}); }

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
                                   {"cgroup", Type::path},
                                   {"joins", Type::path, listed},
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
    {"env", enter<env>, {{"name", Type::path}}},
    {"cwd", enter<cwd>, {}},
    {"now", enter<now>, {}},
    {"write", enter<write>, {{"fd", Type::integer}, {"text", Type::text}}},
    {"exit", enter<exit>, {{"code", Type::integer}}},
    {"sleep", enter<sleep>, {{"ms", Type::number}}},
    {"readText", enter<read_text>, {{"path", Type::path}, {"limit", Type::number}}},
    {"readStdin", enter<read_stdin>, {{"limit", Type::number}}},
    {"writeControl", enter<write_control>, {{"path", Type::path}, {"text", Type::text}}},
    {"append", enter<append>, {{"path", Type::path}, {"text", Type::text}}},
    {"writeNew", enter<write_new>, {{"path", Type::path}, {"text", Type::text}, {"mode", Type::word}}},
    {"writeAtomic",
     enter<write_atomic>,
     {{"directory", Type::path}, {"name", Type::path}, {"text", Type::text}, {"mode", Type::word}}},
    {"mkdir", enter<make_directory>, {{"path", Type::path}, {"mode", Type::word}, {"parents", Type::flag}}},
    {"rmdir", enter<remove_directory_entry>, {{"path", Type::path}}},
    {"unlink", enter<unlink>, {{"path", Type::path}}},
    {"removeDirectory", enter<remove_directory>, {{"path", Type::path}}},
    {"list", enter<list>, {{"path", Type::path}}},
    {"stat", enter<stat>, {{"path", Type::path}}},
    {"readLink", enter<read_link>, {{"path", Type::path}}},
    {"realPath", enter<real_path>, {{"path", Type::path}}},
    {"filesystem", enter<filesystem>, {{"path", Type::path}}},
    {"access", enter<access>, {{"path", Type::path}, {"mode", Type::integer}}},
    {"unmount", enter<unmount>, {{"path", Type::path}}},
    {"chown", enter<chown>, {{"path", Type::path}, {"uid", Type::word}, {"gid", Type::word}}},
    {"openDirectory", enter<open_directory>, {{"path", Type::path}}},
    {"openFile", enter<open_file>, {{"path", Type::path}}},
    {"lock", enter<lock>, {{"fd", Type::integer}, {"waitMs", Type::number}}},
    {"isSame", enter<is_same>, {{"fd", Type::integer}, {"path", Type::path}}},
    {"isInherited", enter<is_inherited>, {{"fd", Type::integer}}},
    {"close", enter<close>, {{"fd", Type::integer}}},
    {"openProcess", enter<open_process>, {{"pid", Type::integer}}},
    {"signal", enter<signal>, {{"pidfd", Type::integer}, {"signal", Type::integer}}},
    {"waitProcess", enter<wait_process>, {{"pidfd", Type::integer}, {"ms", Type::number}}},
    {"reap", enter<reap>, {{"pidfd", Type::integer}}},
    {"monotonic", enter<monotonic>, {}},
    {"openWatched", enter<open_watched>, {{"path", Type::path}}},
    {"readWatched", enter<read_watched>, {{"fd", Type::integer}}},
    {"openCounter", enter<open_counter>, {}},
    {"readCounter", enter<read_counter>, {{"fd", Type::integer}}},
    {"await", enter<await>, {{"readable", Type::integer, listed}, {"changed", Type::integer, listed}, {"ms", Type::number}}},
    {"runProgram", enter<run_program>, {{"program", Type::object, false, false, program}}},
    {"startService", enter<start_service>, {{"service", Type::object, false, false, service}}},
    {"launch", enter<launch>, {{"launch", Type::object, false, false, launching}}},
    {"receive", enter<receive>, {{"channel", Type::integer}, {"waitMs", Type::number}}},
    {"readReport", enter<read_report>, {{"fd", Type::integer}}},
    {"send", enter<send>, {{"channel", Type::integer}, {"message", Type::text}, {"text", Type::text}}},
    {"receiveBytes", enter<receive_bytes>, {{"channel", Type::integer}, {"waitMs", Type::number}}},
    {"sendBytes", enter<send_bytes>, {{"channel", Type::integer}, {"bytes", Type::bytes}}},
    {"listen", enter<listen>, {{"directory", Type::integer}, {"name", Type::path}}},
    {"connect", enter<connect>, {{"directory", Type::integer}, {"name", Type::path}}},
    {"openNamespace", enter<open_namespace>, {{"path", Type::path}}},
    {"moveNetDevice", enter<move_net_device>, {{"move", Type::object, false, false, net_device_move}}},
    {"configureNetDevice", enter<configure_net_device>, {{"device", Type::object, false, false, net_device}}},
    {"sendFd", enter<send_fd>, {{"path", Type::path}, {"fd", Type::integer}, {"name", Type::text}}},
    {"connectStream", enter<connect_stream>, {{"path", Type::path}}},
    {"sendDescriptor", enter<send_descriptor>, {{"socket", Type::integer}, {"fd", Type::integer}, {"text", Type::text}}},
    {"attachDeviceProgram", enter<attach_device_program>, {{"cgroup", Type::path}, {"program", Type::bytes}}},
    {"replaceDeviceProgram", enter<replace_device_program>, {{"cgroup", Type::path}, {"program", Type::bytes}}},
    {"takeWindowSize", enter<take_window_size>, {{"master", Type::integer}}},
    {"holdSignals", enter<hold_signals>, {}},
    {"supervise",
     enter<supervise>,
     {{"pidfd", Type::integer}, {"pid", Type::integer}, {"master", Type::integer}, {"ready", Type::object, false, true, ready}}},
    {"subreaper", enter<subreaper>, {}},
    {"listenDatagram", enter<listen_datagram>, {{"directory", Type::path}, {"shown", Type::path}, {"name", Type::path}}},
    {"awaitReady", enter<await_ready>, {{"socket", Type::integer}, {"pidfd", Type::integer}}},
    {"sendDatagram", enter<send_datagram>, {{"path", Type::path}, {"text", Type::text}}},
    {"readCache", enter<read_cache>, {{"directory", Type::path}, {"key", Type::text}}},
    {"writeCache",
     enter<write_cache>,
     {{"directory", Type::path}, {"key", Type::text}, {"data", Type::bytes}, {"limit", Type::word}}},
    {"compileSeccomp", enter<compile_seccomp>, {{"filter", Type::object, false, false, filter}}},
    {"resolveSyscalls", enter<resolve_syscalls>, {{"architecture", Type::word}, {"names", Type::path, listed}}},
    {"seccompNative", enter<seccomp_native>, {}},
    {"seccompKnows", enter<seccomp_knows>, {{"architecture", Type::word}}},
    {"seccompTakes", enter<seccomp_takes>, {{"flag", Type::word}}},
    {"seccompVersion", enter<seccomp_version>, {}},
};

} // namespace

std::span<const Function> functions() { return table; }

std::size_t Function::arity() const {
  std::size_t count = 0;
  while (count < std::size(parameters) && parameters[count].name != nullptr) ++count;
  return count;
}

Reply Function::call(std::span<const Value> arguments) const {
  std::string wrong = misfit({parameters, arity()}, arguments);
  return wrong.empty() ? body(arguments) : Failure{name, EINVAL, std::move(wrong)};
}

} // namespace pocker::host
