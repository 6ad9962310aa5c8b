import type { Chapter } from '../difference.js';

/** What the cases of conformance/cases show: it takes other machines, criu, systemd or several commands. */
export const elsewhere: Chapter = {
  title: 'What this comparison does not reach',
  differences: [
    {
      what: 'A failing hook ends as runtime-spec 1.3.0 says: the container is destroyed and its poststop hooks run.',
      why: '',
      where: [],
    },
    {
      what: 'Where a user namespace may not mount sysfs, proc or mqueue, the host’s is bound instead, with a warning, as crun does; runc refuses. Any filesystem can be id-mapped, not bind mounts alone.',
      why: '',
      where: [],
    },
    {
      what: 'Whatever `rootfsPropagation` says, nothing that is mounted or unmounted for a container reaches the host: all is cut off first, and gets the propagation that was asked for at last. Only a bind mount that asks for `shared` or `rshared` itself, in a root that is `shared`, stays a peer of the host’s mount. With `--no-pivot` every mount of the host goes, not only `/proc` and `/sys`.',
      why: '',
      where: [],
    },
    { what: 'Network devices keep their IPv6 addresses, and come back when `create` fails.', why: '', where: [] },
    {
      what: 'The AppArmor profile of a config on a kernel without AppArmor is an error, since the process would not be confined.',
      why: '',
      where: [],
    },
    {
      what: '`mounts add` makes all mounts of its file or none, with all their options, and in a user namespace root cannot make them writable; crun makes binds and empty filesystems, as far as it gets. `mounts remove` follows no links in the container.',
      why: '',
      where: [],
    },
    {
      what: '`update` changes all limits or none, and device rules too; runc leaves those before the refused one changed, and devices out. Intel RDT schemata are for a container that has a group by its config; runc makes one for its first process.',
      why: '',
      where: [],
    },
    {
      what: '`checkpoint` also takes a container whose standard input or output is a file of the machine; after `restore` the loopback device of its network namespace is up.',
      why: '',
      where: [],
    },
    {
      what: 'A capability that the runtime does not have itself is dropped with a warning, as config.md asks; runc refuses.',
      why: '',
      where: [],
    },
    {
      what: 'Whatever is left out of what a config asks for is a warning with its JSON pointer. With `--strict` it is an error.',
      why: '',
      where: [],
    },
    {
      what: 'An ordinary user’s container runs with the limits that the user’s cgroup can have, and a warning for each that it cannot.',
      why: '',
      where: [],
    },
    {
      what: 'With `--systemd-cgroup` a unit has all its limits from its first moment, by one call; device rules that systemd has no words for (all devices but some) are left to our own eBPF program, where runc gives systemd a list that allows none. An answer of systemd’s is waited for 30 s at most, and then everything is undone.',
      why: '',
      where: [],
    },
    {
      what: 'On cgroup v1, a device rule that takes back what others gave works by their numbers; one that takes a part out of a pattern is refused, since the kernel would ignore it, as in runc.',
      why: '',
      where: [],
    },
    {
      what: 'A cgroup in which other processes are, or that is frozen, is refused as by runc; what was there before a failed create stays. So is one that was made for another container: of many creates with one `cgroupsPath` one succeeds, and the others leave it alone. A parent that was made for containers goes with the last one below it (the sticky bit tells them from those of others).',
      why: '',
      where: [],
    },
    {
      what: 'On cgroup v2 a block IO weight of a device works without BFQ, by `io.weight` where the disk’s cost model is on; `cpu.idle` and shares may be given together.',
      why: '',
      where: [],
    },
  ],
};
