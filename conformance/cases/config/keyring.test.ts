// The session keyring: the container gets its own, as with runc, unless the caller forbids it.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '../../harness/case.js';
import type { Container } from '../../harness/container.js';
import { syscallProgram } from '../../harness/helpers/programs.js';
import type { Box } from '../../harness/box.js';

const skip =
  existsSync('/proc/keys') && process.arch === 'x64' ? false : 'needs a kernel with keyrings, and the numbers of x86-64';

/** keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING). */
const sessionKeyring = 'value:250:0:0xfffffffd';

async function up(box: Box, flags: string[]): Promise<{ readonly container: Container; readonly keyring: string }> {
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', `/syscall ${sessionKeyring} > /keyring; cat /proc/keys > /keys; exec sleep 60`];
  });
  copyFileSync(syscallProgram(), join(container.rootfs, 'syscall'));
  await container.up({ flags });
  await container.waitForFile('keys');
  return { container, keyring: container.read('keyring').trim() };
}

async function ofExec(container: Container): Promise<string> {
  return (await container.verb('exec', {}, ['/syscall', sessionKeyring])).stdout.trim();
}

test(
  'its own keyring, which exec joins',
  async (t, box) => {
    const { container, keyring } = await up(box, []);
    const serial = Number(keyring).toString(16).padStart(8, '0');
    const line = container
      .read('keys')
      .split('\n')
      .find((one) => one.startsWith(serial));
    t.match(line, new RegExp(`_ses\\.${container.id}`));
    t.equal(await ofExec(container), keyring);
  },
  { skip, knownDifferences: { crun: 'exec makes another one' } },
);

test(
  '--no-new-keyring: none is made for it',
  async (t, box) => {
    const { container } = await up(box, ['--no-new-keyring']);
    t.notMatch(container.read('keys'), new RegExp(`_ses\\.${container.id}`));
    await ofExec(container);
    t.notMatch((await box.command('cat', ['/proc/keys'])).stdout, new RegExp(`_ses\\.${container.id}`), 'nor by exec');
  },
  { skip },
);
