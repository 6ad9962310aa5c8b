// restore when criu has made the first process: hooks meet it, and so does whoever comes after a restore that was killed. The criu of
// these cases is a script that asks what criu asks at that moment.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Box } from '../../../harness/box.js';
import { failed, succeeded, test } from '../../../harness/case.js';
import { type Container, waitForText } from '../../../harness/container.js';
import { runtime } from '../../../harness/runtime.js';

const ours = { oursOnly: true } as const;

/** A message of criu that asks about "setup-namespaces" (rpc.proto), and names the process $made. */
const question = [
  'bytes() { for byte; do printf "\\\\%03o" "$byte"; done; }',
  'low() { echo $((made >> $1 & 127 | 128)); }',
  'printf "$(bytes 8 6 16 1 42 23 10 16)setup-namespaces$(bytes 16 $(low 0) $(low 7) $(low 14) $((made >> 21)))" >&3',
];

/** Makes a process, asks, and waits for the answer; then goes on until the file `end` exists, and undoes what it did. */
function standIn(box: Box): { env: NodeJS.ProcessEnv } {
  mkdirSync(box.path('bin'));
  const reading = 'dd bs=65536 count=1 of=/dev/null <&3 2> /dev/null';
  const lines = [
    '#!/bin/sh',
    reading,
    'sleep 60 3>&- & made=$!',
    ...question,
    reading,
    `echo $$ $made > ${box.path('pids')}`,
    `while [ ! -e ${box.path('end')} ]; do sleep 0.02; done`,
    'kill -9 $made',
  ];
  writeFileSync(box.path('bin', 'criu'), `${lines.join('\n')}\n`, { mode: 0o755 });
  return { env: { ...process.env, PATH: `${box.path('bin')}:${process.env['PATH'] ?? ''}` } };
}

function restore(box: Box, container: Container, onSpawn?: (pid: number) => void): ReturnType<Container['verb']> {
  mkdirSync(box.path('images'));
  writeFileSync(box.path('images', 'inventory.img'), '');
  const flags = ['--detach', '--bundle', container.bundle, '--image-path', box.path('images')];
  return container.verb('restore', { ...standIn(box), flags, timeout: 60_000, ...(onSpawn === undefined ? {} : { onSpawn }) });
}

/** Otherwise restore would set lo up where the script's process is: in the machine's network namespace. */
const withoutNetwork = (box: Box): Container =>
  box.container((config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
  });

const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

/** Returns the pids of criu and of the process that it made. */
async function killedRestore(box: Box, container: Container): Promise<[criu: number, made: number]> {
  let command = 0;
  const running = restore(box, container, (pid) => (command = pid));
  const [criu = 0, made = 0] = (await waitForText(box.path('pids'))).split(' ').map(Number);
  process.kill(command, 'SIGKILL');
  await running;
  return [criu, made];
}

test(
  'after a killed restore, the process that criu has made is no running container; delete waits for criu',
  async (t, box) => {
    const container = withoutNetwork(box);
    const [criu, made] = await killedRestore(box, container);
    t.match(await container.state(), { status: 'stopped', pid: 0 });
    t.match(await container.verb('exec', {}, ['true']), { code: 255, stderr: /cannot exec in a stopped container/ });
    failed(t, await container.verb('update', { flags: ['--pids-limit', '50'] }), /container not running/);
    t.ok(isAlive(criu) && isAlive(made), 'left to criu');
    const deleted = container.delete({ timeout: 60_000 }).then((result) => ({ ...result, before: isAlive(criu) }));
    await Promise.race([deleted, sleep(500)]);
    writeFileSync(box.path('end'), '');
    const { before, ...result } = await deleted;
    succeeded(t, result);
    t.notOk(before, 'it waits');
    t.notOk(isAlive(made));
  },
  ours,
);

test(
  'if criu was killed, too, delete kills what it has made',
  async (t, box) => {
    const container = withoutNetwork(box);
    const [criu, made] = await killedRestore(box, container);
    process.kill(criu, 'SIGKILL');
    t.equal((await container.state()).status, 'stopped');
    succeeded(t, await container.delete());
    t.notOk(isAlive(made));
  },
  ours,
);

test(
  'if criu alone is killed, restore fails, and what criu has made is gone',
  async (t, box) => {
    const running = restore(box, withoutNetwork(box));
    const [criu = 0, made = 0] = (await waitForText(box.path('pids'))).split(' ').map(Number);
    process.kill(criu, 'SIGKILL');
    failed(t, await running, /criu restore failed: it ended without an answer/);
    t.notOk(isAlive(made));
    t.same(await box.leftovers(), []);
  },
  ours,
);

test(
  'a hook of restore that wants to change the container hears at once that it may not',
  async (t, box) => {
    const container = withoutNetwork(box);
    const [out, hook] = [box.path('out'), box.path('hook')];
    const update = `${runtime.path} --root ${box.stateRoot} update --pids-limit 50 ${container.id}`;
    writeFileSync(hook, `#!/bin/sh\ntimeout 5 ${update} > ${out} 2>&1\necho "code $?" >> ${out}\n`, { mode: 0o755 });
    container.config.hooks = { createRuntime: [{ path: hook, env: ['PATH=/usr/bin:/bin'] }] };
    container.writeConfig();
    writeFileSync(box.path('end'), '');
    failed(t, await restore(box, container), /criu restore failed: it ended without an answer/);
    t.match(readFileSync(out, 'utf8'), /container not running[^]*code 1/);
  },
  ours,
);
