import { type Chapter, on } from '../difference.js';

/** Joined by "|", all fields/. */
const fields = (...names: readonly string[]): string => names.map((name) => `fields/${name}`).join('|');

export const fieldValues: Chapter = {
  title: 'Fields that are null, empty or at their limits',
  differences: [
    {
      what: 'null in a list or as a map value is an error; Go, and so runc, reads it as an empty string or zero, and crun often overlooks it.',
      why: 'null means that a field is omitted; a list item cannot be.',
      where: [on('runc, crun', fields('*.0 null', '*.a null'), 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'A REQUIRED field that is missing or null is an error; for runc it is zero or empty.',
      why: 'config.md, config-linux.md and the OCI’s JSON Schema say which fields are required.',
      where: [
        on(
          'runc',
          fields(
            'ociVersion *',
            'process.consoleSize*',
            'process.rlimits.0.* null',
            'mounts.0.destination null',
            'linux.devices.0.* null',
            'linux.uidMappings.0.* null',
            'linux.resources.devices.0.allow null',
            'linux.resources.pids*',
            'linux.resources.blockIO.throttleReadBpsDevice.0.* null',
            'linux.resources.blockIO.weightDevice.0*',
            'linux.seccomp empty',
            'linux.seccomp.defaultAction *',
            'linux.seccomp.syscalls.0.names *',
            'linux.seccomp.syscalls.0.args.0.* null',
          ),
          'exit run',
          { ours: '1', theirs: '0' },
        ),
      ],
    },
    {
      what: 'An empty or impossible value is an error; runc accepts an empty path, variable, capability or device type, negative device numbers, and limits that the kernel does not have.',
      why: 'Such a value means nothing, and a warning would be missed.',
      where: [
        on(
          'runc',
          fields(
            'hooks.createRuntime.0.env.0 empty',
            'process.user.umask most',
            'mounts.0.destination empty',
            'process.capabilities.effective.0 empty',
            'linux.devices.0.path empty',
            'linux.devices.0.* least',
            'linux.resources.devices.0.type empty',
            'linux.resources.memory.* least',
            'linux.resources.memory.* most',
            'linux.seccomp.defaultErrnoRet *',
            'linux.seccomp.listenerMetadata empty',
            'linux.*Paths.0 empty',
          ),
          'exit run',
          { ours: '1', theirs: '0' },
        ),
      ],
    },
    {
      what: 'A config works without mounts, and with empty id mappings of a mount, an empty system call name, a personality without a domain, empty time offsets, or a negative device number in a rule; runc fails.',
      why: 'An empty value means nothing, and a negative device number means any.',
      where: [
        on(
          'runc',
          fields(
            'mounts null',
            'mounts empty',
            'mounts.0.*Mappings empty',
            'linux.seccomp.syscalls.0.names.0 empty',
            'linux.personality*',
            'linux.timeOffsets empty',
            'linux.resources.devices.0.m*or least',
          ),
          'exit run',
          { ours: '0', theirs: '1' },
        ),
      ],
    },
    {
      what: 'A mount without a source shows "none" as its source in mountinfo; runc and crun show nothing or the type.',
      why: 'mount(8) does the same.',
      where: [on('runc, crun', fields('mounts.0.source *'), 'mount /proc')],
    },
    {
      what: 'crun 1.8 does not validate most values: it accepts empty, missing or too large ones, and fails on some that are empty.',
      why: 'The specification comes with a JSON Schema.',
      where: [on('crun 1.8', fields('*'), 'exit run|left in rootfs *|left')],
    },
    {
      what: 'Without namespaces, nothing is left mounted; without a cgroupsPath, the container is below the runtime’s own cgroup.',
      why: 'See "Namespaces" and "Cgroups and limits".',
      where: [
        on('runc, crun', fields('linux null', 'linux empty', 'linux.namespaces *'), 'left|mount *'),
        on('crun', fields('linux empty', 'linux.cgroupsPath null'), 'cgroup'),
      ],
    },
    {
      what: 'Without `process.capabilities` (or with null) the program gets none.',
      why: 'See "The process".',
      where: [on('runc 1.5', fields('process.capabilities null'), 'status Cap*')],
    },
  ],
};
