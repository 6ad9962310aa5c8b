import { type Chapter, on } from '../difference.js';

export const execAndUpdate: Chapter = {
  title: 'exec and update',
  differences: [
    {
      what: 'A process of `exec --process` has all its fields: `umask` and `oomScoreAdj`, too, which runc forgets.',
      why: 'They are fields of a process like any other.',
      where: [on('runc', 'exec/--process: *', 'status Umask|oom_score_adj')],
    },
    {
      what: '`exec --cap` of a container without capabilities adds them; runc 1.5 crashes. A malformed `--additional-gids` ends with 255 (runc: 1).',
      why: 'As any error of exec.',
      where: [
        on('runc 1.5', 'exec/--cap CAP_KILL after a config with no capabilities', 'exit exec'),
        on('runc', 'exec/--additional-gids x', 'exit exec', { ours: '255', theirs: '1' }),
      ],
    },
    {
      what: '`exec` without `--user` and the like runs as the config’s process does: user, working directory, environment, limits, noNewPrivileges, scheduler; crun 1.8 takes some of it, and of what is given it takes what it can.',
      why: 'As runc.',
      where: [on('crun 1.8', 'exec/*', '*')],
    },
    {
      what: '`update` is as strict with weights as the config (10 to 1000), and takes numbers as JSON has them (6.4e7); runc takes any weight, and integers in digits alone.',
      why: 'config-linux.md; JSON Schema.',
      where: [
        on('runc', 'update/--blkio-weight 5', 'exit update|cgroup file blkio.*'),
        on('runc, crun', 'update/--resources: a limit with an exponent', 'exit update|cgroup file memory.limit_in_bytes'),
      ],
    },
    {
      what: '`update` with null for all sections changes nothing; runc 1.5 crashes.',
      why: 'null is the field left out.',
      where: [on('runc 1.5', 'update/--resources: all null', 'exit update')],
    },
    {
      what: '`update` changes all limits or none, and knows sizes with units, -1 for no limit, `--cpu-burst` and `--cpu-idle`; crun 1.8 does not.',
      why: 'As runc, but for "all or none".',
      where: [on('crun 1.8', 'update/*', 'exit update|cgroup file *')],
    },
  ],
};
