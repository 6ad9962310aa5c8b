// Values as a line of JSON. 64-bit integers that a JSON number cannot hold exactly are marked; src/api makes bigints of them.
import { toPockerError } from '../log.js';
import type { Answer, ErrorMessage } from './messages.js';

export const bigKey = '$bigint';

function mark(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)
    ? Number(value)
    : { [bigKey]: [String(value)] };
}

function unmark(_key: string, value: unknown): unknown {
  const big = typeof value === 'object' && value !== null && bigKey in value ? value[bigKey] : undefined;
  // A config's annotations may have a key of that name, but never with an array.
  const digits: unknown = Array.isArray(big) && big.length === 1 ? big[0] : undefined;
  return typeof digits === 'string' && /^-?\d+$/.test(digits) ? BigInt(digits) : value;
}

export function writeAnswer(answer: Answer): string {
  return `${JSON.stringify(answer, mark)}\n`;
}

export function readAnswer(line: string): Answer {
  // Looking at each value takes longer than all the rest.
  return JSON.parse(line, line.includes(bigKey) ? unmark : undefined) as Answer;
}

/** Flags whose option in the library has another name. */
const options: Readonly<Record<string, string>> = {
  '--cgroup': 'cgroups',
  '--systemd-cgroup': 'cgroupManager "systemd"',
  '--preserve-fds': 'fds',
  '--console-socket': 'terminal',
};

/** Programs have no flags: "--ignore-paused" is ignorePaused. Command lines, in backquotes, stay. */
function withOptions(text: string): string {
  return text.replace(/`[^`]*`|(?<=^|[ (])--[a-z]+(-[a-z]+)*(?![\w-])/g, (found) =>
    found.startsWith('`') ? found : (options[found] ?? found.slice(2).replace(/-./g, (letter) => letter.slice(1).toUpperCase())),
  );
}

/** Messages of other codes may quote programs. */
const ownWords = ['E_STATE', 'E_USAGE'];

export function errorMessage(caught: unknown): ErrorMessage {
  const { code, message, details } = toPockerError(caught);
  const { cause: _cause, hint, ...rest } = details;
  return {
    ...rest,
    ...(hint === undefined ? {} : { hint: withOptions(hint) }),
    code,
    message: ownWords.includes(code) ? withOptions(message) : message,
  };
}
