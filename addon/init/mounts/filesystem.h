// A new filesystem, created detached with the mount API of Linux 5.2.
#pragma once

#include "../context.h"

namespace pocker::init {

/// No mode is inherited.
inline constexpr std::uint32_t no_mode = ~0U;
/// "mode=0750"; "" for no_mode.
const char *mode_parameter(std::uint32_t mode);

/// fsopen(2), fsconfig(2), fsmount(2). `mount` is detached; the outcome's text has what the filesystem says about a failure.
Outcome make_filesystem(const plan::MountFilesystem &operation, std::uint32_t mode, UniqueFd &mount);

/// fsconfig(2) of one parameter ("key=value" or "flag"), with the filesystem's message.
Outcome configure(int context, const char *parameter);
/// The superblock flags (MS_*) that fsconfig(2) knows by name.
Outcome configure_flags(int context, std::uint32_t flags, std::uint32_t clear);

using Parameters = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;
Outcome configure_all(int context, const Parameters *parameters);
Outcome configure_command(int context, unsigned command, const char *what);

} // namespace pocker::init
