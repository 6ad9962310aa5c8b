// exec: another program in a running container, with the container's settings and those of the flags.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { succeeded, test } from '../../../harness/case.js';
import type { Box } from '../../../harness/box.js';
import type { CommandResult } from '../../../harness/command.js';
import { shell } from '../../../harness/config.js';
import type { Container } from '../../../harness/container.js';
import { Terminal } from '../../../harness/topics/terminal.js';

const exec = (box: Box, container: Container, flags: readonly string[], ...program: string[]): Promise<CommandResult> =>
  box.runtime(['exec', ...flags, container.id, ...program]);

test('a program in the namespaces and cgroups of the container', async (t, box) => {
  const container = await box.running();
  const { pid } = await container.state();
  const result = await exec(
    box,
    container,
    [],
    'sh',
    '-c',
    'for n in mnt pid net ipc uts; do readlink /proc/self/ns/$n; done; cat /proc/self/cgroup',
  );
  succeeded(t, result);
  const links = (await box.command('sh', ['-c', `for n in mnt pid net ipc uts; do readlink /proc/${pid}/ns/$n; done`])).stdout;
  t.ok(result.stdout.startsWith(links));
  t.equal(result.stdout.slice(links.length), readFileSync(`/proc/${pid}/cgroup`, 'utf8'));
});

test('in a container with a user namespace that waits for start', async (t, box) => {
  const container = box.container((config) => {
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  });
  await container.create();
  t.match((await exec(box, container, [], 'cat', '/proc/self/uid_map')).stdout, /^ *0 +100000 +65536\n$/);
});

for (const code of [0, 1, 7, 255]) {
  test(`the exit code ${code} is that of exec`, async (t, box) => {
    const container = await box.running();
    t.equal((await exec(box, container, [], 'sh', '-c', `exit ${code}`)).code, code);
  });
}

test('a program ended by a signal: 128 + signal', async (t, box) => {
  const container = await box.running();
  t.equal((await exec(box, container, [], 'sh', '-c', 'kill -9 $$')).code, 137);
});

test("the program's flags are its own", async (t, box) => {
  const container = await box.running();
  t.equal((await exec(box, container, [], 'echo', '-n', '--tty', '-d')).stdout, '--tty -d');
  t.equal((await exec(box, container, ['--'], 'echo', 'x')).code, 0);
});

test(
  'environment, working directory and user',
  async (t, box) => {
    const container = await box.running((config) => {
      config.process.env = ['PATH=/bin', 'BASE=1', 'OVER=old'];
    });
    const flags = ['-e', 'OVER=new', '-e', 'MORE=2', '--cwd', '/tmp', '--user', '5:6', '-g', '7', '-g', '8'];
    const result = await exec(box, container, flags, 'sh', '-c', 'echo $BASE $OVER $MORE; pwd; id -u; id -g; id -G');
    succeeded(t, result);
    t.equal(result.stdout, '1 new 2\n/tmp\n5\n6\n6 7 8\n');
  },
  { knownDifferences: { crun: 'has no --additional-gids' } },
);

test(
  "the container's confinement: capabilities, seccomp, no new privileges",
  async (t, box) => {
    const container = await box.running((config) => {
      config.process.noNewPrivileges = true;
      config.process.capabilities = { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] };
      config.linux.seccomp = {
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 95 }],
      };
    });
    const script = "sed -n 's/^\\(CapEff\\|CapBnd\\|NoNewPrivs\\|Seccomp\\):\\s*//p' /proc/self/status; mkdir /x 2>&1";
    const { stdout } = await exec(box, container, [], 'sh', '-c', script);
    t.match(stdout, /^0000000000000020\n0000000000000020\n1\n2\n.*not supported/i);
  },
  { knownDifferences: { 'crun 1.8': 'forgets noNewPrivileges in exec' } },
);

