// A temporary directory for the tests of one run: what they make bears the names of entries in it, so what a test that was cut off
// leaves on the machine can be told from everybody else's, and removed.
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../run.mjs';

/** The names of cases and sites, and the ids of pocker's containers, which name their cgroups. */
function namesIn(place) {
  const ids = readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^[0-9a-f]{64}$/.test(entry.name))
    .map(({ name }) => name);
  return [...new Set([...readdirSync(place), ...ids])];
}

/** Processes, mounts and cgroups of what ran there, and the directory itself. */
async function clear(place) {
  const { removeLeftovers } = await import(join(root, 'build/js/conformance/harness/machine/leftovers.js'));
  await removeLeftovers(place);
  for (const name of namesIn(place)) await removeLeftovers(name);
  rmSync(place, { recursive: true, force: true });
}

/** `body` gets a directory for TMPDIR. Nothing of what it runs there stays, however that ends. */
export async function inOwnPlace(body) {
  const place = mkdtempSync(join(tmpdir(), 'pkr-own-'));
  // Root of a user namespace has no rights here, but must be able to pass through.
  chmodSync(place, 0o755);
  try {
    return await body(place);
  } finally {
    await clear(place);
  }
}
