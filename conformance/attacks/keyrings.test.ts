// Another user of the machine takes the session keyring whose name a container's will have, and lets everybody use it, so that
// the container's keys would belong to that user.
import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeeded } from '../harness/case.js';
import { keyringProgram } from '../harness/native.js';
import { attack } from './attack.js';

attack(
  'the session keyring of a container is not one that another user has made',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['/bin/sh', '-c', '/keyring id > /own; exec sleep 60'];
    });
    copyFileSync(keyringProgram(), join(container.rootfs, 'keyring'));
    const child = spawn(keyringProgram(), ['squat', `_ses.${container.id}`, '4242'], { stdio: ['ignore', 'pipe', 'inherit'] });
    box.atEnd(() => child.kill('SIGKILL'));
    const theirs = await new Promise<string>((done) => child.stdout.once('data', (data) => done(String(data))));
    await container.up();
    const own = await container.waitForFile('own');
    t.match(own, /^\d+\n$/);
    t.not(own, theirs);
    const result = await container.verb('exec', {}, ['/keyring', 'id']);
    succeeded(t, result);
    t.not(result.stdout, theirs);
  },
  { knownDifferences: { runc: 'joins whichever keyring has the name' } },
);
