// Hooks that call the runtime for their own container, and commands that come while a hook runs: no hook runs under a lock.
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../../harness/box.js';
import { failed, succeeded, test } from '../../harness/case.js';
import type { Hook, HookKind } from '../../harness/config.js';
import { type Container, waitForText } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

const outside: HookKind[] = ['prestart', 'createRuntime', 'poststart', 'poststop'];

/** A hook in the runtime's namespaces. `$run` calls the runtime and appends a line with its exit code and output to `$log`. */
function hook(box: Box, script: string): Hook {
  const run = `run() { said=$("$RUNTIME" --root "$ROOT" "$@" 2>&1 </dev/null); echo "$1: $?: $said" | tr '\\n' ' ' >> "$LOG"; echo >> "$LOG"; }`;
  return {
    path: '/bin/sh',
    args: ['sh', '-c', `${run}; ${script}`],
    env: ['PATH=/usr/bin:/bin', `RUNTIME=${runtime.path}`, `ROOT=${box.stateRoot}`, `LOG=${box.path('said')}`, 'LC_ALL=C'],
    timeout: 60,
  };
}

const said = (box: Box): string[] => readFileSync(box.path('said'), 'utf8').trim().split('\n');

function hooked(box: Box, kind: HookKind, script: (id: string) => string): Container {
  return box.container((config) => {
    config.process.args = ['sleep', '60'];
    config.hooks = { [kind]: [hook(box, script(box.name))] };
    config.linux.resources = { pids: { limit: 100 } };
  });
}

for (const kind of outside) {
  test(`a ${kind} hook may run any command on its container, and nothing deadlocks`, async (t, box) => {
    const commands = (id: string): string =>
      [`state ${id}`, 'list', `ps ${id}`, `kill ${id} 0`, `pause ${id}`, `resume ${id}`, `update --pids-limit 99 ${id}`]
        .map((command) => `run ${command}`)
        .join('; ');
    const container = hooked(box, kind, commands);
    succeeded(t, await container.create());
    succeeded(t, await container.start());
    t.equal((await container.state()).status, 'running');
    await container.kill();
    await container.waitFor('stopped');
    succeeded(t, await container.delete());
    t.equal(said(box).length, 7, 'all were answered');
    for (const line of said(box)) t.notMatch(line, /busy/, line);
  });
}

test(
  'what state says in each hook: creating, running, and finally nothing',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
      config.hooks = Object.fromEntries(outside.map((kind) => [kind, [hook(box, `run state ${box.name}`)]]));
    });
    succeeded(t, await container.create());
    const { pid } = await container.state();
    succeeded(t, await container.start());
    await container.delete({ flags: ['--force'] });
    const [prestart, createRuntime, poststart, poststop] = said(box);
    for (const line of [prestart, createRuntime]) t.match(line, new RegExp(`^state: 0: .*"pid": ${pid}.*"status": "creating"`));
    t.match(poststart, new RegExp(`^state: 0: .*"pid": ${pid}.*"status": "running"`));
    t.match(poststop, /^state: 1: .*does not exist/);
  },
  {
    knownDifferences: {
      runc: 'has no container until create has ended, and runs poststart hooks in create',
      crun: 'has no container until create has ended, and still has one in poststop',
    },
  },
);

test('a poststart hook pauses, resumes, limits and enters its container', async (t, box) => {
  const container = hooked(
    box,
    'poststart',
    (id) => `run pause ${id}; run resume ${id}; run update --pids-limit 50 ${id}; run exec ${id} true; run kill ${id} 0`,
  );
  succeeded(t, await container.create());
  succeeded(t, await container.start());
  for (const line of said(box)) t.match(line, /^\w+: 0:/, line);
  t.equal((await container.state()).status, 'running');
});

for (const kind of ['prestart', 'createRuntime'] as const) {
  test(`a ${kind} hook that deletes its container: create fails, and nothing is left`, async (t, box) => {
    const container = hooked(box, kind, (id) => `run delete --force ${id}`);
    failed(t, await container.create(), runtime.isOurs ? /was deleted while it was being created/ : /\S/);
    t.match(said(box)[0], /^delete: 0:/);
    t.same(await box.leftovers(), []);
  });
}

test('a poststart hook that deletes its container', async (t, box) => {
  const container = hooked(box, 'poststart', (id) => `run delete --force ${id}`);
  await container.create();
  await container.start();
  t.match(said(box)[0], /^delete: 0:/);
  failed(t, await box.runtime(['state', container.id]));
  t.same(await box.leftovers(), []);
});

test(
  'a poststop hook makes another container with that id',
  async (t, box) => {
    const next = box.path('next');
    const container = hooked(box, 'poststop', (id) => {
      const create = `"$RUNTIME" --root "$ROOT" create --bundle ${next} ${id}`;
      // What it starts would keep a pipe open.
      return `${create} < /dev/null > /dev/null 2>&1; echo "create: $?:" >> "$LOG"`;
    });
    const other = box.container(
      (config) => {
        config.process.args = ['sleep', '60'];
      },
      { id: box.name, bundle: next },
    );
    await container.up();
    succeeded(t, await container.delete({ flags: ['--force'] }));
    t.match(said(box)[0], /^create: 0:/);
    succeeded(t, await other.start());
    t.equal((await other.state()).bundle, next);
  },
  { knownDifferences: { crun: 'still has the old one' } },
);

/** A createRuntime hook that ends when its file exists. */
async function creating(box: Box): Promise<{ container: Container; created: ReturnType<Container['create']>; end: () => void }> {
  const container = hooked(
    box,
    'createRuntime',
    () => `echo here > ${box.path('here')}; until [ -e ${box.path('go')} ]; do sleep 0.05; done`,
  );
  const created = container.create();
  await waitForText(box.path('here'));
  return {
    container,
    created,
    end: () => {
      writeFileSync(box.path('go'), '');
    },
  };
}

test(
  'while a hook of create runs, no other create, start, kill or delete works on the container',
  async (t, box) => {
    const { container, created, end } = await creating(box);
    t.equal((await container.state()).status, 'creating');
    const other = box.container(undefined, { id: container.id });
    failed(t, await other.create(), /exists/);
    for (const verb of ['start', 'kill', 'delete'] as const) failed(t, await container[verb]());
    end();
    succeeded(t, await created);
    succeeded(t, await container.start());
  },
  {
    knownDifferences: {
      runc: 'has no container until create has ended, and its delete removes the directory',
      crun: 'has no container until create has ended, and its delete removes the directory',
    },
  },
);

test(
  'delete --force while a hook of create hangs: the id is free, and the first create harms nothing when it ends',
  async (t, box) => {
    const { container, created, end } = await creating(box);
    succeeded(t, await container.delete({ flags: ['--force'] }));
    const other = box.container(
      (config) => {
        config.process.args = ['sleep', '60'];
        config.linux.cgroupsPath = container.cgroupsPath;
      },
      { id: container.id },
    );
    succeeded(t, await other.create());
    succeeded(t, await other.start());
    const before = await other.state();
    end();
    failed(t, await created, /deleted/);
    await sleep(100);
    t.same(await other.state(), before, 'the other one keeps running');
  },
  {
    knownDifferences: {
      runc: "leaves the first one's process and cgroups, which keeps the second one out",
      crun: 'removes the directory and nothing else',
    },
  },
);
