import { type Chapter, on } from '../difference.js';

export const mounts: Chapter = {
  title: 'Mounts',
  differences: [
    {
      what: '"ro,nosuid" in one string is two options; runc and crun pass the string to the kernel, which accepts only parameters of the filesystem there, not flags. A parameter without a name is an error; the kernel ignores it.',
      why: 'What the config asks for is either done or refused, even if it is all in one string.',
      where: [
        on(
          'runc, crun',
          'mount-options/nosuid,size=64k tmpfs*|mount-options/ro,nosuid tmpfs*|mount-options/ro,nosuid proc*',
          'exit run',
          {
            ours: '0',
            theirs: '1',
          },
        ),
        on('runc, crun', 'mount-options/=64k tmpfs*|mount-options/=64k proc*', 'exit run', { ours: '1', theirs: '0' }),
      ],
    },
    {
      what: 'A host device bound in a user namespace is a read-only mount with nosuid and noexec; runc and crun lend the node itself.',
      why: 'Otherwise the container could change the device’s mode and owner for everybody. Writing to the device still works.',
      where: [
        on(
          'runc, crun',
          '*',
          'mount /dev/full|mount /dev/null|mount /dev/random|mount /dev/tty|mount /dev/urandom|mount /dev/zero',
          {
            ours: '*ro,nosuid,noexec*',
          },
        ),
      ],
    },
    {
      what: 'A bind mount with a filesystem parameter (`size=64k`) or with an option that only fstab(5) knows (`nofail`) is made, with a warning; runc refuses it.',
      why: 'config.md allows both. mount(8), crun and runc before 1.2 ignore such options on a bind. With `--strict` it is an error.',
      where: [on('runc 1.5', 'mount-options/* bind*', 'exit run', { ours: '0', theirs: '1' })],
    },
    {
      what: '`loud`, `silent`, `iversion`, `noiversion`, `nosymfollow` and `symfollow` are options; crun 1.8 passes them to the filesystem, which refuses them.',
      why: 'config.md, Mounts: runtimes MUST know them (the last two: SHOULD).',
      where: [
        on(
          'crun 1.8',
          'mount-options/loud *|mount-options/silent *|mount-options/*iversion *|mount-options/*symfollow *',
          'exit run',
          { ours: '0', theirs: '1' },
        ),
      ],
    },
    {
      what: 'Recursive options (`rro`, `rnosuid`, …) apply to every mount; runc applies them only to binds.',
      why: 'config.md has no such limit, and an option that is silently ignored would go unnoticed.',
      where: [
        on('runc', 'mount-options/r* tmpfs*|mount-options/r* proc*', 'mount /m', {
          ours: '*ro,relatime*|*nosuid*|*nodev*|*noexec*|*atime*|*nosymfollow*|* rw rw,mode*|* rw rw',
        }),
        on('runc', 'mount-options/r* proc in a user namespace', 'exit run', { ours: '1', theirs: '0' }),
      ],
    },
    {
      what: '`tmpcopyup` on anything but a tmpfs is an error; runc ignores it.',
      why: 'It could not mean anything; crun refuses it, too.',
      where: [on('runc', 'mount-options/tmpcopyup proc*', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: '`idmap` and `ridmap` without mappings need a user namespace and use its mappings; crun 1.8 ignores `ridmap`.',
      why: 'config.md, Mounts: ridmap.',
      where: [on('crun 1.8', 'mount-options/ridmap *', 'exit run|mount /m|file /m')],
    },
    {
      what: 'A tmpfs without a `mode` gets the mode of the directory it covers; crun 1.8 makes it 1777.',
      why: 'A private directory must not become writable for everyone; runc and newer releases of crun do the same as we do.',
      where: [
        on('crun 1.8', 'mount-options/*', 'file /m', { ours: 'drwxr-xr-x *', theirs: 'drwxrwxrwt *' }),
        on('crun 1.8', 'mount-options/*', 'mount /m', { ours: 'tmpfs tmpfs *mode=755*', theirs: 'tmpfs tmpfs *' }),
      ],
    },
    {
      what: 'crun 1.8 loses some options: `lazytime` and `ro` of a proc mount (the superblock’s), `nosymfollow`, `shared` and `unbindable`, and in a user namespace `nosuid`, `nodev`, `noexec` of a bind. It refuses `tmpcopyup` on a bind.',
      why: 'What a config asks for is done or reported. runc does the same as we do.',
      where: [
        on('crun 1.8', 'mount-options/*', 'mount /m', {
          ours: '*lazytime|proc proc root=/ ro,relatime ro|*nosymfollow*|*nosuid*|*nodev*|*noexec*|* shared|* unbindable',
        }),
        on('crun 1.8', 'mount-options/tmpcopyup bind*', 'exit run', { ours: '0', theirs: '1' }),
        on('crun 1.8', 'mount-options/* bind in a user namespace', 'exit run', { ours: '1', theirs: '0' }),
      ],
    },
    {
      what: 'crun 1.8 fails on recursive access-time options, and treats `rrelatime` as `rnosymfollow`.',
      why: 'These are bugs of that release.',
      where: [
        on('crun 1.8', 'mount-options/r*atime *', 'exit run', { theirs: '1' }),
        on('crun 1.8', 'mount-options/r*atime *', 'mount /m', { theirs: '*nosymfollow*' }),
      ],
    },
  ],
};
