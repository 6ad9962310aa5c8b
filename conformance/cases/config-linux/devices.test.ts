// config-linux.md, "Devices" and "Default Devices".
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../../harness/box.js';
import { failed, succeeded, type Tap, test } from '../../harness/case.js';
import { layout } from '../../harness/machine/cgroup.js';
import type { CommandResult } from '../../harness/command.js';
import { type Linux, shell } from '../../harness/config.js';
import { runtime } from '../../harness/runtime.js';

type DeviceRules = NonNullable<NonNullable<Linux['resources']>['devices']>;

const defaults: [path: string, numbers: string][] = [
  ['/dev/null', '1 3'],
  ['/dev/zero', '1 5'],
  ['/dev/full', '1 7'],
  ['/dev/random', '1 8'],
  ['/dev/urandom', '1 9'],
  ['/dev/tty', '5 0'],
];

const describe = (path: string): string =>
  `stat -c '%F %a %u %g' ${path}; echo $((0x$(stat -c %t ${path}))) $((0x$(stat -c %T ${path})))`;

test('the default devices are there, for everyone', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell(defaults.map(([path]) => describe(path)).join(';'));
  });
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, defaults.map(([, numbers]) => `character special file 666 0 0\n${numbers}\n`).join(''));
});

test('the links of /dev', async (t, box) => {
  const container = box.container((config) => {
    config.mounts.push({ destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] });
    config.process.args = shell(
      'for f in fd stdin stdout stderr ptmx; do readlink /dev/$f; done; test -c /dev/pts/ptmx && echo pts',
    );
  });
  t.match(
    (await container.run()).stdout,
    /^\/proc\/self\/fd\n\/proc\/self\/fd\/0\n\/proc\/self\/fd\/1\n\/proc\/self\/fd\/2\n(\/dev\/)?pts\/ptmx\npts\n$/,
  );
});

test('without a terminal there is no /dev/console', async (t, box) => {
  const container = box.container((config) => {
    config.process.args = shell('test -e /dev/console || echo none');
  });
  t.equal((await container.run()).stdout, 'none\n');
});

test("the config's devices", async (t, box) => {
  const container = box.container((config) => {
    config.linux.devices = [
      { path: '/dev/char', type: 'c', major: 10, minor: 229, fileMode: 0o620, uid: 12, gid: 34 },
      { path: '/dev/unbuffered', type: 'u', major: 10, minor: 200, fileMode: 0o600 },
      { path: '/dev/made/block', type: 'b', major: 7, minor: 300, fileMode: 0o666, uid: 0, gid: 0 },
      { path: '/dev/pipe', type: 'p', fileMode: 0o600 },
    ];
    config.process.args = shell(
      ['/dev/char', '/dev/unbuffered', '/dev/made/block'].map(describe).join(';') + "; stat -c '%F %a' /dev/pipe",
    );
  });
  const result = await container.run();
  succeeded(t, result);
  t.equal(
    result.stdout,
    'character special file 620 12 34\n10 229\ncharacter special file 600 0 0\n10 200\nblock special file 666 0 0\n7 300\nfifo 600\n',
  );
});

test('a mode that includes the file type, as podman writes it', async (t, box) => {
  const container = box.container((config) => {
    config.linux.devices = [{ path: '/dev/mine', type: 'c', major: 10, minor: 229, fileMode: 0o020640 }];
    config.process.args = shell(describe('/dev/mine'));
  });
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, 'character special file 640 0 0\n10 229\n');
});

test('a device outside /dev', async (t, box) => {
  const container = box.container((config) => {
    config.linux.devices = [{ path: '/odd/place', type: 'c', major: 1, minor: 3, fileMode: 0o666 }];
    config.process.args = shell('echo x > /odd/place; test -c /odd/place && echo fine');
  });
  t.equal((await container.run()).stdout, 'fine\n');
});