test(
  '--cap adds a capability',
  async (t, box) => {
    const own = ['CAP_CHOWN'];
    const container = await box.running((config) => {
      config.process.capabilities = { bounding: own, effective: own, permitted: own };
    });
    const { stdout } = await exec(box, container, ['--cap', 'CAP_KILL'], 'grep', 'CapEff', '/proc/self/status');
    t.equal(parseInt(stdout.split(':')[1] ?? '', 16), 0x21);
  },
  { knownDifferences: { 'crun 1.8': "replaces the config's" } },
);

test('--cap also raises inheritable capabilities in the ambient set: another user keeps them', async (t, box) => {
  const container = await box.running((config) => {
    const own = ['CAP_CHOWN'];
    config.process.capabilities = { bounding: [...own, 'CAP_KILL'], effective: own, permitted: own, inheritable: ['CAP_KILL'] };
  });
  const flags = ['--user', '1000', '--cap', 'CAP_KILL', '--cap', 'CAP_SYSLOG'];
  const { stdout } = await exec(box, container, flags, 'grep', '-E', 'CapEff|CapAmb', '/proc/self/status');
  t.same(
    [...stdout.matchAll(/\t(\w+)/g)].map(([, mask]) => mask),
    ['0000000000000020', '0000000000000020'],
  );
});

test(
  '--cap with an unknown capability: a warning',
  async (t, box) => {
    const container = await box.running((config) => {
      config.process.capabilities = { bounding: ['CAP_KILL'] };
    });
    const result = await exec(box, container, ['--cap', 'CAP_UNHEARD_OF'], 'true');
    succeeded(t, result);
    t.match(result.stderr, /CAP_UNHEARD_OF/);
  },
  { knownDifferences: { 'crun 1.8': 'says nothing' } },
);

test('--additional-gids is added to those of the config', async (t, box) => {
  const container = await box.running((config) => {
    config.process.user = { uid: 0, gid: 0, additionalGids: [10] };
  });
  const { stdout } = await exec(box, container, ['--additional-gids', '20', '--additional-gids', '30'], 'id', '-G');
  t.match(stdout, /^0 10 20 30$/m);
});

test('--process: a process as JSON', async (t, box) => {
  const container = await box.running();
  const process = { args: ['sh', '-c', 'pwd; echo $A; id -u'], cwd: '/tmp', env: ['PATH=/bin', 'A=b'], user: { uid: 3, gid: 4 } };
  writeFileSync(box.path('process.json'), JSON.stringify(process));
  const result = await exec(box, container, ['--process', box.path('process.json')]);
  succeeded(t, result);
  t.equal(result.stdout, '/tmp\nb\n3\n');
});

test("--process: confinement that the file does not set is the container's", async (t, box) => {
  const container = await box.running((config) => {
    config.process.capabilities = { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] };
  });
  writeFileSync(
    box.path('process.json'),
    JSON.stringify({ args: ['grep', 'CapBnd', '/proc/self/status'], cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } }),
  );
  const result = await exec(box, container, ['--process', box.path('process.json')]);
  t.match(result.stdout, /^CapBnd:\s+0000000000000020\n$/);
});

test('--process: confinement that the file sets is its own', async (t, box) => {
  const container = await box.running((config) => {
    config.process.capabilities = { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] };
  });
  const process = { args: ['grep', 'CapBnd', '/proc/self/status'], cwd: '/', env: ['PATH=/bin'], user: { uid: 0, gid: 0 } };
  writeFileSync(box.path('process.json'), JSON.stringify({ ...process, capabilities: { bounding: ['CAP_CHOWN'] } }));
  const result = await exec(box, container, ['--process', box.path('process.json')]);
  t.match(result.stdout, /^CapBnd:\s+0000000000000001\n$/);
});

test(
  'a process that is not JSON, and one that violates the schema',
  async (t, box) => {
    const container = await box.running();
    for (const text of ['{', '{"args": "sh", "cwd": "/"}', '[]', '']) {
      writeFileSync(box.path('process.json'), text);
      const result = await exec(box, container, ['--process', box.path('process.json')]);
      t.not(result.code, 0, text);
      t.match(result.stderr, /\S/);
    }
    t.not((await exec(box, container, ['--process', box.path('nothing.json')])).code, 0);
  },
  { knownDifferences: { crun: 'has other words' } },
);

