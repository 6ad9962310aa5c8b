// Rules on seccomp (config-linux.md, Seccomp).
import { quoteText } from '../../json/quote.js';
import { forEach, isAbsolute, when, type Linux, type Rule } from '../rule.js';
import type { Violation } from '../violation.js';

type Seccomp = NonNullable<Linux['seccomp']>;

const notify = 'SCMP_ACT_NOTIFY';

/** seccomp(2): 16 bits; errno values end at MAX_ERRNO. */
const lastErrno = 4095;

function checkErrno(action: string, errno: number | undefined, pointer: string): Violation[] {
  if (errno === undefined) return [];
  if (action !== 'SCMP_ACT_ERRNO' && action !== 'SCMP_ACT_TRACE') {
    return [{ pointer, message: `found ${errno}, but ${action} returns no errno (SCMP_ACT_ERRNO and SCMP_ACT_TRACE do)` }];
  }
  return when(action === 'SCMP_ACT_ERRNO' && errno > lastErrno, pointer, `found ${errno}, allowed: 0 to ${lastErrno}`);
}

function of(check: (seccomp: Seccomp) => Violation[]): Rule['check'] {
  return ({ linux }) => (linux?.seccomp === undefined ? [] : check(linux.seccomp));
}

const base = '/linux/seccomp';

export const seccompRules: readonly Rule[] = [
  {
    name: 'seccomp-errno',
    section:
      'config-linux.md, Seccomp: errnoRet, "When the action doesn\'t support an errno, the runtime MUST print and error and fail"',
    check: of(({ defaultAction, defaultErrnoRet, syscalls }) => [
      ...checkErrno(defaultAction, defaultErrnoRet, `${base}/defaultErrnoRet`),
      ...forEach(syscalls, `${base}/syscalls`, ({ action, errnoRet }, at) => checkErrno(action, errnoRet, `${at}/errnoRet`)),
    ]),
  },
  {
    name: 'seccomp-argument',
    section: 'syscall(2): six arguments',
    check: of(({ syscalls }) =>
      forEach(syscalls, `${base}/syscalls`, ({ args }, at) =>
        forEach(args, `${at}/args`, ({ index }, argument) =>
          when(index > 5, `${argument}/index`, `found ${index}, allowed: 0 to 5`),
        ),
      ),
    ),
  },
  {
    name: 'seccomp-listener',
    section: 'config-linux.md, Seccomp: listenerMetadata "MUST NOT be set if listenerPath is not set"; SCMP_ACT_NOTIFY needs one',
    check: of(({ defaultAction, listenerPath = '', listenerMetadata = '', syscalls }) => {
      const notifies = syscalls?.some(({ action }) => action === notify) ?? false;
      return [
        ...when(
          listenerPath !== '' && !isAbsolute(listenerPath),
          `${base}/listenerPath`,
          () => `found ${quoteText(listenerPath, 60)}, expected an absolute path`,
        ),
        ...when(
          listenerMetadata !== '' && listenerPath === '',
          `${base}/listenerMetadata`,
          'is allowed together with listenerPath only',
        ),
        ...when(
          defaultAction === notify,
          `${base}/defaultAction`,
          `${notify} cannot be the default: the listener could never be told`,
        ),
        // Init sends the notify fd with sendmsg, through the filter.
        ...when(
          syscalls?.some(({ action, names }) => action === notify && names.includes('sendmsg')) ?? false,
          `${base}/syscalls`,
          `${notify} cannot be used for sendmsg`,
        ),
        ...when(notifies && listenerPath === '', `${base}/listenerPath`, `is missing, but ${notify} needs it`),
      ];
    }),
  },
];