test('a device of the config replaces a default one', async (t, box) => {
  const container = box.container((config) => {
    config.linux.devices = [{ path: '/dev/full', type: 'c', major: 1, minor: 7, fileMode: 0o600, uid: 1, gid: 1 }];
    config.process.args = ['stat', '-c', '%a %u', '/dev/full'];
  });
  t.equal((await container.run()).stdout, '600 1\n');
});

test(
  'an unknown type and missing numbers are refused',
  async (t, box) => {
    for (const device of [
      { path: '/dev/x', type: 'z', major: 1, minor: 3 },
      { path: '/dev/x', type: 'c', major: -1, minor: 3 },
    ]) {
      const container = box.container((config) => {
        config.linux.devices = [device];
      });
      failed(t, await container.create());
    }
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { 'crun 1.8': 'takes them' } },
);

// The rules are checked before the kernel looks for a driver. 60:7 has none, for which the error is "No such device".
test(
  'without device rules, a node that the program makes itself cannot be opened (GHSA-g54h-m393-cpwq)',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.capabilities = { bounding: ['CAP_MKNOD'], effective: ['CAP_MKNOD'], permitted: ['CAP_MKNOD'] };
      config.process.args = shell('mknod /tmp/other c 60 7 && head -c 1 /tmp/other 2>&1; head -c 1 /dev/zero | wc -c');
    });
    t.match((await container.run()).stdout, /Operation not permitted\n1\n$/);
  },
  { knownDifferences: { 'crun 1.8': 'treats no rules as everything allowed' } },
);

test('device rules', async (t, box) => {
  const container = box.container((config) => {
    config.linux.resources = {
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 10, minor: 232, access: 'rw' },
      ],
    };
    config.process.capabilities = { bounding: ['CAP_MKNOD'], effective: ['CAP_MKNOD'], permitted: ['CAP_MKNOD'] };
    config.process.args = shell(
      'mknod /tmp/other c 60 7; head -c 1 /tmp/other 2>&1 | head -c 100; echo fine > /dev/null && echo default devices work',
    );
  });
  const { stdout } = await container.run();
  t.match(stdout, /default devices work/);
  t.match(stdout, /not permitted/);
});

/** Whether the rules allow the program to open nodes that it makes ("c 60 7"), for reading and for writing. */
async function access(box: Box, devices: DeviceRules, nodes: readonly string[]): Promise<CommandResult> {
  const container = box.container((config) => {
    config.linux.resources = { devices };
    config.process.capabilities = { bounding: ['CAP_MKNOD'], effective: ['CAP_MKNOD'], permitted: ['CAP_MKNOD'] };
    // Numbers without a driver: if a rule allows them, the error is "No such device or address", otherwise EPERM.
    const answer = (open: string): string => `case $( (: ${open}) 2>&1) in *"not permitted"*) echo no;; *) echo yes;; esac`;
    const one = (node: string, index: number): string =>
      [`mknod /tmp/${index} ${node}`, answer(`< /tmp/${index}`), answer(`>> /tmp/${index}`)].join(';');
    config.process.args = shell(nodes.map(one).join(';'));
  });
  return container.run();
}

test('the last matching rule applies, with any number and for one kind of access', async (t, box) => {
  const rules = [
    { allow: false, access: 'rwm' },
    { allow: true, type: 'c', major: 60, access: 'rwm' },
    { allow: true, type: 'c', major: 61, minor: 1, access: 'rm' },
    { allow: true, type: 'c', major: 62, minor: 8, access: 'rwm' },
    { allow: false, type: 'c', major: 62, minor: 8, access: 'w' },
    { allow: true, type: 'b', major: 60, minor: 9, access: 'rw' },
  ];
  const result = await access(box, rules, ['c 60 7', 'c 60 8', 'c 61 1', 'c 61 2', 'c 62 8', 'b 60 9', 'b 60 7']);
  succeeded(t, result);
  t.equal(result.stdout.trim().replaceAll('\n', ' '), 'yes yes yes yes yes no no no yes no yes yes no no');
});

