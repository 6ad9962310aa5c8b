// config.md, "Process": environment, arguments, working directory, user, limits of one program.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../harness/case.js';
import { runtime } from '../../harness/runtime.js';
import { type Config, shell, toJson } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';

/** What the config's program prints. */
async function output(box: Box, change: (config: Config) => void): Promise<string> {
  const result = await box.container(change).run();
  if (result.code !== 0) throw new Error(`run failed (${result.code}): ${result.stderr}`);
  return result.stdout;
}

test("the environment is exactly the config's", async (t, box) => {
  const text = await output(box, (config) => {
    config.process.env = ['PATH=/bin', 'HOME=/here', 'A=1', 'WITH=an=equals sign', 'EMPTY='];
    config.process.args = ['/bin/env'];
  });
  t.same(text.trim().split('\n').sort(), ['A=1', 'EMPTY=', 'HOME=/here', 'PATH=/bin', 'WITH=an=equals sign']);
});

test('if a variable is given twice, the last one wins', async (t, box) => {
  const text = await output(box, (config) => {
    config.process.env = ['PATH=/bin', 'A=first', 'A=last'];
    config.process.args = shell('echo $A');
  });
  t.equal(text, 'last\n');
});

test('a small file size limit applies to the program, not to what starts it', async (t, box) => {
  const text = await output(box, (config) => {
    config.process.rlimits = [{ type: 'RLIMIT_FSIZE', soft: 30, hard: 30 }];
    config.process.args = shell('ulimit -f; echo started');
  });
  t.match(text, /started/);
});

test("HOME comes from the container's passwd file if it is not set", async (t, box) => {
  const container = box.container((config) => {
    config.process.user = { uid: 1234, gid: 1234 };
    config.process.args = shell('echo $HOME');
  });
  writeFileSync(join(container.rootfs, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nuser:x:1234:1234::/home/of/user:/bin/sh\n');
  t.equal((await container.run()).stdout, '/home/of/user\n');
});

for (const [what, passwd, home, differences] of [
  ['a line that is a comment', '#user:x:1234:1234::/old:/bin/sh\nuser:x:1234:1234::/new:/bin/sh\n', '/new', true],
  ['a comment after spaces', ' \t#user:x:1234:1234::/old:/bin/sh\nuser:x:1234:1234::/new:/bin/sh\n', '/new', true],
  ['spaces before the name', '  user:x:1234:1234::/home:/bin/sh\n', '/home', false],
  ['zeros before the number', 'user:x:01234:1234::/home:/bin/sh\n', '/home', false],
  ['a line without fields', 'nonsense\nuser:x:1234:1234::/home:/bin/sh\n', '/home', false],
  ['the first of two', 'user:x:1234:1234::/first:/bin/sh\nother:x:1234:1234::/second:/bin/sh\n', '/first', false],
  ['no newline at the end', 'user:x:1234:1234::/home', '/home', false],
  ['no such user', 'user:x:12345:1234::/home:/bin/sh\n', '/', false],
] as const) {
  test(
    `HOME of a passwd file: ${what}`,
    async (t, box) => {
      const container = box.container((config) => {
        config.process.user = { uid: 1234, gid: 1234 };
        config.process.args = shell('echo $HOME');
      });
      writeFileSync(join(container.rootfs, 'etc/passwd'), passwd);
      t.equal((await container.run()).stdout, `${home}\n`);
    },
    { knownDifferences: differences ? { runc: 'takes a comment for a user; the C library does not' } : {} },
  );
}

test('arguments arrive as they are', async (t, box) => {
  const odd = ['', ' ', 'a b', '"quoted"', "'", '\\', '$HOME', '*', 'new\nline', 'ünï€🐙', '-x'];
  const text = await output(box, (config) => {
    config.process.args = ['/bin/sh', '-c', 'for a in "$@"; do printf "<%s>" "$a"; done', 'sh', ...odd];
  });
  t.equal(text, odd.map((arg) => `<${arg}>`).join(''));
});

test("a program without a slash is looked up in the config's PATH", async (t, box) => {
  const container = box.container((config) => {
    config.process.env = ['PATH=/nowhere:/opt/mine:/bin'];
    config.process.args = ['tool'];
  });
  mkdirSync(join(container.rootfs, 'opt/mine'), { recursive: true });
  writeFileSync(join(container.rootfs, 'opt/mine/tool'), '#!/bin/sh\necho mine\n', { mode: 0o755 });
  t.equal((await container.run()).stdout, 'mine\n');
});

test("the working directory is the config's", async (t, box) => {
  t.equal(
    await output(box, (config) => {
      config.process.cwd = '/tmp';
      config.process.args = ['pwd'];
    }),
    '/tmp\n',
  );
});

test('a missing working directory is made', async (t, box) => {
  const container = box.container((config) => {
    config.process.cwd = '/made/for/you';
    config.process.args = ['pwd'];
  });
  t.equal((await container.run()).stdout, '/made/for/you\n');
});

test(
  'a relative working directory is refused',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.cwd = 'tmp';
    });
    failed(t, await container.create());
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { crun: 'takes it' } },
);

test('user, group, additional groups', async (t, box) => {
  const text = await output(box, (config) => {
    config.process.user = { uid: 1000, gid: 1001, additionalGids: [5, 77] };
    config.process.args = shell('id -u; id -g; id -G; grep -E "^(Uid|Gid|Groups):" /proc/self/status | tr "\\t" " "');
  });
  t.match(text, /^1000\n1001\n1001 5 77\nUid: 1000 1000 1000 1000\nGid: 1001 1001 1001 1001\nGroups: 5 77/);
});

