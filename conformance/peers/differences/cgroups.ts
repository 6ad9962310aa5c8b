import { type Chapter, on } from '../difference.js';

export const cgroups: Chapter = {
  title: 'Cgroups and limits',
  differences: [
    {
      what: 'All devices but the usual ones are denied where `resources` has no rules, as with runc; crun 1.8 allows all, and allows no default devices of its own where there are rules.',
      why: 'config-linux.md, Default Devices; a list that is left out is no permission.',
      where: [on('crun 1.8', 'cgroups/*|update/*', 'cgroup file devices.list')],
    },
    {
      what: 'A relative `cgroupsPath`, or none, is below the runtime’s own cgroup, as with runc; with crun it is below the root.',
      why: 'config-linux.md: "the runtime MAY interpret the path relative to a runtime-determined location".',
      where: [on('crun', 'cgroups/path relative*|cgroups/no path', 'cgroup of *|cgroup file *')],
    },
    {
      what: 'Parents that `create` made are removed by `delete` when they are empty; runc and crun leave them, and crun 1.8 leaves all cgroups after a failed create.',
      why: 'What was made is taken away again.',
      where: [
        on('runc, crun', 'cgroups/path *two levels|cgroups/path with //', 'left'),
        on('crun 1.8', 'cgroups/*', 'left', { ours: '(none)' }),
      ],
    },
    {
      what: 'A `cgroupsPath` with `..` is an error; runc takes the dots away, and crun follows them.',
      why: 'It is never what was meant, and a way out of the place that was given to a tenant.',
      where: [on('runc, crun', 'cgroups/path with ..|cgroups/path *above*', 'exit create', { ours: '1', theirs: '0' })],
    },
    {
      what: 'crun 1.8 cannot have no `cgroupsPath` text, no limit (-1) of processes and CPU time, and block I/O weights on kernels with BFQ; a memory limit of 0 is a limit for it, no limit for runc and us. It takes shares, swappiness and bursts that the kernel does not, and rdma without the controller.',
      why: 'As runc; what cannot be done is said.',
      where: [on('crun 1.8', 'cgroups/path ""|cgroups/path of too long a name|cgroups/resources *', 'exit create|cgroup file *')],
    },
    {
      what: '`kernelTCP` is written where the kernel has it (cgroup v1); runc ignores it.',
      why: 'config-linux.md has it, and crun writes it.',
      where: [on('runc', 'cgroups/resources memory kernelTCP', 'cgroup file memory.kmem.tcp.limit_in_bytes')],
    },
    {
      what: '`pids.limit` 0 allows no further process; runc makes it 1, crun 1.8 no limit.',
      why: '0 is a number; only -1 stands for no limit.',
      where: [on('runc, crun', 'cgroups/resources pids limit 0|update/--pids-limit 0', 'cgroup file pids.max')],
    },
    {
      what: 'A block I/O weight is 10 to 1000, an access is of r, w and m (or left out: all of them); runc takes more and less.',
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
      what: 'The mount of all v1 hierarchies has the options that were asked for, `ro` as well; runc’s and crun’s outer tmpfs is writable, and crun 1.8 loses some options and makes directories with mode 1755.',
      why: 'config.md, Mounts.',
      where: [
        on('runc, crun', 'cgroups/mounted *', 'mount /sys/fs/cgroup'),
        on('crun 1.8', 'cgroups/*', 'mount /sys*|left in rootfs /sys/*'),
      ],
    },
  ],
};
