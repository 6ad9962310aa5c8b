import { type Chapter, on } from '../difference.js';

export const execAndUpdate: Chapter = {
  title: 'exec and update',
  differences: [
    {
      what: 'All fields of an `exec --process` apply, including `umask` and `oomScoreAdj`, which runc forgets.',
      why: 'They are fields of a process like any other.',
      where: [on('runc', 'exec/--process: *', 'status Umask|oom_score_adj')],
    },
    {
      what: '`exec --cap` in a container without capabilities adds them; runc 1.5 crashes. A malformed `--additional-gids` exits with 255 (runc: 1).',
      why: '255 is the code for any error of exec.',
      where: [
        on('runc 1.5', 'exec/--cap CAP_KILL after a config with no capabilities', 'exit exec'),
        on('runc', 'exec/--additional-gids x', 'exit exec', { ours: '255', theirs: '1' }),
      ],
    },
    {
      what: 'Without `--user` and similar flags, `exec` runs like the config’s process: user, working directory, environment, limits, noNewPrivileges, scheduler; crun 1.8 applies some of these, and applies the flags as far as it can.',
      why: 'As with runc.',
      where: [on('crun 1.8', 'exec/*', '*')],
    },
    {
      what: '`update` is as strict about weights as the config (10 to 1000), and accepts any JSON number (6.4e7); runc accepts any weight, and only integers written in digits.',
      why: 'config-linux.md; JSON Schema.',
      where: [
        on('runc', 'update/--blkio-weight 5', 'exit update|cgroup file blkio.*'),
        on('runc, crun', 'update/--resources: a limit with an exponent', 'exit update|cgroup file memory.limit_in_bytes'),
      ],
    },
    {
      what: '`update` with null for all sections changes nothing; runc 1.5 crashes.',
      why: 'null means that the field is omitted.',
      where: [on('runc 1.5', 'update/--resources: all null', 'exit update')],
    },
    {
      what: '`update` changes all limits or none, and knows sizes with units, -1 for no limit, `--cpu-burst` and `--cpu-idle`; crun 1.8 does not.',
      why: 'As with runc, except for "all or none".',
      where: [on('crun 1.8', 'update/*', 'exit update|cgroup file *')],
    },
  ],
};
