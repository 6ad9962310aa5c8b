import { type Chapter, on } from '../difference.js';

export const commands: Chapter = {
  title: 'Commands and states',
  differences: [
    {
      what: '`delete` of a container that is created, or being created, is refused without `--force`; runc and crun delete it, and a `create` that is still running fails.',
      why: 'runtime.md, Delete: "Attempting to delete a container that is not stopped MUST have no effect on the container and MUST generate an error."',
      where: [on('runc, crun', 'states/delete when creat*', 'exit *|shown status')],
    },
    {
      what: '`ps` works while a container is being created; for runc and crun it does not exist yet.',
      why: 'The record is written before anything is made, so that nothing is lost if the runtime is killed.',
      where: [on('runc, crun', 'states/ps* when creating', 'exit ps', { ours: '0' })],
    },
    {
      what: 'crun 1.8 pauses and resumes in any state, updates stopped containers, has no `events`, and crashes in `ps` of a stopped container. KILL has no effect on a paused container, nor TERM on a created one.',
      why: 'As with runc.',
      where: [
        on(
          'crun 1.8',
          'states/pause *|states/resume *|states/update *|states/events *|states/ps *|states/kill *',
          'exit *|shown status|ended',
        ),
      ],
    },
    {
      what: 'If `exec` itself fails, it exits with 255, as with runc; crun exits with 1, and its `ps` with 253.',
      why: 'The exit code must not be mistaken for the program’s own.',
      where: [on('crun', 'states/exec *|exec/*|cli/exec *', 'exit *', { ours: '255' })],
    },
    {
      what: '`list` with a --root that does not exist is an error, as with runc; crun 1.8 shows an empty list.',
      why: 'The path is mistyped.',
      where: [on('crun', 'states/list when missing', 'exit list')],
    },
    {
      what: 'Ids consist of letters, digits, `_`, `+`, `-` and `.`, as with runc; crun 1.8 accepts any, and `delete --force ..` deletes the directory above its state directory.',
      why: 'Ids become directory names.',
      where: [on('crun 1.8', 'cli/id *', '*')],
    },
    {
      what: 'Signals have the names of kill(1), plus `RTMIN+n`, `RTMAX-n` and `CLD`, in any case; runc knows no real-time signals. crun 1.8 accepts no lower case, and for an invalid signal it sends nothing and succeeds.',
      why: 'A name that one of the peers understands is understood.',
      where: [on('runc, crun 1.8', 'signals/*', 'exit kill|host got')],
    },
    {
      what: 'Descriptors of `--preserve-fds` must be open; runc and crun continue without them.',
      why: 'The program would get somebody else’s descriptors, or none.',
      where: [on('runc, crun', '*--preserve-fds *', 'exit *')],
    },
    {
      what: 'An empty `--root`, an unknown command (exit code 1; runc: 3) and text after the object of config.json are errors; keys must have the case of the specification. runc accepts all of these.',
      why: 'They are mistakes, and the error shows where.',
      where: [
        on('runc', 'cli/global --root=""', 'exit run', { ours: '1' }),
        on('runc', 'cli/an unknown command', 'exit command', { ours: '1', theirs: '3' }),
        on('runc', 'cli/config.json: *', 'exit run', { ours: '1', theirs: '0' }),
      ],
    },
    {
      what: '`--log-level`, `--cgroup-manager` and whole numbers written as `1.0` or `1e3` in config.json are understood, as by crun or by JSON Schema; runc refuses them.',
      why: 'What one of the peers understands is understood; to JSON Schema these numbers are integers.',
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
      what: 'crun 1.8 lacks some of runc’s flags and outputs: a single dash before a name, `--keep`, `--log-level`, `features`, `events`, `help`, options of ps(1). It shows other columns and names, rejects comments in config.json, and uses the last value of a duplicate key.',
      why: 'As with runc.',
      where: [on('crun 1.8', 'cli/*', '*')],
    },
  ],
};
