import { type Chapter, on } from '../difference.js';

export const namespaces: Chapter = {
  title: 'Namespaces',
  differences: [
    {
      what: 'Two namespaces of one type, and a user namespace without mappings for both users and groups, are errors; crun takes the last, and makes mappings up.',
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
      what: 'An empty `path` of a namespace is none, as with runc; crun tries to open it.',
      why: 'Programs in Go write empty strings.',
      where: [on('crun', 'namespaces/* with an empty path*', 'exit run', { theirs: '1' })],
    },
    {
      what: 'Without a mount namespace nothing is left mounted; runc and crun leave their mounts on the machine. crun does not see them either when the program looks.',
      why: 'What was made is taken away again.',
      where: [
        on(
          'runc, crun',
          'namespaces/no mount*|namespaces/no namespaces|namespaces/no list of namespaces|namespaces/no linux',
          'left|mount *',
        ),
      ],
    },
    {
      what: 'Id mappings and time offsets without the namespace that they are for are errors; runc ignores the mappings, crun both.',
      why: 'They would have no effect.',
      where: [
        on('runc, crun', 'namespaces/mappings without *|namespaces/*time offsets without *', 'exit run', {
          ours: '1',
          theirs: '0',
        }),
      ],
    },
    {
      what: 'crun 1.8 cannot make time namespaces on this kernel, refuses a config without `linux`, and refuses `domainname` beside its sysctl.',
      why: 'Bugs of that release; both values of a domain name are said to contradict each other.',
      where: [
        on('crun 1.8', 'namespaces/new time*|namespaces/*time offset*', 'exit run|timens_offsets'),
        on('crun 1.8', 'namespaces/no linux|namespaces/domainname and its sysctl', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'A container without an id 0 is refused; crun can set it up as another id.',
      why: 'The container is set up as root of its user namespace; runc fails, too.',
      where: [on('crun', 'namespaces/without id 0*', 'exit run', { ours: '1', theirs: '0' })],
    },
    {
      what: 'Where a user namespace may not mount proc or sysfs, the machine’s is bound instead, with a warning; runc and crun 1.8 refuse.',
      why: 'Newer releases of crun do so, and engines’ rootless containers need it.',
      where: [on('runc, crun 1.8', 'namespaces/no pid in a user namespace', 'exit run', { ours: '0', theirs: '1' })],
    },
  ],
};
