import { type Chapter, on } from '../difference.js';

export const mounts: Chapter = {
  title: 'Mounts',
  differences: [
    {
      what: 'Several options in one string, "ro,nosuid", are several options; runc and crun hand the string to the kernel, which takes parameters of the filesystem there, and no flags. A parameter without a name is an error; the kernel ignores it.',
      why: 'What is asked for is done or refused, be it in one string.',
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
      what: 'A device of the machine that a user namespace gets bound is a read-only mount, without set-uid programs and execution; runc and crun lend the node itself.',
      why: 'Its mode and owner would be the container’s to change, for everybody. Writing to the device works all the same.',
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
      what: 'A bind with an option that is a parameter of filesystems (`size=64k`), or that only fstab(5) knows (`nofail`), is made, with a warning; runc refuses it.',
      why: 'config.md allows both. mount(8), crun and runc before 1.2 ignore such options of a bind. With `--strict` it is an error.',
      where: [on('runc 1.5', 'mount-options/* bind*', 'exit run', { ours: '0', theirs: '1' })],
    },
    {
      what: '`defaults` and `loud` are options; runc 1.5 takes `defaults` for data of the filesystem, which refuses it, and crun 1.8 so takes `loud`, `silent`, `iversion`, `noiversion`, `nosymfollow` and `symfollow`.',
      why: 'config.md, Mounts: runtimes MUST know them (the last two: SHOULD).',
      where: [
        on('runc 1.5', 'mount-options/defaults *', 'exit run', { ours: '0', theirs: '1' }),
        on(
          'crun 1.8',
          'mount-options/loud *|mount-options/silent *|mount-options/*iversion *|mount-options/*symfollow *',
          'exit run',
          { ours: '0', theirs: '1' },
        ),
      ],
    },
    {
      what: 'Recursive options (`rro`, `rnosuid`, …) hold for every mount; runc makes nothing of them but for binds.',
      why: 'config.md knows no such limit, and what was asked for and was not done would go unnoticed.',
      where: [
        on('runc', 'mount-options/r* tmpfs*|mount-options/r* proc*', 'mount /m', {
          ours: '*ro,relatime*|*nosuid*|*nodev*|*noexec*|*atime*|*nosymfollow*|* rw rw,mode*|* rw rw',
        }),
        on('runc', 'mount-options/r* proc in a user namespace', 'exit run', { ours: '1', theirs: '0' }),
      ],
    },
    {
      what: '`tmpcopyup` of anything but a tmpfs is an error; runc ignores it.',
      why: 'There is nothing that it could mean; crun refuses it, too.',
      where: [on('runc', 'mount-options/tmpcopyup proc*', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: '`idmap` and `ridmap` without mappings need a user namespace, whose mappings they take; crun 1.8 takes `ridmap` for nothing.',
      why: 'config.md, Mounts: ridmap.',
      where: [on('crun 1.8', 'mount-options/ridmap *', 'exit run|mount /m|file /m')],
    },
    {
      what: 'A tmpfs has the mode of the directory that it covers, where no `mode` is given; crun 1.8 makes it 1777.',
      why: 'So that a private directory does not become writable for everyone; newer releases of crun do as runc and we do.',
      where: [
        on('crun 1.8', 'mount-options/*', 'file /m', { ours: 'drwxr-xr-x *', theirs: 'drwxrwxrwt *' }),
        on('crun 1.8', 'mount-options/*', 'mount /m', { ours: 'tmpfs tmpfs *mode=755*', theirs: 'tmpfs tmpfs *' }),
      ],
    },
    {
      what: "Options that crun 1.8 loses: `lazytime` and `ro` of a proc mount (the superblock's), `nosymfollow`, and in a user namespace `nosuid`, `nodev`, `noexec` of a bind; `shared` and `unbindable`. It refuses `tmpcopyup` of a bind.",
      why: 'What a config asks for is done, or said. runc does as we do.',
      where: [
        on('crun 1.8', 'mount-options/*', 'mount /m', {
          ours: '*lazytime|proc proc root=/ ro,relatime ro|*nosymfollow*|*nosuid*|*nodev*|*noexec*|* shared|* unbindable',
        }),
        on('crun 1.8', 'mount-options/tmpcopyup bind*', 'exit run', { ours: '0', theirs: '1' }),
        on('crun 1.8', 'mount-options/* bind in a user namespace', 'exit run', { ours: '1', theirs: '0' }),
      ],
    },
    {
      what: 'crun 1.8 fails for recursive access-time options, and takes `rrelatime` for `rnosymfollow`.',
      why: 'Bugs of that release.',
      where: [
        on('crun 1.8', 'mount-options/r*atime *', 'exit run', { theirs: '1' }),
        on('crun 1.8', 'mount-options/r*atime *', 'mount /m', { theirs: '*nosymfollow*' }),
      ],
    },
  ],
};
