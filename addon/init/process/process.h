// What config.json's `process` asks of the kernel, one call each.
#pragma once

#include "../context.h"

namespace pocker::init {

Outcome close_on_exec(std::uint32_t preserve);
Outcome hostname(const plan::Hostname &operation);
Outcome domainname(const plan::Domainname &operation);
Outcome rlimit(const plan::Rlimit &operation);
Outcome scheduler(const plan::Scheduler &operation);
Outcome io_priority(const plan::IoPriority &operation);
Outcome personality(const plan::Personality &operation);
Outcome memory_policy(const plan::MemoryPolicy &operation);
Outcome cpu_affinity(const plan::CpuAffinity &operation);
Outcome keyring(Context &context, const plan::Keyring &operation);
Outcome new_session();
Outcome working_directory(Context &context, const plan::WorkingDirectory &operation);
Outcome umask(const plan::Umask &operation);

} // namespace pocker::init
