// doctor: what the machine has, and what broken containers left behind.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../../../harness/box.js';
import { failed, succeeded, test, type CaseOptions } from '../../../harness/case.js';
import { cgroupDirectory, hierarchies, layout } from '../../../harness/machine/cgroup.js';
import type { Container } from '../../../harness/container.js';

const ours: CaseOptions = { oursOnly: true };

interface Check {
  readonly area: string;
  readonly name: string;
  readonly result: string;
  readonly required: boolean;
  readonly lost: string;
  readonly remedy: string;
}

interface Diagnosis {
  readonly kernel: string;
  readonly healthy: boolean;
  readonly checks: readonly Check[];
  readonly leftovers: readonly { readonly kind: string; readonly subject: string; readonly removed: boolean }[];
}

async function doctor(box: Box, ...flags: string[]): Promise<Diagnosis> {
  const { stdout, stderr } = await box.runtime(['doctor', '--format', 'json', ...flags], { timeout: 60_000 });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Diagnosis;
}

/** Only of this case: cgroups of others may be left at the same time. */
function leftOf(box: Box, { leftovers }: Diagnosis): string[] {
  return leftovers.filter(({ subject }) => subject.includes(box.name)).map(({ kind, removed }) => `${kind} ${removed}`);
}

/** What a killed create leaves: its record, whose creator no longer exists. */
function breakOff(box: Box, container: Container): void {
  const file = join(box.stateRoot, container.id, 'state.json');
  const record = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...record, status: 'creating', creator: { pid: 1, startTime: 1 } }));
}

test(
  'what this machine has',
  async (t, box) => {
    const { kernel, checks } = await doctor(box);
    t.equal(kernel, readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim());
    const found = (name: string): string | undefined => checks.find((one) => one.name === name)?.result;
    t.same(
      ['openat2', 'clone3', 'mount_setattr', 'pid namespace', 'seccomp'].map(found),
      ['ok', 'ok', 'ok', 'ok', 'ok'],
      'a machine on which these cases run has all that is required',
    );
    t.equal(found('pids'), layout === 'none' || cgroupDirectory('pids', '/') === undefined ? 'missing' : 'ok');
    t.same(
      checks.filter(({ required, result }) => required && result !== 'ok'),
      [],
    );
    const silent = checks.filter(({ result, lost, remedy }) => result === 'missing' && (lost === '' || remedy === ''));
    t.same(silent, [], 'what is missing is reported with the consequences, and how to get it');
    const { stdout } = await box.runtime(['doctor'], { timeout: 60_000 });
    for (const { name } of checks) t.match(stdout, name, `${name} is in the text`);
  },
  ours,
);

test(
  'a create that was killed is found, and removed with --fix',
  async (t, box) => {
    const container = box.container();
    succeeded(t, await container.create());
    t.same(leftOf(box, await doctor(box)), [], 'a created container is not a leftover');
    breakOff(box, container);
    t.same(leftOf(box, await doctor(box)), ['half-made container false']);
    t.ok(existsSync(join(box.stateRoot, container.id)), 'nothing is touched without --fix');
    t.same(leftOf(box, await doctor(box, '--fix')), ['half-made container true']);
    t.same(await box.leftovers(), []);
    t.same(leftOf(box, await doctor(box)), []);
  },
  ours,
);

test(
  "a create that was killed before its first record, next to others' directories",
  async (t, box) => {
    const [own, foreign] = ['own', 'foreign'].map((name) => join(box.stateRoot, `${box.name}-${name}`)) as [string, string];
    for (const directory of [own, foreign]) mkdirSync(directory, { recursive: true });
    writeFileSync(join(own, '.state.json.123'), '{"ver');
    writeFileSync(join(foreign, 'mine'), '');
    t.same(leftOf(box, await doctor(box)), ['half-made container false']);
    t.same(leftOf(box, await doctor(box, '--fix')), ['half-made container true']);
    t.notOk(existsSync(own));
    const container = box.container(() => undefined, { id: `${box.name}-foreign` });
    failed(t, await container.create(), /container with id exists/);
    t.ok(existsSync(join(foreign, 'mine')), 'what no create can have left stays');
    rmSync(foreign, { recursive: true });
    t.same(await box.leftovers(), []);
  },
  ours,
);

test(
  'an unreadable record, and one from before the last boot',
  async (t, box) => {
    const container = box.container();
    succeeded(t, await container.create());
    succeeded(t, await container.kill());
    await container.waitFor('stopped');
    t.same(leftOf(box, await doctor(box)), [], 'a stopped container is left to its engine');
    const file = join(box.stateRoot, container.id, 'state.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as { cgroups: { path: string }[] };
    writeFileSync(file, JSON.stringify({ ...record, boot: 'of yesterday' }));
    for (const { path } of record.cgroups) await box.command('rmdir', [path]);
    mkdirSync(join(box.stateRoot, `${box.name}-broken`));
    writeFileSync(join(box.stateRoot, `${box.name}-broken`, 'state.json'), '{"version":');
    t.same(leftOf(box, await doctor(box)).sort(), ['container from before the last boot false', 'unreadable container false']);
    t.same(leftOf(box, await doctor(box, '--fix')).sort(), [
      'container from before the last boot true',
      'unreadable container true',
    ]);
    t.same(await box.leftovers(), []);
  },
  ours,
);

test(
  'cgroups and mounts without a container',
  async (t, box) => {
    const container = await box.running();
    const [hierarchy] = hierarchies;
    // Marked like those that a create makes.
    mkdirSync(join(hierarchy!.path, `${box.name}-lost`));
    await box.command('chmod', ['1755', join(hierarchy!.path, `${box.name}-lost`)]);
    mkdirSync(join(box.stateRoot, 'gone', 'notify'), { recursive: true });
    await box.command('mount', ['-t', 'tmpfs', 'none', join(box.stateRoot, 'gone', 'notify')]);
    t.same(leftOf(box, await doctor(box)).sort(), ['cgroup false', 'mount false']);
    t.same(leftOf(box, await doctor(box, '--fix')).sort(), ['cgroup true', 'mount true']);
    t.notOk(existsSync(join(hierarchy!.path, `${box.name}-lost`)));
    await box.command('rmdir', [join(box.stateRoot, 'gone', 'notify'), join(box.stateRoot, 'gone')]);
    t.equal((await container.state()).status, 'running', 'what is in use stays');
  },
  { ...ours, skip: layout === 'none' ? 'there are no cgroups' : false },
);

test(
  'cgroups of containers that come and go under one path are not left',
  async (t, box) => {
    const [hierarchy] = hierarchies;
    const path = join(hierarchy!.path, `${box.name}-busy`);
    // As creates make them, and deletes remove them, in another state directory.
    const renew = (): void => {
      if (existsSync(path)) rmdirSync(path);
      mkdirSync(path);
      chmodSync(path, 0o1755);
    };
    renew();
    const timer = setInterval(renew, 20);
    box.atEnd(() => {
      clearInterval(timer);
    });
    t.same(leftOf(box, await doctor(box, '--fix')), []);
    clearInterval(timer);
    t.ok(existsSync(path));
    rmdirSync(path);
  },
  { ...ours, skip: layout === 'none' ? 'there are no cgroups' : false },
);
