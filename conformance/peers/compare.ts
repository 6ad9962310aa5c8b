// Compares our facts of one case with a peer's, and finds the reasons for the differences.
import type { Difference, Where } from './difference.js';
import type { Outcome } from './site.js';

/** One fact that differs. */
export interface Finding {
  readonly name: string;
  /** "runc 1.5" */
  readonly peer: string;
  readonly fact: string;
  readonly ours: string;
  readonly theirs: string;
}

export const absent = '(none)';

/** Facts of a probe, by their prefixes: they count only if both runtimes got far enough to be probed. */
const probed = /^(hook|cgroup) /;

/** Seen from outside, whatever happened to the program. */
const always = /^(?:exit|left|ended|shown|host)(?: |$)/;

/** If one of them did not get far enough to print what it sees, only the rest is compared. */
export function compare(name: string, peer: string, ours: Outcome, theirs: Outcome): Finding[] {
  const both = (fact: string): boolean => ours.facts.has(fact) && theirs.facts.has(fact);
  const counts = (fact: string): boolean => always.test(fact) || both(`${probed.exec(fact)?.[0] ?? ''}probed`);
  const keys = [...new Set([...ours.facts.keys(), ...theirs.facts.keys()])].filter(counts).sort();
  return keys
    .map((fact) => ({ name, peer, fact, ours: ours.facts.get(fact) ?? absent, theirs: theirs.facts.get(fact) ?? absent }))
    .filter((finding) => finding.ours !== finding.theirs);
}

const patterns = new Map<string, RegExp>();

/** "*" is anything, "a|b" the one or the other. */
export function matches(pattern: string, text: string): boolean {
  let known = patterns.get(pattern);
  if (known === undefined) {
    const source = pattern.replace(/[.+?^${}()[\]\\]/g, '\\$&').replaceAll('*', '.*');
    known = new RegExp(`^(?:${source})$`, 's');
    patterns.set(pattern, known);
  }
  return known.test(text);
}

function explains(where: Where, finding: Finding): boolean {
  return (
    concerns(where, finding.peer) &&
    matches(where.cases, finding.name) &&
    matches(where.facts, finding.fact) &&
    (where.ours === undefined || matches(where.ours, finding.ours)) &&
    (where.theirs === undefined || matches(where.theirs, finding.theirs))
  );
}

/** "runc" is every release of it. */
export function concerns(where: Where, peer: string): boolean {
  return where.peers.some((one) => one === peer || peer.startsWith(`${one} `));
}

export interface Explained {
  readonly finding: Finding;
  readonly reason: Difference | undefined;
}

/** Gives each finding its reason, and remembers which entries were used. */
export class Judge {
  readonly #differences: readonly Difference[];
  readonly #used = new Set<Where>();

  constructor(differences: readonly Difference[]) {
    this.#differences = differences;
  }

  explain(finding: Finding): Explained {
    let reason: Difference | undefined;
    for (const difference of this.#differences)
      for (const where of difference.where) {
        if (!explains(where, finding)) continue;
        this.#used.add(where);
        reason ??= difference;
      }
    return { finding, reason };
  }

  /** The entries about one of these peers that were never used. */
  stale(peers: readonly string[]): { readonly difference: Difference; readonly where: Where }[] {
    return this.#differences.flatMap((difference) =>
      difference.where
        .filter((where) => !this.#used.has(where) && peers.some((one) => concerns(where, one)))
        .map((where) => ({ difference, where })),
    );
  }
}
