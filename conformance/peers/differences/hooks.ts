import { type Chapter, on } from '../difference.js';

export const hooks: Chapter = {
  title: 'Hooks',
  differences: [
    {
      what: 'createContainer hooks run in the root filesystem, as with runc; with crun they run in the bundle.',
      why: 'As with runc.',
      where: [on('crun', 'hooks/createContainer *', 'hook cwd')],
    },
    {
      what: 'A hook reads its state from a file in memory, and writes to one; if it fails, its last words are shown. runc and crun use pipes (crun: /dev/null).',
      why: 'A hook that does not read, or writes a lot, cannot hang or break the runtime.',
      where: [on('runc, crun', 'hooks/*', 'hook fd *', { ours: '/memfd:*' })],
    },
    {
      what: 'poststop hooks run in the bundle, like the others, and get none of the runtime’s descriptors; runc’s run in the caller’s directory.',
      why: 'runtime-spec does not say; all hooks should run in one place.',
      where: [on('runc', 'hooks/poststop *', 'hook cwd|hook fd 251')],
    },
    {
      what: 'In a hook, `env` consists of NAME=VALUE, `path` is absolute and `timeout` is above 0; runc and crun accept other values, and do not check startContainer hooks at all.',
      why: 'config.md, POSIX-platform Hooks: MUST.',
      where: [on('runc, crun', 'hooks/* a malformed env|hooks/* a relative path|hooks/* timeout 0|hooks/* timeout -1', '*', {})],
    },
    {
      what: 'A failing poststart hook is an error of `start`, and the program runs; runc 1.5 runs these hooks in `create`, before the program. With crun 1.8 it is a warning.',
      why: 'runtime.md, Lifecycle: they follow the program’s start, and a failure destroys the container (1.3.0).',
      where: [
        on('runc 1.5', 'hooks/poststart *', 'exit *|shown status|host *'),
        on('crun 1.8', 'hooks/poststart *', 'exit *|shown status|host *'),
      ],
    },
    {
      what: 'A failing startContainer hook is an error of `start`; with runc and crun `start` succeeds, and the container ends.',
      why: 'runtime.md, Lifecycle: "If any startContainer hook fails, the runtime MUST generate an error". `start` waits until the program has been executed.',
      where: [on('runc, crun', 'hooks/startContainer *', 'exit *|shown status|host *')],
    },
    {
      what: 'A failing poststop hook is a warning, and the next ones run; with runc, `delete` fails and stops there, and crun stops there too.',
      why: 'runtime.md, Lifecycle: "the runtime MUST log a warning, but the remaining hooks and lifecycle continue".',
      where: [on('runc, crun', 'hooks/poststop *', 'exit delete|host said|host poststop|left')],
    },
    {
      what: 'If a hook of `create` fails, the poststop hooks run; with crun 1.8, and with runc 1.5 after some hooks, they do not. crun exits with 255.',
      why: 'runtime.md, Lifecycle: the container is destroyed, which includes running them.',
      where: [on('runc, crun', 'hooks/*', 'host poststop|exit create', { ours: 'ran|1' })],
    },
    {
      what: 'crun 1.8 adds `root` to the state, has statuses of its own ("starting"), blocks signals in hooks, and runs files without `#!` with /bin/sh.',
      why: 'runtime.md, State.',
      where: [
        on('crun 1.8', 'hooks/*', 'host state *|hook status SigBlk|hook env *|host program|exit *|shown status|host poststop'),
      ],
    },
    {
      what: 'poststart hooks get the status "running"; with runc, "created".',
      why: 'The program is running.',
      where: [on('runc', 'hooks/poststart * a state', 'host state status')],
    },
    {
      what: 'prestart, createRuntime and createContainer hooks get the status "created"; with runc, "creating".',
      why: 'runtime.md: a container is created after step 2 of its lifecycle, and hooks are steps 3 to 5. The OCI validation suite and crun agree.',
      where: [
        on('runc', 'hooks/prestart * a state|hooks/createRuntime * a state|hooks/createContainer * a state', 'host state status'),
      ],
    },
  ],
};
