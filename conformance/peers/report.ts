// What is printed: every difference below its reason, those without a reason, and a table of the subjects.
import type { Explained, Finding, Judge } from './compare.js';
import type { Outcome } from './site.js';

export interface Compared {
  readonly name: string;
  readonly peer: string;
  readonly ours: Outcome;
  readonly theirs: Outcome;
  readonly findings: readonly Explained[];
}

const short = (text: string, length = 160): string => {
  const line = text.replaceAll('\n', ' ⏎ ');
  return line.length > length ? `${line.slice(0, length)}…` : line;
};

const shownNames = 8;

/** Findings that differ only in the case are one line; `more` follows the first of them. */
function linesOf(found: readonly (readonly [Finding, more: string])[]): string[] {
  const groups = new Map<string, { readonly names: string[]; readonly more: string }>();
  for (const [{ name, peer, fact, ours, theirs }, more] of found) {
    const what = `${fact}: ours ${short(ours)} · ${peer} ${short(theirs)}`;
    // Words of messages, without what is specific to this case.
    const key = `${what} ${more.replace(/\d+|"[^" ]*"/g, '').slice(0, 500)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { names: [name], more: `${what}${more}` });
    else group.names.push(name);
  }
  return [...groups.values()].map(({ names, more }) => `  ${listOf(names)} · ${more}`);
}

function listOf(names: readonly string[]): string {
  const [first = '', ...rest] = names;
  const subject = `${first.split('/')[0]}/`;
  const shown = [first, ...rest.slice(0, shownNames - 1).map((name) => name.replace(subject, ''))].join(', ');
  return names.length > shownNames ? `${shown} and ${names.length - shownNames} more` : shown;
}

/** The differences that have a reason, each reason once. */
export function explained(all: readonly Compared[]): string {
  const groups = new Map<string, (readonly [Finding, string])[]>();
  for (const { finding, reason } of all.flatMap(({ findings }) => findings)) {
    if (reason !== undefined) groups.set(reason.what, [...(groups.get(reason.what) ?? []), [finding, '']]);
  }
  return [...groups].map(([what, found]) => `${what} (${found.length})\n${linesOf(found).join('\n')}`).join('\n\n');
}

/** What both said, if one of them failed. */
function messagesOf({ peer, ours, theirs }: Compared, fact: string): string {
  if (!fact.startsWith('exit')) return '';
  const said = [
    ['ours', ours.messages],
    [peer, theirs.messages],
  ] as const;
  return said
    .filter(([, text]) => text !== '')
    .map(([who, text]) => `\n      ${who}: ${short(text.trim(), 400)}`)
    .join('');
}

export function unexplained(all: readonly Compared[]): string {
  const found = all.flatMap((one) =>
    one.findings
      .filter(({ reason }) => reason === undefined)
      .map(({ finding }) => [finding, messagesOf(one, finding.fact)] as const),
  );
  return linesOf(found).join('\n');
}

export function stale(judge: Judge, peers: readonly string[]): string[] {
  return judge
    .stale(peers)
    .map(({ difference, where }) => `  ${where.peers.join(', ')} · ${where.cases} · ${where.facts}: ${short(difference.what)}`);
}

const isSame = ({ findings }: Compared): boolean => findings.length === 0;
const hasReason = ({ findings }: Compared): boolean => findings.every(({ reason }) => reason !== undefined);

/** One line for each subject and peer. */
export function table(all: readonly Compared[]): string {
  const rows = new Map<string, Compared[]>();
  for (const one of all) {
    const key = `${one.name.split('/')[0]}\t${one.peer}`;
    rows.set(key, [...(rows.get(key) ?? []), one]);
  }
  return [...rows]
    .map(([key, list]) => {
      const [subject = '', peer = ''] = key.split('\t');
      const same = list.filter(isSame).length;
      const reasons = list.filter((one) => !isSame(one) && hasReason(one)).length;
      const columns = [`${same} same`, `${reasons} with a reason`, `${list.length - same - reasons} without`];
      return `${subject.padEnd(24)} ${peer.padEnd(12)} ${columns.map((text) => text.padStart(18)).join('')}`;
    })
    .join('\n');
}

export function counts(all: readonly Compared[]): { passed: number; failed: number } {
  const passed = all.filter(hasReason).length;
  return { passed, failed: all.length - passed };
}
