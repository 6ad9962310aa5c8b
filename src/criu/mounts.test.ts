import t from 'tap';
import { specOf } from '../plan/fixtures.js';
import type { Spec } from '../plan/spec-types.js';
import { parseMountinfo } from '../host/mountinfo.js';
import { configuredMounts, externalMounts, isWithin } from './mounts.js';

const mountinfo = String.raw`57 39 0:24 /try/rootfs / rw,relatime - overlay overlay rw
58 57 0:34 / /proc rw,relatime shared:7 master:2 - proc proc rw
59 57 0:35 / /dev rw,nosuid - tmpfs tmpfs rw,mode=755
60 59 0:36 / /dev/pts rw - devpts devpts rw
61 59 0:36 /0 /dev/console rw - devpts devpts rw
62 57 0:24 /try/host /data\040dir rw - overlay overlay rw
63 62 8:1 / /data\040dir/sub rw - ext4 /dev/sda1 rw
64 57 0:38 / /sys ro - sysfs sysfs ro
65 64 0:27 /c1 /sys/fs/cgroup ro - cgroup2 cgroup rw
66 58 0:34 /sys /proc/sys ro - proc proc rw
67 58 0:5 /null /proc/kcore rw - devtmpfs dev rw
68 58 0:5 /null /proc/keys rw - devtmpfs dev rw
69 58 0:39 / /proc/acpi ro - tmpfs none rw
70 57 0:50 / /shm rw - tmpfs tmpfs rw
71 57 0:24 /try/rootfs/own /again rw - overlay overlay rw
72 57 0:51 / /data\040dir/tmp rw - tmpfs tmpfs rw`;

const binds: Spec['mounts'] = [
  { destination: '/proc', type: 'proc' },
  { destination: '/data dir/', source: '/try/host', options: ['rbind'] },
  { destination: '/data dir/tmp', type: 'tmpfs' },
  { destination: '/shm', type: 'bind', source: '/dev/shm' },
];

const external = (linux: Partial<NonNullable<Spec['linux']>>): unknown => {
  const spec = specOf({ linux: { maskedPaths: ['/proc/kcore', '/proc/acpi'], ...linux }, root: { mounts: binds } });
  return externalMounts(
    parseMountinfo(mountinfo),
    spec,
    configuredMounts(spec, (path) => path),
  );
};

t.test('mountinfo', (t) => {
  const mounts = parseMountinfo(mountinfo);
  t.equal(mounts.length, 16);
  t.strictSame(mounts[1], { id: 58, device: '0:34', root: '/', point: '/proc', type: 'proc' }, 'with optional fields');
  t.equal(mounts[5]?.point, '/data dir', 'escapes');
  t.end();
});

t.test('what is external', (t) => {
  const host = [
    ['/data dir', '/data dir'],
    ['/data dir/sub', '/data dir/sub'],
  ];
  const masks = [
    ['/proc/kcore', '/dev/null'],
    ['/proc/keys', '/proc/keys'],
  ];
  const shm = ['/shm', '/shm'];
  t.strictSame(
    external({}),
    [...host, ['/sys/fs/cgroup', '/sys/fs/cgroup'], ...masks, shm],
    'bind mounts, what came along with them, parts of filesystems that are nowhere a whole',
  );
  t.strictSame(external({ namespaces: [{ type: 'cgroup' }] }), [...host, ...masks, shm], 'not the cgroups of a cgroup namespace');
  t.end();
});

t.test('destinations follow links', (t) => {
  const spec = specOf({ root: { mounts: [{ destination: '/var/run/x', type: 'bind', source: '/x' }] } });
  t.strictSame([...configuredMounts(spec, (path) => path.replace('/var/run', '/run')).binds], ['/run/x']);
  t.end();
});

t.test('isWithin', (t) => {
  t.ok(isWithin('/a/b', '/a') && isWithin('/a', '/a') && isWithin('/a', '/'));
  t.notOk(isWithin('/ab', '/a') || isWithin('/', '/a'));
  t.end();
});
