// docs/differences.md, generated from the table of reasons.
import type { Chapter, Difference } from './difference.js';

const head = `# Where pocker-runc differs from runc and crun

\`npm run test:peers\` runs the same configs and command lines (\`conformance/peers/tables/\`) through pocker-runc, runc and crun, and
compares exit codes, what a program in the container sees, and what is left on the machine. The run fails if it finds a difference that
is not listed here, or no longer finds one that is. \`npm run test:peers -- --document\` generates this page from
\`conformance/peers/differences/\`.
`;

function peersOf({ where }: Difference): string {
  return [...new Set(where.flatMap(({ peers }) => peers))].sort().reverse().join(', ');
}

function entry(difference: Difference): string {
  const peers = peersOf(difference);
  return `- ${difference.what}${peers === '' ? '' : ` (${peers}) — ${difference.why}`}`;
}

export function documentOf(chapters: readonly Chapter[]): string {
  const sections = chapters.map(({ title, differences }) => `## ${title}\n\n${differences.map(entry).join('\n')}\n`);
  return [head, ...sections].join('\n');
}