// The v1 kernel would silently ignore such a rule: all of 60 would stay allowed.
test(
  'a rule that takes one device out of many holds, or is refused',
  async (t, box) => {
    const rules = [
      { allow: false, access: 'rwm' },
      { allow: true, type: 'c', major: 60, access: 'rwm' },
      { allow: false, type: 'c', major: 60, minor: 8, access: 'rwm' },
    ];
    const result = await access(box, rules, ['c 60 7', 'c 60 8']);
    if (layout === 'v2' && runtime.isOurs) succeeded(t, result);
    if (result.code === 0) t.equal(result.stdout, 'yes\nyes\nno\nno\n');
    else failed(t, result, /device/);
  },
  { knownDifferences: layout === 'v2' ? {} : { crun: 'leaves it to the kernel' } },
);

const imageNode = async (t: Tap, box: Box): Promise<void> => {
  const container = box.container((config) => {
    config.mounts = config.mounts.filter(({ destination }) => destination !== '/dev');
    config.process.args = shell(describe('/dev/null'));
  });
  const node = join(container.rootfs, 'dev/null');
  succeeded(t, await box.command('sh', ['-c', `mknod -m 600 ${node} c 1 3 && chown 7:8 ${node}`]));
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, 'character special file 666 0 0\n1 3\n');
};

test("an existing node in the image gets the device's mode and owner", imageNode, {
  knownDifferences: {
    'crun 1.8': "does not change an existing node's mode and owner",
    runc: "it does not change an existing node's mode and owner",
  },
});

test("the image's nodes are not trusted: a link in place of a default device", async (t, box) => {
  const victim = box.path('victim');
  writeFileSync(victim, 'untouched\n', { mode: 0o600 });
  const container = box.container((config) => {
    config.mounts = config.mounts.filter((mount) => mount.destination !== '/dev');
    config.process.args = ['true'];
  });
  mkdirSync(join(container.rootfs, 'dev'), { recursive: true });
  symlinkSync(victim, join(container.rootfs, 'dev/zero'));
  await container.run();
  t.equal((await box.command('stat', ['-c', '%F %a %u', victim])).stdout, 'regular file 600 0\n');
  t.equal((await box.command('cat', [victim])).stdout, 'untouched\n');
});

test(
  'in a user namespace, a device that the host does not have at that path',
  async (t, box) => {
    const container = box.container((config) => {
      config.linux.namespaces.push({ type: 'user' });
      config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 65_536 }];
      config.linux.devices = [
        { path: '/dev/nothing', type: 'c', major: 1, minor: 3, fileMode: 0o620, uid: 12, gid: 34 },
        { path: '/dev/made/zero', type: 'c', major: 1, minor: 5, fileMode: 0o666 },
      ];
      config.linux.resources = { devices: [{ allow: true, access: 'rwm' }] };
      config.process.args = shell(
        `${describe('/dev/nothing')}; ${describe('/dev/made/zero')}; head -c 3 /dev/made/zero | wc -c; grep -c ' / / ' /proc/self/mountinfo || true`,
      );
    });
    const result = await container.run();
    succeeded(t, result);
    const [nothing, zero] = ['character special file 620 12 34\n1 3\n', 'character special file 666 0 0\n1 5\n'];
    t.equal(result.stdout, `${nothing}${zero}3\n0\n`);
  },
  { knownDifferences: { runc: 'cannot make it', 'crun 1.8': "uses the host's ids for its owner" } },
);

test('in a user namespace, devices of the machine: more than there is room for, and of owners that are not mapped', async (t, box) => {
  const container = box.container((config) => {
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = [{ containerID: 0, hostID: 100_000, size: 1 }];
    config.linux.gidMappings = [{ containerID: 0, hostID: 100_000, size: 1 }];
    const device = { path: '/dev/full', type: 'c' as const, major: 1, minor: 7, gid: 36 };
    config.linux.devices = Array.from({ length: 300 }, () => device);
    config.process.args = shell('test -c /dev/full && echo there');
  });
  const result = await container.run();
  succeeded(t, result);
  t.equal(result.stdout, 'there\n');
});
