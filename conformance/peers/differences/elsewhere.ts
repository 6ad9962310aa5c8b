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
      what: 'Where a user namespace may not mount sysfs, proc or mqueue, the host’s is bound instead, with a warning, as with crun; runc refuses. Any filesystem can be id-mapped, not only bind mounts.',
      why: '',
      where: [],
    },
    {
      what: 'Whatever `rootfsPropagation` says, no mount or unmount for a container reaches the host: propagation is cut off first, and the requested one is set last. The only exception is a bind mount that asks for `shared` or `rshared` itself, in a root that is `shared`: it stays a peer of the host’s mount. With `--no-pivot`, every host mount is unmounted, not only `/proc` and `/sys`.',
      why: '',
      where: [],
    },
    { what: 'Network devices keep their IPv6 addresses, and come back when `create` fails.', why: '', where: [] },
    {
      what: 'An AppArmor profile on a kernel without AppArmor is an error, since the process would not be confined.',
      why: '',
      where: [],
    },
    {
      what: '`mounts add` makes all mounts in its file or none, with all their options, and in a user namespace root cannot make them writable; crun makes only binds and empty filesystems, until one fails. `mounts remove` follows no links in the container.',
      why: '',
      where: [],
    },
    {
      what: '`update` changes all limits or none, including device rules; runc keeps the changes made before the refused one, and ignores devices. Intel RDT schemata need a container with a group in its config; runc makes a group for the container’s first process.',
      why: '',
      where: [],
    },
    {
      what: '`checkpoint` also works if the container’s standard input or output is a host file; after `restore`, the loopback device in its network namespace is up.',
      why: '',
      where: [],
    },
    {
      what: 'A capability that the runtime itself lacks is dropped with a warning, as config.md asks; runc refuses.',
      why: '',
      where: [],
    },
    {
      what: 'Anything in a config that is not applied is a warning with its JSON pointer. With `--strict` it is an error.',
      why: '',
      where: [],
    },
    {
      what: 'An ordinary user’s container runs with the limits that the user’s cgroup can set, and a warning for each that it cannot.',
      why: '',
      where: [],
    },
    {
      what: 'With `--systemd-cgroup` a unit has all its limits from the start, through one call. Device rules that systemd cannot express (all devices except some) are left to our own eBPF program; runc gives systemd a list that allows none. If systemd does not answer within 30 s, everything is undone.',
      why: '',
      where: [],
    },
    {
      what: 'On cgroup v1, a device rule that revokes what other rules allow works by device number; a rule that removes part of a pattern is refused, as with runc, since the kernel would ignore it.',
      why: '',
      where: [],
    },
    {
      what: 'A cgroup that is frozen or contains other processes is refused, as with runc; what existed before a failed create stays. A cgroup made for another container is refused too: of many creates with one `cgroupsPath`, one succeeds and the others leave the cgroup alone. A parent made for containers is removed with the last one below it (the sticky bit marks such parents).',
      why: '',
      where: [],
    },
    {
      what: 'On cgroup v2, a device’s block I/O weight works without BFQ, through `io.weight`, if the disk’s cost model is on; `cpu.idle` and shares may be set together.',
      why: '',
      where: [],
    },
  ],
};
