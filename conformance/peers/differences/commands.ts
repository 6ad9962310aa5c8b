import { type Chapter, on } from '../difference.js';

export const commands: Chapter = {
  title: 'Commands and states',
  differences: [
    {
      what: '`delete` of a container that is created, or being created, is refused without `--force`; runc and crun delete it, and the `create` that still runs fails.',
      why: 'runtime.md, Delete: "Attempting to delete a container that is not stopped MUST have no effect on the container and MUST generate an error."',
      where: [on('runc, crun', 'states/delete when creat*', 'exit *|shown status')],
    },
    {
      what: '`ps` works while a container is being created; for runc and crun it does not exist yet.',
      why: 'Its record is written before anything is made, so that nothing is lost with a runtime that is killed.',
      where: [on('runc, crun', 'states/ps* when creating', 'exit ps', { ours: '0' })],
    },
    {
      what: 'crun 1.8 pauses and resumes in any state, updates stopped containers, has no `events`, and crashes in `ps` of a stopped container; a KILL of a paused one has no effect, nor has a TERM of a created one.',
      why: 'As runc.',
      where: [
        on(
          'crun 1.8',
          'states/pause *|states/resume *|states/update *|states/events *|states/ps *|states/kill *',
          'exit *|shown status|ended',
        ),
      ],
    },
    {
      what: '`exec` that fails by itself ends with 255, as with runc; crun ends with 1, and `ps` with 253.',
      why: 'So that it is not taken for the program’s own.',
      where: [on('crun', 'states/exec *|exec/*|cli/exec *', 'exit *', { ours: '255' })],
    },
    {
      what: '`list` with a --root that does not exist is an error, as with runc; crun 1.8 says that there are none.',
      why: 'It is a mistyped one.',
      where: [on('crun', 'states/list when missing', 'exit list')],
    },
    {
      what: 'Ids are letters, digits, `_`, `+`, `-` and `.`, as with runc; crun 1.8 takes any, and `delete --force ..` deletes the directory above its state directory.',
      why: 'An id becomes the name of directories.',
      where: [on('crun 1.8', 'cli/id *', '*')],
    },
    {
      what: 'Signals have the names of kill(1), with `RTMIN+n`, `RTMAX-n` and `CLD`, in any case; runc knows no real-time names, crun 1.8 no small letters, and sends nothing and succeeds for what is no signal.',
      why: 'What one of the peers understands is understood.',
      where: [on('runc, crun 1.8', 'signals/*', 'exit kill|host got')],
    },
    {
      what: 'Descriptors of `--preserve-fds` have to be open; runc and crun go on without them.',
      why: 'The program would get somebody else’s, or none.',
      where: [on('runc, crun', '*--preserve-fds *', 'exit *')],
    },
    {
      what: 'An empty `--root` is an error, as are unknown commands (exit code 1; runc: 3) and texts behind config.json’s object; keys have the case of the specification. runc takes all of these.',
      why: 'They are mistakes, of which the place is shown.',
      where: [
        on('runc', 'cli/global --root=""', 'exit run', { ours: '1' }),
        on('runc', 'cli/an unknown command', 'exit command', { ours: '1', theirs: '3' }),
        on('runc', 'cli/config.json: *', 'exit run', { ours: '1', theirs: '0' }),
      ],
    },
    {
      what: '`--log-level`, `--cgroup-manager` and whole numbers written as `1.0` or `1e3` in config.json are understood, as by crun or by the JSON Schema; runc refuses them.',
      why: 'What one of the peers understands is understood; to JSON Schema these are integers.',
      where: [
        on(
          'runc',
          'cli/global --log-level error|cli/global --cgroup-manager cgroupfs|cli/config.json: a whole number *',
          'exit run',
          { ours: '0', theirs: '1' },
        ),
        on('crun 1.8', 'cli/config.json: a whole number *', 'exit run', { ours: '0', theirs: '1' }),
      ],
    },
    {
      what: 'Flags and outputs of runc that crun 1.8 does not have: one dash before a name, `--keep`, `--log-level`, `features`, `events`, `help`, options of ps(1), other columns and names in what is shown; comments in config.json are errors, and of a key that is there twice the last counts.',
      why: 'As runc.',
      where: [on('crun 1.8', 'cli/*', '*')],
    },
  ],
};
