// null for an optional field, which Go programs write for an empty list or pointer: the same as omitting the field.
import { writeFileSync } from 'node:fs';
import { failed, succeeded, test, type Tap } from '../../harness/case.js';
import { readCgroup } from '../../harness/machine/cgroup.js';
import type { Container } from '../../harness/container.js';
import { shell, toJson, type Config } from '../../harness/config.js';
import { schemaFields } from '../../harness/schema/fields.js';

type Json = Record<string | number, unknown>;

/** Every optional field that the config omits, as null, at every depth. */
function withNulls(config: Config): Json {
  const whole = JSON.parse(toJson(config)) as Json;
  for (const { path, kind } of schemaFields()) {
    const holder = path.slice(0, -1).reduce<unknown>((value, key) => (value as Json | undefined)?.[key], whole);
    if (kind !== 'optional' || typeof holder !== 'object' || holder === null) continue;
    (holder as Json)[path.at(-1)!] ??= null;
  }
  return whole;
}

test('config.json: everything that may be omitted is null', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('id -u; echo $$');
    config.linux.resources = { memory: {}, cpu: {}, pids: { limit: 20 }, devices: [{ allow: true, access: 'rwm' }] };
    config.hooks = {};
  });
  container.writeConfig(JSON.stringify(withNulls(container.config)));
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, '0\n1\n');
});

test('the process of exec', async (t, box) => {
  const container = await box.running();
  const own = withNulls({ ...container.config, process: { user: { uid: 5, gid: 5 }, args: ['id', '-u'], cwd: '/' } });
  const file = box.path('process.json');
  writeFileSync(file, JSON.stringify({ ...(own['process'] as Json), env: ['PATH=/bin'] }));
  const result = await container.verb('exec', { flags: ['--process', file] });
  succeeded(t, result);
  t.equal(result.stdout, '5\n');
});

const update = async (t: Tap, container: Container, resources: string): Promise<void> => {
  const file = container.box.path('resources.json');
  writeFileSync(file, resources);
  succeeded(t, await container.verb('update', { flags: ['--resources', file] }));
};

test(
  'the resources of update: fields',
  async (t, box) => {
    const container = await box.running((config) => {
      config.linux.resources = { memory: { limit: 64 << 20 }, pids: { limit: 20 } };
    });
    const memory = '{"limit": null, "swap": null}';
    await update(t, container, `{"devices": null, "memory": ${memory}, "cpu": {"shares": null}, "pids": {"limit": 21}}`);
    t.equal(readCgroup('pids', container.cgroupsPath, 'pids.max'), '21');
    const limit = readCgroup('memory', container.cgroupsPath, 'memory.limit_in_bytes');
    t.equal(limit ?? readCgroup('memory', container.cgroupsPath, 'memory.max'), String(64 << 20));
  },
  { knownDifferences: { 'runc 1.1': 'panics' } },
);

test(
  'the resources of update: whole sections',
  async (t, box) => {
    const container = await box.running((config) => {
      config.linux.resources = { pids: { limit: 20 } };
    });
    await update(t, container, '{"memory": null, "cpu": null, "pids": null, "blockIO": null, "unified": null}');
    t.equal(readCgroup('pids', container.cgroupsPath, 'pids.max'), '20');
    await update(t, container, 'null');
  },
  { knownDifferences: { runc: 'panics' } },
);

test(
  'mounts for an existing container',
  async (t, box) => {
    const container = await box.running();
    const file = box.path('mounts.json');
    const mount = { destination: '/new', type: 'tmpfs', source: null, options: null, uidMappings: null, gidMappings: null };
    writeFileSync(file, JSON.stringify([mount]));
    succeeded(t, await container.verb('mounts', { flags: ['add'] }, [file]));
    succeeded(t, await container.verb('exec', {}, ['grep', ' /new ', '/proc/mounts']));
  },
  { oursOnly: true },
);

test(
  'null in a list, or for a required field, is an error with its place',
  async (t, box) => {
    const container = box.container();
    for (const [text, place] of [
      ['{"ociVersion": "1.0.0", "process": {"cwd": null}}', '/process/cwd (line 1, column 44): is null, but required'],
      ['{"ociVersion": "1.0.0", "mounts": [null]}', '/mounts/0 (line 1, column 36): found null, expected an object'],
      ['{"ociVersion": "1.0.0", "annotations": {"a": null}}', '/annotations/a (line 1, column 46): found null'],
    ] as const) {
      container.writeConfig(text);
      const result = await container.create();
      failed(t, result);
      t.ok(result.stderr.includes(place), place, { stderr: result.stderr });
    }
  },
  { oursOnly: true },
);
