import { type Chapter, on } from '../difference.js';

export const linux: Chapter = {
  title: 'Devices, paths, seccomp and versions',
  differences: [
    {
      what: 'The device list may include /dev/null, `maskedPaths` may include all of /proc/sys, and `root.path` may be a link; runc fails in its own init, or refuses.',
      why: 'runtime-spec allows all of these.',
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
      what: 'A device without numbers, of an unknown type, or at a path where something else exists is an error; runc and crun make it 0:0, or use what is there.',
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
      what: 'In a user namespace, a device that the host does not have under that path is made outside and bound, with the mode and owner from the config; crun 1.8 does not set them, and runc cannot make the device.',
      why: 'config-linux.md, Devices. crun makes it the same way, where the kernel allows it.',
      where: [on('runc, crun', 'linux/device * in a user namespace', 'exit run|file *|mount *|left in rootfs *')],
    },
    {
      what: '`readonlyPaths` with `/` makes the root itself read-only; runc also binds it on itself, and crun only does that, which no process sees.',
      why: 'As with runc, but without mounts that nobody can reach.',
      where: [on('runc, crun', 'linux/readonlyPaths /|linux/readonlyPaths / in *', 'mount *|seen')],
    },
    {
      what: 'What is mounted below a read-only path is read-only, too; with runc and crun a container can write there.',
      why: 'config-linux.md: readonlyPaths "will set the provided paths as readonly inside the container", and what is mounted below is part of them.',
      where: [on('runc, crun', 'linux/readonlyPaths a directory with a mount below*', 'mount /d/m|seen')],
    },
    {
      what: 'A relative device path starts at the root; crun starts at /dev, and refuses file types in `fileMode`.',
      why: 'As with runc.',
      where: [
        on('crun', 'linux/device with a relative path', 'file *|left in rootfs *'),
        on('crun 1.8', 'linux/device with mode 0100666', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'A masked directory has mode 0555, nosuid, nodev and noexec, and a masked file is the host’s /dev/null; runc’s and crun’s masks differ slightly.',
      why: 'With any of them, nothing can be read or written.',
      where: [on('runc, crun', 'linux/maskedPaths *', 'mount /*|file /*|seen')],
    },
    {
      what: 'A masked or read-only path below a file counts as missing; runc and crun fail.',
      why: 'There is nothing to hide.',
      where: [on('runc, crun', 'linux/* below a file*', 'exit run', { ours: '0', theirs: '1' })],
    },
    {
      what: 'A relative or empty masked or read-only path is an error; runc and crun ignore it or resolve it from somewhere.',
      why: 'config-linux.md: "The values MUST be absolute paths in the container namespace."',
      where: [on('runc, crun', 'linux/* a relative path*|linux/* an empty path*', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'A path listed twice as read-only is mounted once; a file in a read-only directory stays read-only with its directory (crun 1.8 makes the file writable again).',
      why: 'The effect is the same.',
      where: [
        on(
          'runc, crun',
          'linux/readonlyPaths a file twice*|linux/readonlyPaths a file and its directory*|linux/maskedPaths /proc files*',
          'mount *|seen',
        ),
      ],
    },
    {
      what: 'Contradictions in `linux.seccomp` are errors: an errno for an action that has none, no `defaultAction`, no `names`, metadata or notification without a listener; runc and crun ignore some of them.',
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
      what: 'A filter that kills a thread of the runtime makes runc 1.5 hang; pocker-runc reports that execve is not allowed. The flag WAIT_KILLABLE_RECV works with the machine’s libseccomp; runc needs a newer one. crun connects to a listener that no rule uses.',
      why: 'The kernel supports the flag; the listener would never receive anything.',
      where: [
        on('runc 1.5', 'linux/seccomp default SCMP_ACT_KILL*', 'exit run|left'),
        on('runc', 'linux/seccomp flag SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', 'exit run', { ours: '0', theirs: '1' }),
        on('crun', 'linux/seccomp listener without NOTIFY', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'An `ociVersion` that is not SemVer, or not 1.x, is an error; crun 1.8 refuses 1.2 and newer.',
      why: 'config.md, Specification version: MUST be in SemVer format; nobody knows what another major version will mean.',
      where: [
        on('runc', 'linux/ociVersion *', 'exit run', { ours: '1', theirs: '0' }),
        on('crun 1.8', 'linux/ociVersion *', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'crun 1.8 ignores some fields, or accepts anything in them: `rootfsPropagation`, `memoryPolicy`, `netDevices`, `intelRdt`. It validates sections for other operating systems.',
      why: 'That release is older than most of these fields.',
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
      why: 'config.md, Annotations: "Keys MUST NOT be an empty string." The label has no effect there; with `--strict` it is an error.',
      where: [
        on('runc, crun', 'linux/annotations with an empty key', 'exit run', { ours: '1', theirs: '0' }),
        on('runc', 'linux/mountLabel x', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
  ],
};
