import { type Chapter, on } from '../difference.js';

export const namespaces: Chapter = {
  title: 'Namespaces',
  differences: [
    {
      what: 'Two namespaces of one type are an error, and so is a user namespace that lacks mappings for users or for groups; crun uses the last of the two, and invents mappings.',
      why: 'config-linux.md, Namespaces: "If a namespaces field contains duplicated namespaces with same type, the runtime MUST generate an error."',
      where: [
        on(
          'crun',
          'namespaces/* twice*|namespaces/new user|namespaces/*no mappings*|namespaces/empty mappings|namespaces/uid mappings alone',
          'exit run',
          { ours: '1' },
        ),
      ],
    },
    {
      what: 'An empty namespace `path` counts as none, as with runc; crun tries to open it.',
      why: 'Programs in Go write empty strings.',
      where: [on('crun', 'namespaces/* with an empty path*', 'exit run', { theirs: '1' })],
    },
    {
      what: 'Without a mount namespace, nothing is left mounted; runc and crun leave their mounts on the machine. Under crun, the program does not see them either.',
      why: 'What a container made is removed with it.',
      where: [
        on(
          'runc, crun',
          'namespaces/no mount*|namespaces/no namespaces|namespaces/no list of namespaces|namespaces/no linux',
          'left|mount *',
        ),
      ],
    },
    {
      what: 'Id mappings and time offsets without their namespace are errors; runc ignores the mappings, crun both.',
      why: 'They would have no effect.',
      where: [
        on('runc, crun', 'namespaces/mappings without *|namespaces/*time offsets without *', 'exit run', {
          ours: '1',
          theirs: '0',
        }),
      ],
    },
    {
      what: 'crun 1.8 cannot make time namespaces on this kernel, refuses a config without `linux`, and refuses `domainname` together with its sysctl.',
      why: 'These are bugs of that release; for a domain name, two values that contradict each other are reported.',
      where: [
        on('crun 1.8', 'namespaces/new time*|namespaces/*time offset*', 'exit run|timens_offsets'),
        on('crun 1.8', 'namespaces/no linux|namespaces/domainname and its sysctl', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'A container without id 0 is refused; crun can set it up as another id.',
      why: 'The container is set up as root of its user namespace; runc fails, too.',
      where: [on('crun', 'namespaces/without id 0*', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'Where a user namespace may not mount proc or sysfs, the host’s is bound instead, with a warning; runc and crun 1.8 refuse.',
      why: 'Newer releases of crun do this, and engines’ rootless containers need it.',
      where: [on('runc, crun 1.8', 'namespaces/no pid in a user namespace', 'exit run', { ours: '0', theirs: '1' })],
    },
  ],
};
