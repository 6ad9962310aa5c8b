// Many containers: at once, in parallel, one after another. None fails, and nothing is left. Also a fixed amount of work with --cpus.
// With POCKER_CROWD=1: 100 at once, 20 in parallel and 1,000 one after another.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { networkState } from '../harness/own-network.js';
import { Box, Output, settled } from '../harness/box.js';

const whole = process.env['POCKER_CROWD'] !== undefined;
const [atOnce, inParallel, inTurn] = whole ? [100, 20, 1000] : [15, 8, 25];

const box = new Box('crowd');
t.teardown(() => box.remove());
// Much longer than tap's limit on a busy machine.
t.setTimeout(0);

/** One command's output and exit code. */
async function call(...words: readonly string[]): Promise<string> {
  const output = new Output(box.begin(...words));
  const code = await output.end;
  return `${output.text}${code}`;
}

const indices = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Cgroups of pocker's containers made since. */
function cgroups(): string[] {
  const hierarchies = readdirSync('/sys/fs/cgroup', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return ['/sys/fs/cgroup', ...hierarchies.map(({ name }) => `/sys/fs/cgroup/${name}`)].flatMap((path) =>
    readdirSync(path).filter((name) => name.startsWith('pocker-') && ids.has(name.slice('pocker-'.length))),
  );
}

/** Of all containers of this test. */
const ids = new Set<string>();

function leases(): string[] {
  const path = box.path('run/networks/leases.json');
  return existsSync(path) ? Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object) : [];
}

// The bridge stays.
box.pocker('run', '--rm', 'busybox', 'true');
const networksBefore = networkState();

/** Processes, mounts, files, namespaces, addresses, rules, devices, cgroups. */
const left = (): Promise<string[]> =>
  settled(
    () => [...box.leftovers(), ...leases(), ...cgroups(), ...networkState().filter((line) => !networksBefore.includes(line))],
    (found) => found.length === 0,
  );

/** Records their ids while they exist. */
function noteIds(): void {
  for (const line of readFileSync(box.path('root/events.log'), 'utf8').trim().split('\n')) {
    const { Type, Actor } = JSON.parse(line) as { Type: string; Actor: { ID: string } };
    if (Type === 'container') ids.add(Actor.ID);
  }
}

void t.test(`${atOnce} containers at once`, async (t) => {
  const names = indices(atOnce).map((index) => `one-${index}`);
  for (const name of names) t.match(box.pocker('run', '-d', '--name', name, 'busybox', 'sleep', '10000'), { code: 0 }, name);
  const listed = box.pocker('ps', '--format', '{{.Names}} {{.State}}').out.trim().split('\n').sort();
  t.same(listed, names.map((name) => `${name} running`).sort());
  const addresses = box
    .pocker('inspect', '-f', '{{.NetworkSettings.Networks.bridge.IPAddress}}', ...names)
    .out.trim()
    .split('\n');
  t.equal(new Set(addresses).size, atOnce, 'each has an address of its own');
  t.match(box.pocker('exec', names.at(-1)!, 'echo', 'yes'), { code: 0, out: 'yes\n' });
  t.match(box.pocker('rm', '-f', ...names), { code: 0, out: `${names.join('\n')}\n` });
  noteIds();
  t.equal(ids.size >= atOnce, true);
  t.same(await left(), []);
});

void t.test(`${inParallel} at a time`, async (t) => {
  const said = await Promise.all(indices(inParallel).map((index) => call('run', '--rm', 'busybox', 'echo', `${index}:`)));
  t.same(
    said,
    indices(inParallel).map((index) => `${index}:\n0`),
  );
  noteIds();
  t.same(await left(), []);
});

void t.test(`${inTurn} one after another`, async (t) => {
  const wrong: string[] = [];
  for (const index of indices(inTurn)) {
    const { code, out, err } = box.pocker('run', '--rm', 'busybox', 'echo', String(index));
    if (code !== 0 || out !== `${index}\n` || err !== '') wrong.push(`${index}: ${code} ${out}${err}`);
  }
  t.same(wrong, []);
  noteIds();
  t.same(await left(), []);
});

/** How many times its CPU time a fixed amount of work takes. */
function stretch(...flags: readonly string[]): number {
  const work =
    'read a b </proc/uptime; i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; read c d </proc/uptime; echo $a $c; times';
  const { out } = box.pocker('run', '--rm', '--network', 'none', ...flags, 'busybox', 'sh', '-c', work);
  const [begin = 0, end = 0] = out.split('\n')[0]!.split(' ').map(Number);
  const [, minutes = 0, seconds = 0] = (/^(\d+)m([\d.]+)s/m.exec(out) ?? []).map(Number);
  return (end - begin) / (minutes * 60 + seconds);
}

// A busy machine stretches all of them; a share must never be too large.
void t.test('a fixed piece of work with a share of a CPU', (t) => {
  const free = stretch();
  const [half, quarter] = [stretch('--cpus', '0.5'), stretch('--cpus', '0.25')];
  t.comment(`wall time per CPU time: ${free.toFixed(2)}, ${half.toFixed(2)} with 0.5, ${quarter.toFixed(2)} with 0.25`);
  t.ok(half > 1.6 && half < 2 * 2 * Math.max(free, 1), `about twice its CPU time: ${half}`);
  t.ok(quarter > 3.2 && quarter < 4 * 2 * Math.max(free, 1), `about four times: ${quarter}`);
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
