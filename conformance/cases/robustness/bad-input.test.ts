// Bad input: a clear message, an exit code, and nothing left behind.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { type Config, shell, toJson } from '../../harness/config.js';
import { runtime } from '../../harness/runtime.js';

test('no config.json', async (t, box) => {
  const container = box.container();
  rmSync(join(container.bundle, 'config.json'));
  failed(t, await container.create(), /config\.json/);
  t.same(await box.leftovers(), []);
});

test('config.json is a directory', async (t, box) => {
  const container = box.container();
  rmSync(join(container.bundle, 'config.json'));
  mkdirSync(join(container.bundle, 'config.json'));
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

const broken: Record<string, string> = {
  'nothing at all': '',
  'only blanks': ' \n ',
  'half of it': '{"ociVersion": "1.0.2", "root": {"pa',
  'a comma too many': '{"ociVersion": "1.0.2",}',
  'a comment': '{} // done',
  'text after the end': '{"ociVersion": "1.0.2"} x',
  'no JSON': '<config/>',
  'bytes that are no UTF-8 at the start': '\ufffe{',
  'an array': '[]',
  null: 'null',
  'a number': '1e999',
};

for (const [name, text] of Object.entries(broken)) {
  test(`broken JSON: ${name}`, async (t, box) => {
    const container = box.container();
    container.writeConfig(text);
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  });
}

test(
  'bytes that are not UTF-8',
  async (t, box) => {
    const container = box.container();
    const text = Buffer.from(toJson({ ...container.config, hostname: 'X' }).replace('"X"', '"@"'));
    text[text.indexOf('@')] = 0xff;
    writeFileSync(join(container.bundle, 'config.json'), text);
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'its JSON decoder inserts the replacement character' } },
);

test(
  'broken JSON is reported with line and column',
  async (t, box) => {
    const container = box.container();
    container.writeConfig('{\n  "ociVersion": "1.0.2",\n  "root" 1\n}\n');
    failed(t, await container.create(), /3:\d+|line 3/);
  },
  { oursOnly: true },
);

type Change = (config: Config & Record<string, unknown>) => void;
const wrong: Record<string, [pointer: string, change: (config: Record<string, never>) => void]> = {};
const set = (pointer: string, change: Change): void => {
  wrong[pointer] = [pointer, change as never];
};
set('/ociVersion', (config) => Object.assign(config, { ociVersion: 1 }));
set('/root', (config) => Object.assign(config, { root: 'rootfs' }));
set('/root/readonly', (config) => Object.assign(config.root, { readonly: 'yes' }));
set('/process/args', (config) => Object.assign(config.process, { args: 'sh' }));
set('/process/args/0', (config) => Object.assign(config.process, { args: [1] }));
set('/process/user/uid', (config) => Object.assign(config.process.user, { uid: '0' }));
set('/process/rlimits/0/soft', (config) =>
  Object.assign(config.process, { rlimits: [{ type: 'RLIMIT_CORE', soft: 'x', hard: 1 }] }),
);
set('/mounts', (config) => Object.assign(config, { mounts: {} }));
set('/mounts/0/options', (config) => Object.assign(config.mounts[0] ?? {}, { options: 'ro' }));
set('/hooks/createRuntime', (config) => Object.assign(config, { hooks: { createRuntime: {} } }));
set('/hooks/createRuntime/0/timeout', (config) =>
  Object.assign(config, { hooks: { createRuntime: [{ path: '/bin/true', timeout: 'soon' }] } }),
);
set('/linux/namespaces', (config) => Object.assign(config.linux, { namespaces: { type: 'pid' } }));
set('/linux/resources/memory/limit', (config) => Object.assign(config.linux, { resources: { memory: { limit: '1G' } } }));
set('/linux/maskedPaths/0', (config) => Object.assign(config.linux, { maskedPaths: [null, 1] }));

for (const [name, [pointer, change]] of Object.entries(wrong)) {
  test(
    `wrong type: ${name}`,
    async (t, box) => {
      const container = box.container();
      const config = structuredClone(container.config) as unknown as Record<string, never>;
      change(config);
      container.writeConfig(toJson(config));
      const result = await container.create();
      failed(t, result);
      if (runtime.isOurs) t.ok(result.stderr.includes(pointer), `the message names ${pointer}`, { stderr: result.stderr });
      t.same(await box.leftovers(), []);
    },
    { knownDifferences: { crun: 'does not check most types' } },
  );
}

test(
  'all violations of the schema are reported at once',
  async (t, box) => {
    const container = box.container();
    const config = { ...container.config, hostname: 5, process: { ...container.config.process, cwd: 7, args: 'sh' } };
    container.writeConfig(toJson(config));
    const result = await container.create();
    failed(t, result);
    for (const pointer of ['/hostname', '/process/cwd', '/process/args'])
      t.ok(result.stderr.includes(pointer), pointer, { stderr: result.stderr });
  },
  { oursOnly: true },
);

test(
  'missing required properties',
  async (t, box) => {
    for (const key of ['ociVersion', 'root']) {
      const container = box.container();
      container.writeConfig(toJson({ ...container.config, [key]: undefined }));
      failed(t, await container.create());
    }
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'accepts a config without ociVersion' } },
);

