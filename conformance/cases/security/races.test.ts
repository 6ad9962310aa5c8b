// A second container that shares a volume swaps a directory for a link while the first is being created. The time is bounded:
// this proves that some hundreds of exchanges did no harm.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '../../harness/case.js';
import { type Mount, shell } from '../../harness/config.js';
import { exchange } from '../../harness/topics/exchange.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';

/** As in conformance/attacks/attack.ts. */
const budget = 1000 * Number(process.env['ATTACK_SECONDS'] ?? '2');

interface Arena {
  readonly container: Container;
  /** The host directory that the link leads to. */
  readonly outside: string;
}

/** A container with `mount` in /volume/dir, which alternates with a link to a host directory. */
function arena(box: Box, mount: Mount, script: string): Arena {
  const outside = box.path('outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'marker'), 'of the host\n');
  const container = box.container((config) => {
    config.mounts.push(mount);
    config.process.args = shell(script);
  });
  const volume = join(container.rootfs, 'volume');
  mkdirSync(join(volume, 'dir'), { recursive: true });
  symlinkSync(outside, join(volume, 'link'));
  exchange(box, join(volume, 'dir'), join(volume, 'link'));
  return { container, outside };
}

async function rounds(container: Container): Promise<string> {
  const end = performance.now() + budget;
  let seen = '';
  while (performance.now() < end) seen += (await container.run()).stdout;
  return seen;
}

test('the target of a mount is swapped for a link to the host (CVE-2021-30465)', async (t, box) => {
  const source = box.path('source');
  mkdirSync(source);
  const mount = { destination: '/volume/dir', type: 'bind', source, options: ['bind'] };
  const { container, outside } = arena(box, mount, 'cat /volume/dir/marker /volume/link/marker 2> /dev/null');
  t.notMatch(await rounds(container), /of the host/);
  t.same(readdirSync(outside), ['marker']);
  t.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(`${outside} `), false, 'nothing is mounted on the host');
});

test(
  'a parent of a new mount point is swapped (CVE-2024-45310)',
  async (t, box) => {
    const mount = { destination: '/volume/dir/made/for/it', type: 'tmpfs', source: 'tmpfs' };
    const { container, outside } = arena(box, mount, 'true');
    await rounds(container);
    t.same(readdirSync(outside), ['marker'], 'nothing is made on the host');
  },
  { knownDifferences: { 'runc 1.1': 'is older than the fix' } },
);

test(
  'a parent of a mount point is swapped for a link whose target is missing on the host',
  async (t, box) => {
    const mount = { destination: '/volume/dir/made/for/it', type: 'tmpfs', source: 'tmpfs' };
    const { container, outside } = arena(box, mount, 'true');
    const missing = join(container.rootfs, 'volume/missing');
    symlinkSync(join(outside, 'missing'), missing);
    exchange(box, join(container.rootfs, 'volume/dir'), missing);
    await rounds(container);
    t.same(readdirSync(outside), ['marker'], 'nothing is made on the host');
  },
  { knownDifferences: { 'runc 1.1': 'is older than the fix' } },
);

test(
  'a parent of a device and of a working directory is swapped',
  async (t, box) => {
    const { container, outside } = arena(box, { destination: '/unused', type: 'tmpfs', source: 'tmpfs' }, 'true');
    container.config.linux.devices = [{ path: '/volume/dir/device', type: 'c', major: 1, minor: 3, fileMode: 0o666 }];
    container.config.process.cwd = '/volume/dir/new';
    container.writeConfig();
    await rounds(container);
    t.same(readdirSync(outside), ['marker']);
  },
  { knownDifferences: { 'runc 1.1': 'is older than the fix' } },
);

test('a masked path is swapped', async (t, box) => {
  const { container, outside } = arena(box, { destination: '/unused', type: 'tmpfs', source: 'tmpfs' }, 'true');
  container.config.linux.maskedPaths = ['/volume/dir'];
  container.config.linux.readonlyPaths = ['/volume/dir'];
  container.writeConfig();
  await rounds(container);
  t.equal(readFileSync(join(outside, 'marker'), 'utf8'), 'of the host\n');
  t.equal(readFileSync('/proc/self/mountinfo', 'utf8').includes(`${outside} `), false);
});
