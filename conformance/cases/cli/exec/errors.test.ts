// Why a program cannot be executed. The file exists, so that "not found" is no explanation.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../../../harness/box.js';
import { succeeded, test, type Tap } from '../../../harness/case.js';
import type { Container } from '../../../harness/container.js';
import { runtime } from '../../../harness/runtime.js';

/** A modified static program. */
function elf(container: Container, change: (bytes: Buffer) => void): Buffer {
  const bytes = readFileSync(join(container.rootfs, 'bin/busybox'));
  change(bytes);
  return bytes;
}

const PT_INTERP = 3;
const noSuchLinker = '/lib/ld-none.so';

/** Makes the last program header name a dynamic linker; its path is written after the headers. */
function withLinker(bytes: Buffer): void {
  const headers = Number(bytes.readBigUInt64LE(32));
  const path = headers + bytes.readUInt16LE(54) * bytes.readUInt16LE(56);
  bytes.writeUInt32LE(PT_INTERP, headers);
  bytes.writeBigUInt64LE(BigInt(path), headers + 8);
  bytes.writeBigUInt64LE(BigInt(noSuchLinker.length + 1), headers + 32);
  bytes.write(`${noSuchLinker}\0`, path, 'latin1');
}

/** e_machine of the s390. */
const foreign = 22;

type Content = string | ((container: Container) => Buffer);
const files: readonly (readonly [name: string, content: Content, common: RegExp, ours: RegExp])[] = [
  ['a missing interpreter', '#!/no/such/sh -e\n', /no such file or directory/i, /interpreter "\/no\/such\/sh"/],
  ['a carriage return', '#!/bin/sh\r\necho hi\r\n', /no such file or directory/i, /"\/bin\/sh\\r"(.|\n)*hint: .*Windows/],
  ['no format', 'garbage\n', /exec format error/i, /neither an ELF program nor a script/],
  ['an empty file', '', /exec format error/i, /the file is empty/],
  ['no interpreter', '#!\n', /exec format error/i, /names no interpreter/],
  ['a byte order mark', '\ufeff#!/bin/sh\n', /exec format error/i, /byte order mark/],
  ['another machine', (container) => elf(container, (bytes) => bytes.writeUInt16LE(foreign, 18)), /exec format error/i, /s390x/],
  ['no dynamic linker', (container) => elf(container, withLinker), /no such file or directory/i, /"\/lib\/ld-none\.so"/],
  ['an interpreter without x', '#!/etc/text\n', /permission denied/i, /interpreter "\/etc\/text"/],
];

function write(container: Container, content: Content): void {
  mkdirSync(join(container.rootfs, 'etc'), { recursive: true });
  writeFileSync(join(container.rootfs, 'etc/text'), 'text\n', { mode: 0o644 });
  const file = join(container.rootfs, 'program');
  writeFileSync(file, typeof content === 'string' ? content : content(container), { mode: 0o755 });
}

for (const [name, content, common, ours] of files) {
  test(`run and start: ${name}`, async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/program'];
    });
    write(container, content);
    const result = await container.run();
    t.not(result.code, 0);
    t.match(result.stderr, common);
    t.match(result.stderr, '/program');
    t.notMatch(result.stderr, 'stat /program');
    if (runtime.isOurs) t.match(result.stderr, ours);
    t.same(await box.leftovers(), []);
  });

  const exec = async (t: Tap, box: Box): Promise<void> => {
    const container = await box.running();
    write(container, content);
    const result = await container.verb('exec', {}, ['/program']);
    t.equal(result.code, 255);
    t.match(result.stderr, common);
    t.match(result.stderr, '/program');
    t.notMatch(result.stderr, 'stat /program');
    if (runtime.isOurs) t.match(result.stderr, ours);
  };
  test(`exec: ${name}`, exec, { knownDifferences: { 'runc 1.1': 'has 1 for it', crun: 'has 1 for it' } });
}

test('a filesystem that is mounted noexec', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['/mounted/program'];
    const source = box.path('source');
    mkdirSync(source);
    copyFileSync(box.path('busybox'), join(source, 'program'));
    chmodSync(join(source, 'program'), 0o755);
    config.mounts.push({ destination: '/mounted', type: 'bind', source, options: ['bind', 'noexec'] });
  });
  const result = await container.run();
  t.not(result.code, 0);
  t.match(result.stderr, /permission denied/i);
  if (runtime.isOurs) t.match(result.stderr, 'noexec');
});

const powerful = ['CAP_DAC_OVERRIDE'];
const sets = (effective: string[], permitted = effective) => ({ bounding: powerful, permitted, effective });

for (const program of ['/closed/program', 'program']) {
  test(`${program}, which only CAP_DAC_OVERRIDE lets execute`, async (t, box) => {
    const container = box.container((config) => {
      config.process.args = [program];
      config.process.env = ['PATH=/closed'];
      config.process.user = { uid: 1000, gid: 1000 };
      config.process.capabilities = { ...sets(powerful), inheritable: powerful, ambient: powerful };
    });
    mkdirSync(join(container.rootfs, 'closed'), { mode: 0o700 });
    writeFileSync(join(container.rootfs, 'closed/program'), '#!/bin/true\n', { mode: 0o700 });
    succeeded(t, await container.run());
  });
}

test('root without CAP_DAC_OVERRIDE cannot execute what it may not read: create says so', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['/closed'];
    config.process.capabilities = sets([], powerful);
  });
  writeFileSync(join(container.rootfs, 'closed'), '#!/bin/true\n', { mode: 0o700 });
  await box.command('chown', ['1000:1000', join(container.rootfs, 'closed')]);
  const result = await container.create();
  t.not(result.code, 0);
  t.match(result.stderr, /permission denied/i);
});

test('PATH: files that may not be executed are skipped', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['tool'];
    config.process.env = ['PATH=/first:/second'];
  });
  for (const [directory, mode] of [
    ['first', 0o644],
    ['second', 0o755],
  ] as const) {
    mkdirSync(join(container.rootfs, directory));
    writeFileSync(join(container.rootfs, directory, 'tool'), '#!/bin/true\n', { mode });
  }
  succeeded(t, await container.run());
});

test(
  'no program',
  async (t, box) => {
    const container = await box.running();
    const result = await box.runtime(['exec', container.id]);
    t.equal(result.code, 255);
    t.match(result.stderr, /args cannot be empty/);
  },
  { knownDifferences: { crun: 'exits with 1, and words it differently' } },
);