test("no additional groups: the caller's are dropped", async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('grep ^Groups: /proc/self/status | tr -d "\\t "');
  });
  const call = ['--groups', '4,20', runtime.path, '--root', box.stateRoot, 'run', '--bundle', container.bundle, container.id];
  t.equal((await box.command('setpriv', call)).stdout, 'Groups:\n');
});

test('umask', async (t, box) => {
  const text = await output(box, (config) => {
    config.process.user.umask = 0o27;
    config.process.args = shell('umask; touch /tmp/f; stat -c %a /tmp/f');
  });
  t.equal(text, '0027\n640\n');
});

test("without umask it is 022, whatever the caller's", async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['sh', '-c', 'umask'];
  });
  const script = `umask 077; exec ${runtime.path} --root ${box.stateRoot} run --bundle ${container.bundle} ${container.id}`;
  t.equal((await box.command('sh', ['-c', script])).stdout, '0022\n');
});

for (const wanted of [true, false]) {
  test(`noNewPrivileges ${wanted}`, async (t, box) => {
    const text = await output(box, (config) => {
      config.process.noNewPrivileges = wanted;
      config.process.args = shell('grep ^NoNewPrivs: /proc/self/status | tr -d "\\t"');
    });
    t.equal(text, `NoNewPrivs:${wanted ? 1 : 0}\n`);
  });
}

test('oomScoreAdj', async (t, box) => {
  const text = await output(box, (config) => {
    config.process.oomScoreAdj = 321;
    config.process.args = ['cat', '/proc/self/oom_score_adj'];
  });
  t.equal(text, '321\n');
});

test("without oomScoreAdj it stays the caller's", async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['cat', '/proc/self/oom_score_adj'];
  });
  const call = `${runtime.path} --root ${box.stateRoot} run --bundle ${container.bundle} ${container.id}`;
  t.equal((await box.command('sh', ['-c', `echo 123 > /proc/self/oom_score_adj; exec ${call}`])).stdout, '123\n');
});

test('hostname', async (t, box) => {
  const text = await output(box, (config) => {
    config.hostname = 'a-name';
    config.process.args = ['hostname'];
  });
  t.equal(text, 'a-name\n');
});

test(
  'domainname',
  async (t, box) => {
    const text = await output(box, (config) => {
      config.domainname = 'example.org';
      config.process.args = ['cat', '/proc/sys/kernel/domainname'];
    });
    t.equal(text, 'example.org\n');
  },
  { knownDifferences: { 'runc 1.1': 'is older than domainname' } },
);

test('hostname without a uts namespace is refused', async (t, box) => {
  const name = (await box.command('hostname', [])).stdout;
  const container = box.container((config) => {
    config.hostname = name.trim();
    config.linux.namespaces = config.linux.namespaces.filter((namespace) => namespace.type !== 'uts');
  });
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

test('the program is the first process, a session leader, with three descriptors', async (t, box) => {
  const text = await output(box, (config) => {
    config.process.args = shell('echo $$; cut -d " " -f 6 /proc/1/stat; echo /proc/1/fd/*');
  });
  t.match(text, /^1\n1\n\/proc\/1\/fd\/0 \/proc\/1\/fd\/1 \/proc\/1\/fd\/2(?: \/proc\/1\/fd\/3)?\n$/);
});

test("standard input, output and error are create's", async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('cat; echo out; echo err >&2');
  });
  const input = box.path('input');
  writeFileSync(input, 'in\n');
  const created = await container.up({ stdin: input });
  await container.waitFor('stopped');
  const result = box.reread(created);
  t.equal(result.stdout, 'in\nout\n');
  t.equal(result.stderr, 'err\n');
});

test('signals are neither blocked nor ignored', async (t, box) => {
  const text = await output(box, (config) => {
    config.process.args = ['grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status'];
  });
  t.match(text, /SigBlk:\s0{16}\nSigIgn:\s0{16}\n/);
});

test('empty args are refused', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = [];
  });
  const created = await container.create();
  if (created.code === 0) failed(t, await container.start());
  else failed(t, created);
});

test('64-bit integers are preserved: a user id beyond 32 bits is refused', async (t, box) => {
  const container = box.container();
  const user = { uid: 4294967296n, gid: 0 };
  container.writeConfig(toJson({ ...container.config, process: { ...container.config.process, user } }));
  failed(t, await container.create());
  t.same(await box.leftovers(), []);
});

for (const field of ['uid', 'gid'] as const) {
  // setresuid(-1) would leave root unchanged.
  test(
    `${field} 4294967295 is not an id`,
    async (t, box) => {
      const container = box.container((config) => {
        config.process.user[field] = 4_294_967_295;
        config.process.args = shell('id; echo ran > /ran');
      });
      failed(t, await container.run());
      t.equal(container.read('ran'), '', 'and it does not run as root');
    },
    { knownDifferences: { crun: 'runs as root' } },
  );
}

test('a program with a script interpreter', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = ['/script', 'argument'];
  });
  writeFileSync(join(container.rootfs, 'script'), '#!/bin/sh\necho $0 $1\n', { mode: 0o755 });
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, '/script argument\n');
});
