// Names that are not UTF-8, or look like something else: of processes, which choose their own names, and of host mounts, which
// any user with FUSE can make. Every command still works.
import { mkdirSync } from 'node:fs';
import { succeeded } from '../harness/case.js';
import { attack } from './attack.js';

const names = ['\\377\\376', ') Z 1 2 3', 'a\\nState:\\tZ', 'x\\nNSpid:\\t1 1', '\\033[31m', '(((', '\\342\\202'];

for (const name of names) {
  attack(`a process that calls itself ${JSON.stringify(name)}`, async (t, box) => {
    const container = await box.running((config) => {
      config.process.args = ['/bin/sh', '-c', `printf '${name}' > /proc/self/comm; echo up > /ready; while :; do sleep 1; done`];
    });
    await container.waitForFile('ready');
    t.equal((await container.state()).status, 'running');
    for (const verb of ['pause', 'resume', 'ps']) succeeded(t, await container.verb(verb));
    succeeded(t, await container.verb('exec', {}, ['true']));
    succeeded(t, await container.kill());
    await container.waitFor('stopped');
    succeeded(t, await container.delete());
    t.same(await box.leftovers(), []);
  });
}

attack('a host mount whose name is not UTF-8', async (t, box) => {
  const directory = Buffer.concat([Buffer.from(`${box.directory}/`), Buffer.from([0xff, 0xfe])]);
  mkdirSync(directory);
  const mounting = `d=$(printf '\\377\\376'); mount -t tmpfs none "$1/$d"`;
  succeeded(t, await box.command('sh', ['-c', mounting, 'sh', box.directory]));
  box.atEnd(() => box.command('sh', ['-c', mounting.replace('mount -t tmpfs none', 'umount'), 'sh', box.directory]));
  const container = await box.running();
  succeeded(t, await container.verb('exec', {}, ['true']));
  succeeded(t, await container.delete({ flags: ['--force'] }));
});
