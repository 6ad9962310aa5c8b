// One small function for each operation of the plan; unknown operations are refused.
#include "channel.h"
#include "process/credentials.h"
#include "devices.h"
#include "process/hooks.h"
#include "mounts/mounts.h"
#include "process/namespaces.h"
#include "paths.h"
#include "proc.h"
#include "process/process.h"
#include "process/exec.h"
#include "process/home.h"
#include "process/path_search.h"
#include "mounts/root.h"
#include "process/terminal.h"
#include "mounts/unmount.h"

namespace pocker::init {

Outcome run(Context &context, const plan::Step &step) {
  switch (step.operation_type()) {
  case plan::Operation_JoinNamespace: return join_namespace(context, *step.operation_as_JoinNamespace());
  case plan::Operation_Fork: return fork(context, *step.operation_as_Fork());
  case plan::Operation_Unshare: return unshare(context, *step.operation_as_Unshare());
  case plan::Operation_TimeNamespace: return time_namespace(context, *step.operation_as_TimeNamespace());
  case plan::Operation_Sync: return sync(context, *step.operation_as_Sync());
  case plan::Operation_Loopback: return loopback();
  case plan::Operation_NotDumpable: return not_dumpable();
  case plan::Operation_CloseOnExec: return close_on_exec(step.operation_as_CloseOnExec()->preserve());
  case plan::Operation_OpenRoot: return open_root(context, *step.operation_as_OpenRoot());
  case plan::Operation_BecomeRoot: return become_root(context);
  case plan::Operation_AttachSources: return attach_sources(context);
  case plan::Operation_UnshareMounts: return unshare_mounts(context);
  case plan::Operation_OpenDescriptors: return open_descriptors(context, *step.operation_as_OpenDescriptors());
  case plan::Operation_Unmount: return unmount(context, *step.operation_as_Unmount());
  case plan::Operation_IdMap: return id_map(context, *step.operation_as_IdMap());
  case plan::Operation_OpenSource: return open_source(context, *step.operation_as_OpenSource());
  case plan::Operation_TreePropagation: return tree_propagation(context, *step.operation_as_TreePropagation());
  case plan::Operation_MountRoot: return mount_root(context, *step.operation_as_MountRoot());
  case plan::Operation_MountFilesystem: return mount_filesystem(context, *step.operation_as_MountFilesystem());
  case plan::Operation_MountBind: return mount_bind(context, *step.operation_as_MountBind());
  case plan::Operation_MountAttributes: return mount_attributes(context, *step.operation_as_MountAttributes());
  case plan::Operation_Directory: return directory(context, *step.operation_as_Directory());
  case plan::Operation_Device: return device(context, *step.operation_as_Device());
  case plan::Operation_DeviceNode: return device_node(context, *step.operation_as_DeviceNode());
  case plan::Operation_Symlink: return symlink(context, *step.operation_as_Symlink());
  case plan::Operation_Terminal: return terminal(context, *step.operation_as_Terminal());
  case plan::Operation_EnterRoot: return enter_root(context, *step.operation_as_EnterRoot());
  case plan::Operation_MaskPath: return mask_path(context, *step.operation_as_MaskPath());
  case plan::Operation_ReadonlyPath: return readonly_path(context, *step.operation_as_ReadonlyPath());
  case plan::Operation_WriteProc: return write_proc(context, *step.operation_as_WriteProc());
  case plan::Operation_Hostname: return hostname(*step.operation_as_Hostname());
  case plan::Operation_Domainname: return domainname(*step.operation_as_Domainname());
  case plan::Operation_Rlimit: return rlimit(*step.operation_as_Rlimit());
  case plan::Operation_Scheduler: return scheduler(*step.operation_as_Scheduler());
  case plan::Operation_IoPriority: return io_priority(*step.operation_as_IoPriority());
  case plan::Operation_Personality: return personality(*step.operation_as_Personality());
  case plan::Operation_MemoryPolicy: return memory_policy(*step.operation_as_MemoryPolicy());
  case plan::Operation_CpuAffinity: return cpu_affinity(*step.operation_as_CpuAffinity());
  case plan::Operation_Keyring: return keyring(context, *step.operation_as_Keyring());
  case plan::Operation_NewSession: return new_session();
  case plan::Operation_RunHook: return run_hook(context, *step.operation_as_RunHook());
  case plan::Operation_WorkingDirectory: return working_directory(context, *step.operation_as_WorkingDirectory());
  case plan::Operation_SetUser: return set_user(context, *step.operation_as_SetUser());
  case plan::Operation_Umask: return umask(*step.operation_as_Umask());
  case plan::Operation_DropBounding: return drop_bounding(*step.operation_as_DropBounding());
  case plan::Operation_SetCapabilities: return set_capabilities(context, *step.operation_as_SetCapabilities());
  case plan::Operation_NoNewPrivileges: return no_new_privileges();
  case plan::Operation_Seccomp: return seccomp(context, *step.operation_as_Seccomp());
  case plan::Operation_FindProgram: return find_program(context, *step.operation_as_FindProgram());
  case plan::Operation_SetHome: return set_home(context, *step.operation_as_SetHome());
  case plan::Operation_ShareReport: return share_report(context, *step.operation_as_ShareReport());
  case plan::Operation_Park: return park(context, *step.operation_as_Park());
  case plan::Operation_Exec: return execute(context, *step.operation_as_Exec());
  case plan::Operation_NONE: break;
  }
  return failure("unknown operation", ENOSYS);
}

} // namespace pocker::init
