// Rules on the process (config.md, Process). It may be absent: only `start` needs it.
import { quoteText } from '../../json/quote.js';
import { duplicates, forEach, isAbsolute, when, type Process, type Rule } from '../rule.js';
import { checkVariable } from './bundle.js';

type Capabilities = NonNullable<Process['capabilities']>;

const noId = 2 ** 32 - 1;

/** One warning for every capability of `set` that `other` lacks. */
function missing(capabilities: Capabilities | undefined, set: keyof Capabilities, other: keyof Capabilities) {
  const allowed = capabilities?.[other] ?? [];
  return forEach(capabilities?.[set], `/process/capabilities/${set}`, (name, at) =>
    when(!allowed.includes(name), at, () => `${quoteText(name, 60)} is not in "${other}", so the kernel does not grant it`),
  );
}

export const processRules: readonly Rule[] = [
  {
    name: 'cwd-absolute',
    section: 'config.md, Process: cwd "MUST be an absolute path"',
    check: ({ process }) =>
      when(
        process !== undefined && !isAbsolute(process.cwd),
        '/process/cwd',
        () => `found ${quoteText(process?.cwd ?? '', 60)}, expected an absolute path`,
      ),
  },
  {
    name: 'args-not-empty',
    section: 'config.md, POSIX process: "at least one entry is REQUIRED"',
    check: ({ process }) =>
      when(process !== undefined && (process.args?.length ?? 0) === 0, '/process/args', 'needs at least one entry: the program'),
  },
  {
    name: 'env-variables',
    section: 'config.md, POSIX process: env, as environ(7)',
    check: ({ process }) => forEach(process?.env, '/process/env', checkVariable),
  },
  {
    name: 'rlimit-once',
    section: 'config.md, POSIX process: rlimits, "If rlimits contains duplicated entries … generate an error"',
    check: ({ process }) => duplicates(process?.rlimits, '/process/rlimits', { key: 'type', what: 'limit of type' }),
  },
  {
    name: 'rlimit-soft',
    section: 'setrlimit(2), EINVAL',
    check: ({ process }) =>
      forEach(process?.rlimits, '/process/rlimits', ({ soft, hard }, at) =>
        when(soft > hard, `${at}/soft`, `found ${soft}, allowed: at most the hard limit ${hard}`),
      ),
  },
  {
    name: 'console-size',
    section: 'config.md, Process: consoleSize; TIOCSWINSZ of ioctl_tty(2)',
    check: ({ process }) =>
      Object.entries(process?.consoleSize ?? {}).flatMap(([side, value]) =>
        when(value > 0xffff, `/process/consoleSize/${side}`, `found ${value}, allowed: 0 to 65535`),
      ),
  },
  {
    name: 'oom-score-adj',
    section: 'proc(5), oom_score_adj',
    check: ({ process }) => {
      const score = process?.oomScoreAdj ?? 0;
      return when(score < -1000 || score > 1000, '/process/oomScoreAdj', `found ${score}, allowed: -1000 to 1000`);
    },
  },
  {
    name: 'user-ids',
    section: 'setresuid(2), setresgid(2): -1 leaves the id as it is, which would be root',
    check: ({ process }) => {
      const { uid = 0, gid = 0, additionalGids = [] } = process?.user ?? {};
      const check = (id: number, at: string) => when(id === noId, `/process/user/${at}`, `found ${noId}, which is not an id`);
      return [
        ...check(uid, 'uid'),
        ...check(gid, 'gid'),
        ...additionalGids.flatMap((id, at) => check(id, `additionalGids/${at}`)),
      ];
    },
  },
  {
    name: 'umask',
    section: 'config.md, User: umask; umask(2)',
    check: ({ process }) => {
      const umask = process?.user?.umask ?? 0;
      return when(
        umask > 0o777,
        '/process/user/umask',
        `found ${umask}, allowed: 0 to 511 (JSON has no octal numbers: 022 is 18)`,
      );
    },
  },
  {
    name: 'effective-capabilities',
    section: 'capabilities(7): capset(2) fails where effective is not within permitted',
    check: ({ process }) => missing(process?.capabilities, 'effective', 'permitted'),
  },
];

export const processAdvice: readonly Rule[] = [
  {
    name: 'ambient-capabilities',
    section: 'capabilities(7): ambient within permitted and inheritable; runc warns, too',
    check: ({ process }) => [
      ...missing(process?.capabilities, 'ambient', 'permitted'),
      ...missing(process?.capabilities, 'ambient', 'inheritable'),
    ],
  },
];
