// A process that SIGKILL does not end for now: it sleeps uninterruptibly (state D) in a request to a filesystem that does not answer.
import { spawn } from 'node:child_process';
import { accessSync, mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { failed, succeeded, test } from '../../harness/case.js';
import { helper } from '../../harness/helpers/helper.js';
import { runtime } from '../../harness/runtime.js';

function hasFuse(): boolean {
  try {
    accessSync('/dev/fuse');
    return /\tfuse$/m.test(readFileSync('/proc/filesystems', 'utf8'));
  } catch {
    return false;
  }
}

test(
  'delete --force gives up with a reason, and succeeds once the process has ended',
  async (t, box) => {
    const mountPoint = box.path('fuse');
    mkdirSync(mountPoint);
    const server = spawn(helper('stuck_fuse'), [mountPoint], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    server.stdout.on('data', (text: Buffer) => (said += text.toString()));
    box.atEnd(async () => {
      server.kill('SIGKILL');
      await box.command('umount', ['-l', mountPoint]);
    });
    const until = async (word: string): Promise<void> => {
      for (let round = 0; round < 1000 && !said.includes(word); round++) await sleep(10);
      t.match(said, word);
    };
    await until('mounted');
    const container = box.container((config) => {
      config.mounts.push({ destination: '/fuse', source: mountPoint, type: 'bind', options: ['bind'] });
      config.process.args = ['cat', '/fuse/file'];
    });
    await container.up();
    await until('asked');
    const { pid } = await container.state();
    const refused = await container.delete({ flags: ['--force'], timeout: 60_000 });
    failed(t, refused);
    if (runtime.isOurs) t.match(refused.stderr, `process ${pid} did not end within 10 s of SIGKILL`);
    t.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^State:\s+D/m, 'it sleeps uninterruptibly');
    t.equal((await container.state()).pid, pid, 'the container is still known');
    server.kill('SIGKILL');
    await container.waitFor('stopped');
    succeeded(t, await container.delete({ flags: ['--force'] }));
  },
  {
    skip: !hasFuse() && 'the kernel has no FUSE',
    knownDifferences: { crun: 'succeeds, and leaves the process and its cgroups' },
  },
);
