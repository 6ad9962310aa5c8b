// mounts add and remove, as in crun since version 1.22: seen from inside the container.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failed, succeeded, test } from '../../../harness/case.js';
import { type Mount, shell } from '../../../harness/config.js';
import { change, inside, knownDifferences, lineOf, mountPoints, source } from '../../../harness/topics/mounts.js';
import { runtime } from '../../../harness/runtime.js';

test(
  'a bind mount, a file, a tmpfs and a procfs come, and go',
  async (t, box) => {
    const container = await box.running();
    const mounts: Mount[] = [
      { destination: '/bound', source: source(box), options: ['bind', 'ro', 'nosuid'] },
      { destination: '/etc/file', source: join(source(box), 'file'), options: ['rbind'] },
      { destination: '/new/tmp', type: 'tmpfs', source: 'tmpfs', options: ['size=64k', 'ro', 'noexec'] },
      { destination: '/new/proc', type: 'proc', source: 'proc' },
      { destination: '/new/sys', type: 'sysfs', source: 'sysfs' },
    ];
    succeeded(t, await change(container, 'add', mounts));
    t.equal(await inside(container, 'cat /bound/file /etc/file; cat /new/proc/1/comm'), 'found\nfound\nsleep\n');
    t.match(await inside(container, lineOf('/bound')), /^ro,nosuid,/);
    t.match(await inside(container, lineOf('/new/tmp')), /^ro,noexec,.*size=64k/);
    t.equal(await inside(container, 'ls /new/sys/class/net'), 'lo\n', 'from its own network namespace');
    succeeded(t, await change(container, 'remove', mounts));
    t.equal(await mountPoints(container), '');
    t.notMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(box.name), 'none of it is on the host');
  },
  { knownDifferences },
);

test(
  'from standard input; a relative source starts at the bundle',
  async (t, box) => {
    const container = await box.running();
    mkdirSync(join(container.bundle, 'volume'));
    writeFileSync(join(container.bundle, 'volume/file'), 'found\n');
    const stdin = box.path('stdin.json');
    writeFileSync(stdin, '[{"destination": "/mnt", "source": "volume", "options": ["bind"]}]');
    succeeded(t, await box.runtime(['mounts', 'add', container.id, '-'], { stdin }));
    t.equal(await inside(container, 'cat /mnt/file'), 'found\n');
    succeeded(t, await box.runtime(['mounts', 'remove', container.id, '-'], { stdin }));
    t.equal(await mountPoints(container), '');
  },
  { knownDifferences },
);

test(
  'a tmpfs takes the mode of the directory that it covers',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    mkdirSync(join(container.rootfs, 'private'));
    chmodSync(join(container.rootfs, 'private'), 0o2710);
    await container.up();
    const mounts: Mount[] = [
      { destination: '/private', type: 'tmpfs', source: 'tmpfs' },
      { destination: '/new', type: 'tmpfs', source: 'tmpfs' },
      { destination: '/private/new', type: 'tmpfs', source: 'tmpfs', options: ['mode=700'] },
    ];
    succeeded(t, await change(container, 'add', mounts));
    t.equal(await inside(container, 'stat -c %a /private /new'), '2710\n1777\n');
    t.equal(await inside(container, 'stat -c %a /private/new'), '700\n');
    succeeded(t, await change(container, 'remove', mounts));
  },
  { knownDifferences },
);

test(
  'one on top of another, and one in another',
  async (t, box) => {
    const container = await box.running();
    const mounts: Mount[] = [
      { destination: '/a', type: 'tmpfs', source: 'tmpfs' },
      { destination: '/a/b', source: source(box), options: ['bind'] },
      { destination: '/c', type: 'tmpfs', source: 'tmpfs' },
      { destination: '/c', source: source(box), options: ['bind'] },
    ];
    succeeded(t, await change(container, 'add', mounts));
    t.equal(await inside(container, 'cat /a/b/file /c/file'), 'found\nfound\n');
    succeeded(t, await change(container, 'remove', mounts));
    t.equal(await mountPoints(container), '');
  },
  { knownDifferences },
);

test(
  'what the host mounts below a source is visible, what the container mounts stays inside',
  async (t, box) => {
    const path = source(box);
    await box.command('mount', ['-t', 'tmpfs', 'none', path]);
    box.atEnd(() => box.command('umount', ['-l', path]));
    await box.command('mount', ['--make-shared', path]);
    const container = await box.running();
    succeeded(t, await change(container, 'add', [{ destination: '/mnt', source: path, options: ['rbind'] }]));
    mkdirSync(join(path, 'later'));
    await box.command('mount', ['-t', 'tmpfs', 'none', join(path, 'later')]);
    t.equal(await mountPoints(container), '/mnt /mnt/later');
    succeeded(t, await change(container, 'add', [{ destination: '/mnt/inner', type: 'tmpfs', source: 'tmpfs' }]));
    t.notMatch(readFileSync('/proc/self/mountinfo', 'utf8'), /\/inner /);
    succeeded(t, await change(container, 'remove', [{ destination: '/mnt' }]));
    t.equal(await mountPoints(container), '');
    t.ok(readFileSync('/proc/self/mountinfo', 'utf8').includes(`${path}/later `), "the machine's own is still there");
  },
  { knownDifferences },
);

