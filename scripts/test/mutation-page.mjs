// docs/mutations.md: the mistakes of mutation-list.mjs, and what noticed each one last time.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { subjects } from './mutation-list.mjs';
import { root } from '../run.mjs';

export const pagePath = join(root, 'docs/mutations.md');

const head = `# Mistakes, and the tests that notice them

These are mistakes that somebody could make in the code. \`node scripts/test/mutations.mjs --all\` makes each of them, alone, and runs the test
that must fail for it. With \`--write\`, it makes this page from what has failed first. The mistakes are listed in
\`scripts/test/mutation-list.mjs\`.
`;

/** As prettier writes it. */
function code(text) {
  const trimmed = text.trim();
  if (!trimmed.includes('`')) return `\`${trimmed}\``;
  return /^`|`$/.test(trimmed) ? `\`\` ${trimmed} \`\`` : `\`\`${trimmed}\`\``;
}

/** One line of Markdown. */
export function mistakeOf([file, from, to]) {
  return `\`${file}\`: ${code(from)} ${to === '' ? 'is missing' : `is ${code(to)}`}`;
}

/** What the page says: for each mistake, what noticed it. */
export function readPage() {
  const text = existsSync(pagePath) ? readFileSync(pagePath, 'utf8') : '';
  return new Map([...text.matchAll(/^- (.*) — noticed by (.*)$/gm)].map(([, mistake, test]) => [mistake, test]));
}

/** `failure`: the test's first failure. */
export const noticedBy = (test, failure) => `\`${test}.test.ts\`: ${code(failure)}`;

/** `results`: as readPage. A mistake that has not been noticed is left out. */
export function pageOf(results) {
  const seen = subjects.map(({ title, mistakes }) => ({
    title,
    mistakes: mistakes.filter((one) => results.has(mistakeOf(one))),
  }));
  const sections = seen.map(({ title, mistakes }) => {
    const entries = mistakes.map((one) => `- ${mistakeOf(one)} — noticed by ${results.get(mistakeOf(one))}\n`);
    return `## ${title}: ${mistakes.length}\n\n${entries.join('')}`;
  });
  const count = (list) => list.reduce((sum, { mistakes }) => sum + mistakes.length, 0);
  return [head, `${count(subjects)} mistakes, ${count(seen)} noticed.\n`, ...sections].join('\n');
}
