import { type Chapter, on } from '../difference.js';

export const linux: Chapter = {
  title: 'Devices, paths, seccomp and versions',
  differences: [
    {
      what: 'A list of devices may have /dev/null, `maskedPaths` the whole of /proc/sys, and `root.path` may be a link; runc fails in its own init, or refuses.',
      why: 'runtime-spec allows each of them.',
      where: [
        on(
          'runc',
          'linux/device /dev/null*|linux/maskedPaths /proc files*|linux/root path of a link|linux/rootfsPropagation "runbindable" in *',
          'exit run',
          { ours: '0', theirs: '1' },
        ),
      ],
    },
    {
      what: 'A device without its numbers, of an unknown type, or where something else is already, is an error; runc and crun make 0:0, and take what is there.',
      why: 'config-linux.md, Devices: the numbers are REQUIRED; "If a file already exists at path that does not match the requested device, the runtime MUST generate an error."',
      where: [
        on(
          'runc, crun',
          'linux/device without numbers*|linux/device twice, unlike|linux/device where a file is|linux/device where a link is',
          'exit run',
          { ours: '1', theirs: '0' },
        ),
        on('crun', 'linux/device of type a*', 'exit run', { ours: '1', theirs: '0' }),
      ],
    },
    {
      what: 'In a user namespace, a device that the machine does not have by that path is made outside and bound, with the mode and the owner that the config gives it; crun 1.8 leaves both as they come, runc cannot make it.',
      why: 'config-linux.md, Devices. As with crun, where the kernel allows it.',
      where: [on('runc, crun', 'linux/device * in a user namespace', 'exit run|file *|mount *|left in rootfs *')],
    },
    {
      what: '`readonlyPaths` with `/` makes the root read-only itself; runc binds it on itself besides, crun does that alone, which no process sees.',
      why: 'As runc, without mounts that nobody can reach.',
      where: [on('runc, crun', 'linux/readonlyPaths /|linux/readonlyPaths / in *', 'mount *|seen')],
    },
    {
      what: 'A relative path of a device is taken from the root; crun takes it from /dev, and refuses file types in `fileMode`.',
      why: 'As runc.',
      where: [
        on('crun', 'linux/device with a relative path', 'file *|left in rootfs *'),
        on('crun 1.8', 'linux/device with mode 0100666', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'A masked directory has mode 0555, and nosuid, nodev and noexec; a masked file is the machine’s /dev/null, and runc’s and crun’s masks are a little different.',
      why: 'Nothing can be read or written in any of them.',
      where: [on('runc, crun', 'linux/maskedPaths *', 'mount /*|file /*|seen')],
    },
    {
      what: 'A masked or read-only path below a file is no path, like any that is missing; runc and crun fail.',
      why: 'There is nothing to hide.',
      where: [on('runc, crun', 'linux/* below a file*', 'exit run', { ours: '0', theirs: '1' })],
    },
    {
      what: 'A masked or read-only path that is relative or empty is an error; runc and crun ignore it or take it from somewhere.',
      why: 'config-linux.md: "The values MUST be absolute paths in the container namespace."',
      where: [on('runc, crun', 'linux/* a relative path*|linux/* an empty path*', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'A path that is read-only twice is mounted once; a file below a read-only directory stays read-only with its directory (crun 1.8 makes the file writable again).',
      why: 'It has the same effect.',
      where: [
        on(
          'runc, crun',
          'linux/readonlyPaths a file twice*|linux/readonlyPaths a file and its directory*|linux/maskedPaths /proc files*',
          'mount *|seen',
        ),
      ],
    },
    {
      what: 'Contradictions in `linux.seccomp` are errors: an errno of an action that has none, no `defaultAction`, no `names`, metadata or notification without a listener; runc and crun ignore some of them.',
      why: 'config-linux.md, Seccomp: required fields, and "MUST NOT be set" without a listener.',
      where: [
        on(
          'runc',
          'linux/seccomp {}|linux/seccomp *rrnoRet of another action|linux/seccomp no names|linux/seccomp metadata *',
          'exit run',
          { ours: '1', theirs: '0' },
        ),
        on('crun', 'linux/seccomp rule SCMP_ACT_NOTIFY*|linux/seccomp no names|linux/seccomp metadata *', 'exit run', {
          ours: '1',
          theirs: '0',
        }),
      ],
    },
    {
      what: 'A filter that kills a thread of the runtime makes runc 1.5 hang; ours says that execve is not allowed. The flag WAIT_KILLABLE_RECV needs no newer libseccomp than the machine’s; crun connects to a listener that no rule uses.',
      why: 'The kernel can do it; nothing would come to the listener.',
      where: [
        on('runc 1.5', 'linux/seccomp default SCMP_ACT_KILL*', 'exit run|left'),
        on('runc', 'linux/seccomp flag SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 'exit run', { ours: '0', theirs: '1' }),
        on('crun', 'linux/seccomp listener without NOTIFY', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'An `ociVersion` that is no SemVer, or not 1.x, is an error with us; crun 1.8 refuses 1.2 and newer.',
      why: 'config.md, Specification version: MUST be in SemVer format; what another major version means is not known.',
      where: [
        on('runc', 'linux/ociVersion *', 'exit run', { ours: '1', theirs: '0' }),
        on('crun 1.8', 'linux/ociVersion *', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'Fields that crun 1.8 ignores, or takes anything for: `rootfsPropagation`, `memoryPolicy`, `netDevices`, `intelRdt`; and sections of other systems that it judges.',
      why: 'That release is older than most of them.',
      where: [
        on(
          'crun 1.8',
          'linux/rootfsPropagation *|linux/memoryPolicy *|linux/netDevices *|linux/intelRdt *|linux/sections *',
          'exit run',
        ),
      ],
    },
    {
      what: 'An annotation without a name is an error; a `mountLabel` on a machine without SELinux is a warning (runc: the mount fails).',
      why: 'config.md, Annotations: "Keys MUST NOT be an empty string." A label that cannot be has no effect, and `--strict` makes an error of it.',
      where: [
        on('runc, crun', 'linux/annotations with an empty key', 'exit run', { ours: '1', theirs: '0' }),
        on('runc', 'linux/mountLabel x', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
  ],
};