test(
  'links in the container do not lead out; remove follows none',
  async (t, box) => {
    const victim = box.path('victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'file'), 'untouched\n');
    const container = await box.running((config) => {
      config.linux.readonlyPaths = ['/proc/sys'];
    });
    symlinkSync(victim, join(container.rootfs, 'link'));
    mkdirSync(join(container.rootfs, victim), { recursive: true });
    symlinkSync('/proc', join(container.rootfs, 'way'));
    const placed = `/proc/sys ${victim}/new ${victim}/other`;
    const mounts: Mount[] = [
      { destination: '/link/new', type: 'tmpfs', source: 'tmpfs' },
      { destination: `/../../..${victim}/other`, source: source(box), options: ['bind'] },
    ];
    succeeded(t, await change(container, 'add', mounts));
    t.same(readdirSync(victim), ['file']);
    t.notMatch(readFileSync('/proc/self/mountinfo', 'utf8'), new RegExp(box.name));
    t.equal(await mountPoints(container), placed, 'below the root of the container');
    failed(t, await change(container, 'remove', [{ destination: '/link/new' }]), /link/);
    failed(t, await change(container, 'remove', [{ destination: '/way/sys' }]), /link/);
    t.equal(await mountPoints(container), placed);
    succeeded(t, await change(container, 'remove', [{ destination: `${victim}/new` }, { destination: `${victim}/other` }]));
  },
  { knownDifferences: { ...knownDifferences, crun: 'its remove follows links' } },
);

test(
  'all of them or none',
  async (t, box) => {
    const container = await box.running();
    symlinkSync('tmp', join(container.rootfs, 'link'));
    writeFileSync(join(container.rootfs, 'etc/file'), '');
    const good: Mount[] = [
      { destination: '/mnt', source: source(box), options: ['bind'] },
      { destination: '/etc/file', source: join(source(box), 'file'), options: ['bind'] },
      { destination: '/link', type: 'tmpfs', source: 'tmpfs' },
    ];
    const bad: [Mount, RegExp][] = [
      [{ destination: '/etc/file/x', type: 'tmpfs', source: 'tmpfs' }, /\/mounts\/3/],
      [{ destination: '/bin/busybox', source: source(box), options: ['bind'] }, /\/mounts\/3.*not a directory/s],
      [{ destination: '/x', source: box.path('missing'), options: ['bind'] }, /\/mounts\/3.*no such file/s],
      [{ destination: '/x', type: 'tmpfs', source: 'tmpfs', options: ['unheard=of'] }, /\/mounts\/3.*unheard/s],
      [{ destination: '/x', type: 'nosuchfs', source: 'none' }, /\/mounts\/3.*nosuchfs/s],
    ];
    for (const [mount, message] of bad) {
      const result = await change(container, 'add', [...good, mount]);
      failed(t, result);
      if (runtime.isOurs) t.match(result.stderr, message);
      t.notMatch(result.stderr, /could not be removed again/);
      t.equal(await mountPoints(container), '', mount.destination);
    }
    succeeded(t, await change(container, 'add', good));
    failed(t, await change(container, 'remove', [{ destination: '/x' }, ...good]), /\/mounts\/0.*nothing is mounted there/);
    t.equal(await mountPoints(container), '/etc/file /mnt /tmp');
    succeeded(t, await change(container, 'remove', [...good.slice(0, 2), { destination: '/tmp' }]));
    t.equal(await mountPoints(container), '');
  },
  { knownDifferences: { ...knownDifferences, crun: 'leaves what it has made so far' } },
);

test(
  'an invalid file: the place of the error, and what to do',
  async (t, box) => {
    const container = await box.running();
    const refused: [string, RegExp][] = [
      ['', /is empty/],
      ['[', /mounts.json:1:2/],
      ['[]}', /mounts.json:1:3/],
      ['{}', /\/mounts \(line 1, column 1\)/],
      ['[{"source": "x"}]', /\/mounts\/0\/destination \(line 1, column 2\): is missing/],
      ['[{"destination": "/a"},\n {"destination": 1}]', /\/mounts\/1\/destination \(line 2, column 18\)/],
      ['[{"destination": "/a", "options": "ro"}]', /\/mounts\/0\/options \(line 1, column 35\)/],
      ['[{"destination": "/a"}]', /\/mounts\/0: has neither a type nor the option "bind"/],
      ['[{"destination": "/", "type": "tmpfs"}]', /\/mounts\/0\/destination/],
      ['[{"destination": "/proc/self", "type": "tmpfs"}]', /\/mounts\/0\/destination: .*inside \/proc/],
      ['[{"destination": "/a", "options": ["bind"]}]', /\/mounts\/0\/source/],
      ['[{"destination": "/dev", "options": ["remount", "ro"]}]', /\/mounts\/0\/options: "remount"/],
      ['[{"destination": "/a", "type": "tmpfs", "options": ["tmpcopyup"]}]', /\/mounts\/0\/options: "tmpcopyup"/],
    ];
    for (const [text, message] of refused) failed(t, await change(container, 'add', text), message);
    failed(t, await change(container, 'remove', '[{"destination": "/"}]'), /\/mounts\/0\/destination/);
    failed(t, await box.runtime(['mounts', 'add', container.id, box.path('none.json')]), /none\.json/);
    failed(t, await box.runtime(['mounts', 'list', container.id, box.path('none.json')]), /mounts add/);
    failed(t, await box.runtime(['mounts', 'add', container.id]), /requires exactly 3/);
    succeeded(t, await change(container, 'add', []));
    t.equal(await mountPoints(container), '');
  },
  { oursOnly: true },
);

test(
  'a mount in use is removed, and stays for those who have it open',
  async (t, box) => {
    const container = await box.running((config) => {
      config.process.args = shell('while ! cd /mnt; do sleep 0.1; done 2> /dev/null; echo > /in; sleep 60');
    });
    const mounts: Mount[] = [{ destination: '/mnt', source: source(box), options: ['bind'] }];
    succeeded(t, await change(container, 'add', mounts));
    await container.waitForFile('in');
    succeeded(t, await change(container, 'remove', mounts));
    t.equal(await mountPoints(container), '');
    t.equal(await inside(container, 'ls /proc/1/cwd/'), 'file\n');
  },
  { knownDifferences },
);

test(
  'on a read-only root: where a mount point exists',
  async (t, box) => {
    const container = await box.running((config) => {
      config.root.readonly = true;
    });
    succeeded(t, await change(container, 'add', [{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' }]));
    t.equal(await inside(container, 'echo x > /tmp/x; cat /tmp/x'), 'x\n');
    failed(
      t,
      await change(container, 'add', [{ destination: '/new', type: 'tmpfs', source: 'tmpfs' }]),
      /read-only file ?system/i,
    );
    succeeded(t, await change(container, 'remove', [{ destination: '/tmp' }]));
  },
  { knownDifferences },
);

test(
  'a created and a paused container, but not a stopped or missing one',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    await container.create();
    succeeded(t, await change(container, 'add', [{ destination: '/a', type: 'tmpfs', source: 'tmpfs' }]));
    await container.start();
    await container.verb('pause');
    succeeded(t, await change(container, 'add', [{ destination: '/b', type: 'proc', source: 'proc' }]));
    t.equal((await container.state()).status, 'paused');
    await container.verb('resume');
    t.equal(await mountPoints(container), '/a /b');
    await container.kill();
    await container.waitFor('stopped');
    for (const action of ['add', 'remove'] as const)
      failed(t, await change(container, action, [{ destination: '/a', type: 'tmpfs' }]), /not running/);
    failed(t, await box.runtime(['mounts', 'add', `${box.name}-none`, box.path('mounts.json')]), /does not exist/);
  },
  { knownDifferences },
);

test(
  'without its own mount namespace, a container would mount on the host',
  async (t, box) => {
    const container = await box.running((config) => {
      config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'mount');
      config.mounts = [];
    });
    failed(t, await change(container, 'add', [{ destination: '/tmp', type: 'tmpfs', source: 'tmpfs' }]), /mount namespace/);
  },
  { oursOnly: true },
);

test(
  'a cgroup filesystem, with a cgroup namespace',
  async (t, box) => {
    const container = await box.running((config) => {
      config.linux.namespaces.push({ type: 'cgroup' });
    });
    const mounts = [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro'] }];
    succeeded(t, await change(container, 'add', mounts));
    const find = 'find /sys/fs/cgroup -name cgroup.procs -maxdepth 2 | head -n 1';
    t.match(await inside(container, `cat $(${find})`), /^1$/m, "the container's own");
    succeeded(t, await change(container, 'remove', mounts));
    t.equal(await mountPoints(container), '');
  },
  { skip: existsSync('/proc/self/cgroup') ? false : 'this machine has no cgroups', knownDifferences },
);
