// Another user of the machine takes the session keyring whose name a container's will have, and lets everybody use it, so that
// the container's keys would belong to that user; or so that no container with that id could be made.
import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeeded, type Tap } from '../harness/case.js';
import { keyringProgram } from '../harness/helpers/programs.js';
import type { Box } from '../harness/box.js';
import { attack } from './attack.js';

const squatted =
  (how: 'squat' | 'expired') =>
  async (t: Tap, box: Box): Promise<void> => {
    const container = box.container((config) => {
      config.process.args = ['/bin/sh', '-c', '/keyring id > /own; exec sleep 60'];
    });
    copyFileSync(keyringProgram(), join(container.rootfs, 'keyring'));
    const child = spawn(keyringProgram(), [how, `_ses.${container.id}`, '4242'], { stdio: ['ignore', 'pipe', 'inherit'] });
    box.atEnd(() => child.kill('SIGKILL'));
    const theirs = await new Promise<string>((done) => child.stdout.once('data', (data) => done(String(data))));
    await container.up();
    const own = await container.waitForFile('own');
    t.match(own, /^\d+\n$/);
    t.not(own, theirs);
    const result = await container.verb('exec', {}, ['/keyring', 'id']);
    succeeded(t, result);
    t.not(result.stdout, theirs);
  };

const knownDifferences = { runc: 'joins whichever keyring has the name' };

attack('the session keyring of a container is not one that another user has made', squatted('squat'), { knownDifferences });
attack("an expired keyring of another user's does not prevent a container of that name", squatted('expired'), {
  knownDifferences,
});
