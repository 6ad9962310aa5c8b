// The methods of the Host interface (src/host/calls), grouped by source file. They are documented there.
#pragma once

#include "arguments.h"

namespace pocker::host {

// environment.cpp
Reply env(const Arguments &);
Reply cwd(const Arguments &);
Reply now(const Arguments &);
Reply clock(const Arguments &);
Reply write(const Arguments &);
Reply write_bytes(const Arguments &);
Reply exit(const Arguments &);
Reply sleep(const Arguments &);

// files.cpp
Reply read_text(const Arguments &);
Reply read_regular(const Arguments &);
Reply read_text_in_root(const Arguments &);
Reply read_at(const Arguments &);
Reply read_stdin(const Arguments &);
Reply read_input(const Arguments &);
Reply write_control(const Arguments &);
Reply append(const Arguments &);
Reply write_new(const Arguments &);
Reply write_atomic(const Arguments &);
Reply sync_names(const Arguments &);
Reply sync_filesystem(const Arguments &);
Reply overwrite(const Arguments &);

// directories.cpp
Reply make_directory(const Arguments &);
Reply remove_directory_entry(const Arguments &);
Reply unlink(const Arguments &);
Reply rename(const Arguments &);
Reply link(const Arguments &);
Reply symlink(const Arguments &);
Reply remove_directory(const Arguments &);
Reply read_directory(const Arguments &);
Reply lstat(const Arguments &);
Reply read_link(const Arguments &);
Reply real_path(const Arguments &);
Reply statfs_type(const Arguments &);
Reply access(const Arguments &);
Reply chown(const Arguments &);

// mounts.cpp
Reply mount(const Arguments &);
Reply unmount(const Arguments &);

// layers.cpp
Reply convert_whiteouts(const Arguments &);
Reply export_whiteouts(const Arguments &);
Reply is_opaque_directory(const Arguments &);
Reply tree_size(const Arguments &);

// trees.cpp
Reply copy_tree(const Arguments &);

// cgroups.cpp
Reply remove_cgroup(const Arguments &);
Reply cgroup_processes(const Arguments &);
Reply write_cgroups(const Arguments &);

// descriptors.cpp
Reply open_directory(const Arguments &);
Reply open_in_root(const Arguments &);
Reply open_file(const Arguments &);
Reply duplicate(const Arguments &);
Reply lock(const Arguments &);
Reply is_same_file(const Arguments &);
Reply is_inherited(const Arguments &);
Reply close(const Arguments &);

// processes.cpp
Reply pidfd_open(const Arguments &);
Reply pidfd_send_signal(const Arguments &);
Reply wait_pidfd(const Arguments &);
Reply reap(const Arguments &);
Reply exit_status(const Arguments &);
Reply set_child_subreaper(const Arguments &);

// waiting.cpp
Reply monotonic(const Arguments &);
Reply open_watched(const Arguments &);
Reply read_watched(const Arguments &);
Reply watch_directory(const Arguments &);
Reply forget_changes(const Arguments &);
Reply open_eventfd(const Arguments &);
Reply read_eventfd(const Arguments &);
Reply poll(const Arguments &);

// kernel.cpp
Reply has_syscall(const Arguments &);

// programs.cpp
Reply run_program(const Arguments &);
Reply execute(const Arguments &);

// attach.cpp
Reply attach(const Arguments &);

// service.cpp
Reply start_service(const Arguments &);

// launch.cpp
Reply launch(const Arguments &);

// channel.cpp
Reply receive(const Arguments &);
Reply read_report(const Arguments &);
Reply send(const Arguments &);
Reply receive_bytes(const Arguments &);
Reply send_bytes(const Arguments &);
Reply listen(const Arguments &);
Reply connect(const Arguments &);
Reply send_fd_to_path(const Arguments &);
Reply connect_stream(const Arguments &);
Reply send_fd(const Arguments &);

// net_devices.cpp
Reply open_namespace(const Arguments &);
Reply move_net_device(const Arguments &);
Reply configure_net_device(const Arguments &);

// networks.cpp
Reply make_network_namespace(const Arguments &);
Reply make_bridge(const Arguments &);
Reply make_veth(const Arguments &);
Reply remove_net_device(const Arguments &);

// device_program.cpp
Reply attach_device_program(const Arguments &);
Reply replace_device_program(const Arguments &);

// supervise.cpp
Reply set_up_terminal(const Arguments &);
Reply is_terminal(const Arguments &);
Reply window_size(const Arguments &);
Reply block_signals(const Arguments &);
Reply supervise(const Arguments &);

// notify.cpp
Reply listen_datagram(const Arguments &);
Reply await_ready(const Arguments &);
Reply send_datagram(const Arguments &);

// cache.cpp
Reply read_cache(const Arguments &);
Reply write_cache(const Arguments &);

// seccomp.cpp
Reply compile_seccomp(const Arguments &);
Reply resolve_syscalls(const Arguments &);
Reply seccomp_native_architecture(const Arguments &);
Reply seccomp_has_architecture(const Arguments &);
Reply seccomp_has_flag(const Arguments &);
Reply seccomp_version(const Arguments &);

} // namespace pocker::host