const longest = 'x'.repeat(1024);
for (const [name, id] of [
  ['empty', ''],
  ['dot', '.'],
  ['dots', '..'],
  ['a slash', 'a/b'],
  ['leaving', '../x'],
  ['a blank', 'a b'],
  ['too long', longest],
  ['a line end', 'a\nb'],
  ['not ASCII', 'ü'],
  ['a NUL escape', 'a%00b'],
] as const) {
  test(
    `an id that is refused: ${name}`,
    async (t, box) => {
      const container = box.container();
      for (const verb of ['create', 'run']) failed(t, await box.runtime([verb, '--bundle', container.bundle, id]));
      for (const verb of ['state', 'start', 'delete']) {
        const result = await box.runtime([verb, id]);
        t.not(result.code, 0, verb);
      }
      t.same(await box.leftovers(), []);
    },
    { knownDifferences: { 'crun 1.8': 'takes any name' } },
  );
}

for (const id of ['a', 'A-b_c+d.e', '0', 'x'.repeat(200)]) {
  test(`an id that is fine: ${id.slice(0, 20)}`, async (t, box) => {
    const container = box.container(undefined, { id });
    succeeded(t, await container.run());
  });
}

test('an id that begins with a dash, after --', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('echo fine');
  });
  const result = await box.runtime(['run', '--bundle', container.bundle, '--', '-x']);
  succeeded(t, result);
  t.equal(result.stdout, 'fine\n');
  failed(t, await box.runtime(['run', '--bundle', container.bundle, '-x']));
  t.same(await box.leftovers(), []);
});

for (const [name, place] of [
  ['blanks', 'a bundle of blanks'],
  ['a line end', 'a\nbundle'],
  ['quotes and others', `"it's" $HOME *`],
  ['not ASCII', 'bündle-🐙'],
] as const) {
  test(`a bundle path with ${name}`, async (t, box) => {
    const container = box.container(
      (config) => {
        config.process.args = ['sleep', '60'];
      },
      { bundle: box.path(place) },
    );
    await container.up();
    t.equal((await container.state()).bundle, box.path(place));
    t.equal(
      (JSON.parse((await box.runtime(['list', '--format', 'json'])).stdout) as { bundle: string }[])[0]?.bundle,
      box.path(place),
    );
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.same(await box.leftovers(), []);
  });
}

test('a config of 5 MB', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('echo fine');
  });
  container.writeConfig(toJson({ ...container.config, 'org.example.unknown': 'x'.repeat(5_000_000) }));
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, 'fine\n');
  t.same(await box.leftovers(), []);
});

test(
  '5 MB of environment and mounts',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.env = [
        'PATH=/bin',
        ...Array.from({ length: 40_000 }, (_value, index) => `VARIABLE_${index}=${'y'.repeat(100)}`),
      ];
    });
    failed(t, await container.run(), /too long|too big|E2BIG|argument list/i);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'runc 1.5': 'ends with 255' } },
);

for (const [name, open, close] of [
  ['arrays', '[', ']'],
  ['objects', '{"a":', '}'],
] as const) {
  test(`JSON nested 100,000 deep: ${name}`, async (t, box) => {
    const container = box.container();
    const deep = `${open.repeat(100_000)}${name === 'objects' ? '1' : ''}${close.repeat(100_000)}`;
    container.writeConfig(toJson(container.config).replace('{', `{"unknown": ${deep},`));
    failed(t, await container.run(), /deep|depth/);
    t.same(await box.leftovers(), []);
  });
}

test('__proto__ is a key like any other', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('id -u');
  });
  container.writeConfig(
    toJson(container.config).replace(
      '"process": {',
      '"__proto__": {"hooks": {"createRuntime": [{"path": "/no/such"}]}}, "process": {"__proto__": {"user": {"uid": 5}},',
    ),
  );
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, '0\n');
});

test('if a key occurs twice, the last one counts', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('hostname');
    config.hostname = 'last';
  });
  container.writeConfig(toJson(container.config).replace('{', '{"hostname": "first",'));
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, 'last\n');
});

test(
  'an older major version is refused, and so is nonsense',
  async (t, box) => {
    for (const version of ['2.0.0', 'one', '']) {
      const container = box.containers[0] ?? box.container();
      container.writeConfig(toJson({ ...container.config, ociVersion: version }));
      failed(t, await container.create());
    }
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { runc: 'does not check ociVersion' } },
);

test('the bundle is renamed after create', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('echo ran > /ran');
  });
  succeeded(t, await container.create());
  renameSync(container.bundle, box.path('elsewhere'));
  succeeded(t, await container.start());
  await container.waitFor('stopped');
  t.equal((await container.state()).bundle, container.bundle, 'it has the name that create was given');
  renameSync(box.path('elsewhere'), container.bundle);
  t.equal(readFileSync(join(container.rootfs, 'ran'), 'utf8'), 'ran\n');
});
