import fc from 'fast-check';
import t from 'tap';
import { gatherFacts, parseCgroupMounts, parseMemberships } from './facts.js';
import type { Host } from './host.js';

interface Machine {
  readonly files: Readonly<Record<string, string>>;
  /** Filesystem magic by path. */
  readonly magic: Readonly<Record<string, number>>;
  readonly directories?: Readonly<Record<string, readonly string[]>>;
  readonly there?: readonly string[];
}

const v1 = 0x0027_e0eb;
const v2 = 0x6367_7270;
const tmpfs = 0x0102_1994;

/** The few calls that gatherFacts makes, answered from a table; any other call fails the test. */
function hostOf({ files, magic, directories = {}, there = [] }: Machine): { host: Host; reads: string[] } {
  const reads: string[] = [];
  const fail = (operation: string, path: string): never => {
    throw Object.assign(new Error(path), { operation, errno: 2, path });
  };
  const host = {
    euid: 0,
    egid: 0,
    readText: (path: string) => (reads.push(path), files[path] ?? fail('open', path)),
    statfsType: (path: string) => magic[path] ?? fail('statfs', path),
    readdir: (path: string) => directories[path] ?? fail('open', path),
    lstat: (path: string) => (there.includes(path) ? { type: 'directory' } : null),
  };
  return { host: host as unknown as Host, reads };
}

const hybrid: Machine = {
  files: { '/proc/self/cgroup': '3:name=systemd:/a\n2:cpu,cpuacct:/\n1:memory:/a\n0::/a\n' },
  magic: { '/sys/fs/cgroup': tmpfs, '/sys/fs/cgroup/systemd': v1, '/sys/fs/cgroup/unified': v2 },
  directories: { '/sys/fs/cgroup': ['systemd', 'cpu', 'cpuacct', 'cpu,cpuacct', 'memory', 'unified'] },
  there: ['/sys/fs/cgroup/systemd/a', '/sys/fs/cgroup/memory/a'],
};

t.test('a hybrid machine, without reading mountinfo', (t) => {
  const { host, reads } = hostOf(hybrid);
  t.same(gatherFacts(host).cgroup, {
    layout: 'hybrid',
    hierarchies: [
      { controllers: ['name=systemd'], mount: '/sys/fs/cgroup/systemd', own: '/a' },
      { controllers: ['cpu', 'cpuacct'], mount: '/sys/fs/cgroup/cpu,cpuacct', own: '/' },
      { controllers: ['memory'], mount: '/sys/fs/cgroup/memory', own: '/a' },
    ],
    unified: { mount: '/sys/fs/cgroup/unified', own: '/a' },
  });
  t.same(reads, ['/proc/self/cgroup']);
  t.end();
});

t.test('v2', (t) => {
  const { host } = hostOf({
    files: { '/proc/self/cgroup': '0::/user.slice\n' },
    magic: { '/sys/fs/cgroup': v2 },
    there: ['/sys/fs/cgroup/user.slice'],
  });
  t.same(gatherFacts(host).cgroup, { layout: 'v2', hierarchies: [], unified: { mount: '/sys/fs/cgroup', own: '/user.slice' } });
  const outside = hostOf({
    files: { '/proc/self/cgroup': '0::/../x\n' },
    magic: { '/sys/fs/cgroup': v2 },
    there: ['/sys/fs/cgroup/../x'],
  });
  t.equal(gatherFacts(outside.host).cgroup.unified?.own, '/', 'a path outside of the cgroup namespace is useless');
  t.end();
});

t.test('mountinfo finds what is in unusual places', (t) => {
  const mountinfo =
    '30 20 0:1 /docker/x /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n31 20 0:2 / /cg\\040two rw - cgroup2 none rw\n32 1 0:3 / / rw - ext4 /dev/a rw\n';
  const files = { '/proc/self/cgroup': '1:memory:/docker/x/y\n0::/z\n', '/proc/self/mountinfo': mountinfo };
  const { host } = hostOf({
    files,
    magic: { '/sys/fs/cgroup': tmpfs, '/sys/fs/cgroup/memory': v1 },
    directories: { '/sys/fs/cgroup': ['memory'] },
  });
  t.same(gatherFacts(host).cgroup, {
    layout: 'hybrid',
    hierarchies: [{ controllers: ['memory'], mount: '/sys/fs/cgroup/memory', own: '/y' }],
    unified: { mount: '/cg two', own: '/z' },
  });
  const none = hostOf({ files: { '/proc/self/cgroup': '', '/proc/self/mountinfo': '' }, magic: {} });
  t.equal(gatherFacts(none.host).cgroup.layout, 'none');
  t.end();
});

t.test('parsers', (t) => {
  t.same(parseMemberships('4:cpu,cpuacct:/a:b\nrubbish\n0::/\n'), [
    { controllers: ['cpu', 'cpuacct'], own: '/a:b' },
    { controllers: [''], own: '/' },
  ]);
  t.same(parseMemberships('0::/a\ufffd\n'), [{ controllers: [''], own: '/' }], 'a name that is not text is not another one');
  t.match(parseCgroupMounts('1 2 3 /a\\040b /x rw shared:1 master:2 - cgroup2 c rw\n'), [{ root: '/a b', mount: '/x' }]);
  t.end();
});

t.test('user namespaces', (t) => {
  const inside = (map: string): boolean =>
    gatherFacts(hostOf({ files: { '/proc/self/uid_map': map }, magic: {} }).host).inUserNamespace;
  t.equal(inside('         0          0 4294967295\n'), false);
  t.equal(inside('         0       1000          1\n'), true);
  t.equal(gatherFacts(hostOf({ files: {}, magic: {} }).host).inUserNamespace, false);
  t.end();
});

t.test('memberships and mounts come back from any text, and no line of it breaks another', (t) => {
  const path = fc.string({ unit: fc.constantFrom('/', '.', 'a', ':', ' ', '\\', 'ü') }).map((text) => `/${text}`);
  const line = fc.tuple(fc.constantFrom('', 'cpu,cpuacct', 'name=systemd'), path);
  const property = fc.property(fc.array(line), fc.string(), (lines, noise) => {
    const text = lines.map(([controllers, own], index) => `${index}:${controllers}:${own}\n`).join('');
    const expected = lines.map(([controllers, own]) => ({ controllers: controllers.split(','), own }));
    parseMemberships(noise);
    parseCgroupMounts(noise);
    return JSON.stringify(parseMemberships(text)) === JSON.stringify(expected);
  });
  fc.assert(property);
  t.end();
});
