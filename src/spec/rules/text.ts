// One rule for all text that reaches the kernel: a NUL would end it early.
import { joinPointer } from '../../json/pointer.js';
import type { Rule } from '../rule.js';
import type { Violation } from '../violation.js';

/** The parts of a config that the runtime passes on. Annotations are only displayed. */
const sections = ['process', 'root', 'hostname', 'domainname', 'mounts', 'hooks', 'linux'] as const;

const message = 'has a NUL character (\\u0000), which no path, argument or variable can hold';

function findNul(value: unknown, pointer: string, found: Violation[]): void {
  if (typeof value === 'string') {
    if (value.includes('\0')) found.push({ pointer, message });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const at = joinPointer(pointer, key);
    if (key.includes('\0')) found.push({ pointer: at, message });
    findNul(item, at, found);
  }
}

export const textRules: readonly Rule[] = [
  {
    name: 'no-nul',
    section: 'execve(2), path_resolution(7): strings end at the first NUL',
    check: (spec) => {
      const found: Violation[] = [];
      for (const section of sections) findNul(spec[section], `/${section}`, found);
      return found;
    },
  },
];
