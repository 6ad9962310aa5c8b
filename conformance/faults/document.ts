// Reads and writes the results between the markers in docs/reliability.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../harness/runtime.js';

const file = join(projectRoot, 'docs/reliability.md');

interface Section {
  readonly whole: string;
  readonly from: number;
  readonly to: number;
}

function find(name: string): Section {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const whole = readFileSync(file, 'utf8');
  const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no place for ${name}`);
  return { whole, from: from + begin.length, to };
}

export function readSection(name: string): string {
  const { whole, from, to } = find(name);
  return whole.slice(from, to).trim();
}

export function writeSection(name: string, text: string): void {
  const { whole, from, to } = find(name);
  writeFileSync(file, `${whole.slice(0, from)}\n\n${text}\n\n${whole.slice(to)}`);
}
