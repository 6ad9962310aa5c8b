// The root filesystem of a sandbox: images, and what a killed program has left.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from '../harness/case.js';
import type { Box } from '../harness/box.js';
import { rejection } from './harness/api.js';
import { projectRoot } from '../harness/runtime.js';
import type * as SandboxApi from '../../src/sandbox.js';

const module = join(projectRoot, 'dist/node/sandbox.js');
const { sandbox } = (await import(module)) as typeof SandboxApi;

const withoutUmoci = spawnSync('umoci', ['--version']).status === 0 ? false : 'umoci is not installed';

/** An image layout with one image for each tag: the case's root filesystem, and a file with the tag's name. */
function layoutOf(box: Box, tags: readonly string[]): string {
  const { rootfs } = box.container();
  const layout = box.path('image');
  const umoci = (...args: string[]): unknown => execFileSync('umoci', args, { stdio: 'ignore' });
  umoci('init', '--layout', layout);
  for (const tag of tags) {
    const [image, bundle] = [`${layout}:${tag}`, box.path(`unpacked-${tag}`)];
    umoci('new', '--image', image);
    umoci('unpack', '--image', image, bundle);
    mkdirSync(join(bundle, 'rootfs/bin'));
    copyFileSync(join(rootfs, 'bin/busybox'), join(bundle, 'rootfs/bin/busybox'));
    for (const name of ['sh', 'cat']) symlinkSync('busybox', join(bundle, 'rootfs/bin', name));
    writeFileSync(join(bundle, 'rootfs/tag'), tag);
    umoci('repack', '--image', image, bundle);
  }
  return layout;
}

test(
  'an image layout',
  async (t, box) => {
    const one = layoutOf(box, ['first']);
    const command = ['sh', '-c', 'cat /tag; echo x > /tag'];
    const run = (rootfs: string) => sandbox({ command, rootfs, root: box.stateRoot });
    t.match(await run(one), { stdout: 'first', stderr: /Read-only file system/ }, 'its only image');
    t.match(await run(`${one}:first`), { stdout: 'first' });
    t.match(await rejection(run(`${one}:none`)), { code: 'E_USAGE', message: /Expected one of .*image:first$/ });
  },
  { skip: withoutUmoci },
);

test(
  'an image layout of several images',
  async (t, box) => {
    const several = layoutOf(box, ['first', 'second']);
    const run = (rootfs: string) => sandbox({ command: ['cat', '/tag'], rootfs, root: box.stateRoot });
    t.match(await run(`${several}:second`), { stdout: 'second' });
    t.match(await rejection(run(several)), { code: 'E_USAGE', message: /which image\? Expected one of .*:first, .*:second$/ });
  },
  { skip: withoutUmoci },
);

test('files that only their owner may use', (t, box) => {
  const copy = box.path('dist');
  cpSync(join(projectRoot, 'dist'), copy, { recursive: true });
  execFileSync('chmod', ['-R', 'go=', copy]);
  const script = `const { Sandbox } = await import(${JSON.stringify(join(copy, 'node/sandbox.js'))});
    const one = await Sandbox.create({ root: ${JSON.stringify(box.stateRoot)} });
    console.log((await one.exec({ command: ['echo', 'x'] })).stdout);
    await one[Symbol.asyncDispose]();`;
  t.equal(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }), 'x\n\n');
});

test('the directory of a killed program is removed by the next one', async (t, box) => {
  const temporary = box.path('tmp');
  mkdirSync(temporary);
  const path = box.path('program.mjs');
  const body = `await sandbox({ command: ['true'], root: ${JSON.stringify(box.stateRoot)} }); console.log('ready');`;
  writeFileSync(
    path,
    `import { sandbox } from ${JSON.stringify(module)};\n${body}\nif (process.argv[2]) setInterval(() => undefined, 1000);\n`,
  );
  const env = { ...process.env, TMPDIR: temporary };
  const [killed, living] = [0, 1].map(() =>
    spawn(process.execPath, [path, 'stay'], { env, stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  await Promise.all([once(killed!.stdout, 'data'), once(living!.stdout, 'data')]);
  const of = (pid: number | undefined): number => readdirSync(temporary).filter((name) => name.includes(`-${pid}-`)).length;
  killed!.kill('SIGKILL');
  await once(killed!, 'exit');
  t.ok(of(killed!.pid) > 0, 'nobody could remove it');
  execFileSync(process.execPath, [path], { env });
  t.equal(of(killed!.pid), 0);
  t.ok(of(living!.pid) > 0, 'that of a program that lives stays');
  t.equal(readdirSync(temporary).length, of(living!.pid), 'and nothing else');
  living!.kill('SIGKILL');
  await once(living!, 'exit');
});
