import { type Chapter, on } from '../difference.js';

export const cgroups: Chapter = {
  title: 'Cgroups and limits',
  differences: [
    {
      what: 'If `resources` has no device rules, all devices except the usual ones are denied, as with runc; crun 1.8 allows all, and if there are rules, it does not allow the default devices.',
      why: 'config-linux.md, Default Devices; a missing list grants nothing.',
      where: [on('crun 1.8', 'cgroups/*|update/*', 'cgroup file devices.list')],
    },
    {
      what: 'A relative or missing `cgroupsPath` is below the runtime’s own cgroup, as with runc; with crun it is below the root.',
      why: 'config-linux.md: "the runtime MAY interpret the path relative to a runtime-determined location".',
      where: [on('crun', 'cgroups/path relative*|cgroups/no path', 'cgroup of *|cgroup file *')],
    },
    {
      what: '`delete` removes empty parents that `create` made; runc and crun leave them, and crun 1.8 leaves all cgroups after a failed create.',
      why: 'What a container made is removed with it.',
      where: [
        on('runc, crun', 'cgroups/path *two levels|cgroups/path with //', 'left'),
        on('crun 1.8', 'cgroups/*', 'left', { ours: '(none)' }),
      ],
    },
    {
      what: 'A `cgroupsPath` with `..` is an error; runc strips the dots, and crun follows them.',
      why: 'It is never intended, and it leads out of the place a tenant was given.',
      where: [on('runc, crun', 'cgroups/path with ..|cgroups/path *above*', 'exit create', { ours: '1', theirs: '0' })],
    },
    {
      what: 'crun 1.8 does not accept an empty `cgroupsPath`, unlimited (-1) processes or CPU time, or block I/O weights on kernels with BFQ. It treats a memory limit of 0 as a limit; for runc and us it means no limit. It accepts shares, swappiness and bursts that the kernel refuses, and rdma without the controller.',
      why: 'As with runc; what cannot be done is reported.',
      where: [on('crun 1.8', 'cgroups/path ""|cgroups/path of too long a name|cgroups/resources *', 'exit create|cgroup file *')],
    },
    {
      what: '`kernelTCP` is written if the kernel has it (cgroup v1); runc ignores it.',
      why: 'config-linux.md defines it, and crun writes it.',
      where: [on('runc', 'cgroups/resources memory kernelTCP', 'cgroup file memory.kmem.tcp.limit_in_bytes')],
    },
    {
      what: '`pids.limit` 0 allows no further processes; runc makes it 1, and crun 1.8 no limit.',
      why: '0 is a number; only -1 means unlimited.',
      where: [on('runc, crun', 'cgroups/resources pids limit 0|update/--pids-limit 0', 'cgroup file pids.max')],
    },
    {
      what: 'A block I/O weight is 10 to 1000, and an access consists of r, w and m (if omitted: all of them); runc accepts values outside these.',
      why: 'config-linux.md.',
      where: [
        on('runc', 'cgroups/resources blockIO weight 5|cgroups/resources devices with a bad access', 'exit create', {
          ours: '1',
          theirs: '0',
        }),
        on('runc', 'cgroups/resources devices without access', 'exit create', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'The mount of all v1 hierarchies has the requested options, including `ro`; the outer tmpfs of runc and crun is writable, and crun 1.8 loses some options and makes directories with mode 1755.',
      why: 'config.md, Mounts.',
      where: [
        on('runc, crun', 'cgroups/mounted *', 'mount /sys/fs/cgroup'),
        on('crun 1.8', 'cgroups/*', 'mount /sys*|left in rootfs /sys/*'),
      ],
    },
  ],
};