test('--detach and --pid-file', async (t, box) => {
  const container = await box.running();
  const result = await exec(box, container, ['--detach', '--pid-file', box.path('pid')], 'sleep', '50');
  succeeded(t, result);
  const pid = readFileSync(box.path('pid'), 'utf8');
  t.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /sleep\0/);
  await container.kill('KILL');
  await container.waitFor('stopped');
  t.notOk(
    existsSync(`/proc/${pid}/ns/pid`) && readFileSync(`/proc/${pid}/stat`, 'utf8').includes(' S '),
    'it ends with the container',
  );
});

test('a terminal through --console-socket', async (t, box) => {
  const container = await box.running((config) => {
    config.mounts.push({ destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] });
  });
  const terminal = await Terminal.listen(box);
  succeeded(
    t,
    await exec(
      box,
      container,
      ['--tty', '--detach', '--console-socket', terminal.socket],
      'sh',
      '-c',
      'tty; test -t 0 && echo yes',
    ),
  );
  t.ok((await terminal.facts()).isMaster);
  await terminal.waitFor('yes');
});

test(
  'a program that cannot be executed: 255, and why',
  async (t, box) => {
    const container = await box.running();
    for (const [program, message] of [
      ['no-such-program', /executable file not found in/],
      ['/no/such/program', /no such file or directory/],
      ['/proc/version', /permission denied/],
    ] as const) {
      const result = await exec(box, container, [], program);
      t.equal(result.code, 255, program);
      t.match(result.stderr, message);
    }
  },
  { knownDifferences: { crun: 'has other words' } },
);

test(
  'a container that is not running',
  async (t, box) => {
    const container = await box.running();
    await container.kill('KILL');
    await container.waitFor('stopped');
    const stopped = await exec(box, container, [], 'true');
    t.equal(stopped.code, 255);
    t.match(stopped.stderr, /stopped container/);
    const unknown = await box.runtime(['exec', 'nobody', 'true']);
    t.not(unknown.code, 0);
    t.match(unknown.stderr, /does not exist/);
  },
  { knownDifferences: { crun: 'exits with 1, and words it differently' } },
);

test('standard input and output', async (t, box) => {
  const container = await box.running();
  writeFileSync(box.path('input'), 'one\ntwo\n');
  const result = await box.runtime(['exec', container.id, 'sh', '-c', 'cat; echo error >&2'], { stdin: box.path('input') });
  t.equal(result.stdout, 'one\ntwo\n');
  t.equal(result.stderr, 'error\n');
});

test('a container with a user namespace', async (t, box) => {
  const map = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
  const container = await box.running((config) => {
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = map;
    config.linux.gidMappings = map;
  });
  const result = await exec(box, container, ['--user', '1:1'], 'sh', '-c', "id -u; sed 's/  */ /g' /proc/self/uid_map");
  succeeded(t, result);
  t.equal(result.stdout, '1\n 0 100000 65536\n');
});

test('a container without its own pid and mount namespaces', async (t, box) => {
  const container = await box.running((config) => {
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'pid');
  });
  const result = await exec(box, container, [], 'ls', '/bin/busybox');
  succeeded(t, result);
});

test('many at once', async (t, box) => {
  const container = await box.running();
  const codes = Array.from({ length: 12 }, (_, index) => index);
  for (let round = 0; round < 5; round += 1) {
    const results = await Promise.all(codes.map((code) => exec(box, container, [], 'sh', '-c', `exit ${code}`)));
    t.same(
      results.map(({ code }) => code),
      codes,
    );
  }
});

test('nothing of the runtime or the host is open in it', async (t, box) => {
  const container = await box.running();
  const result = await exec(box, container, ['--detach', '--pid-file', box.path('pid')], ...shell('sleep 50'));
  succeeded(t, result);
  const pid = readFileSync(box.path('pid'), 'utf8');
  const open = (await box.command('ls', [`/proc/${pid}/fd`])).stdout.trim().split('\n');
  t.same(open, ['0', '1', '2']);
});
