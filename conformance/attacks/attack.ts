// An attack is a case after which the host is unchanged. $ATTACK_SECONDS says how long each race is tried.
import type { Box } from '../harness/box.js';
import { test, type CaseOptions, type Tap } from '../harness/case.js';
import { HostSnapshot } from '../harness/machine/host-snapshot.js';

/** Each race: some hundred attempts, or as many as `npm run test:attacks` gives it. */
export const seconds = Number(process.env['ATTACK_SECONDS'] ?? '0.7');

/** Repeats `round` until the time is over; returns how often. */
export async function race(round: () => Promise<void>): Promise<number> {
  let rounds = 0;
  for (const end = performance.now() + seconds * 1000; performance.now() < end; rounds += 1) await round();
  return rounds;
}

/** crun 1.8 changes the host in nearly every case. */
const crun = "gives the machine's /dev/null, as standard input, to the container's user";

export function attack(name: string, body: (t: Tap, box: Box) => Promise<void>, options: CaseOptions = {}): void {
  test(
    name,
    async (t, box) => {
      const host = new HostSnapshot();
      try {
        await body(t, box);
      } finally {
        t.same(host.changes(), [], 'the host is what it was');
      }
    },
    { ...options, knownDifferences: { crun, ...options.knownDifferences } },
  );
}
