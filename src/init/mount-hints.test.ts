import t from 'tap';
import { planOf } from '../plan/fixtures.js';
import type { Mount } from '../plan/spec-types.js';
import { operationName } from '../plan/step.js';
import { initFailure, stepInfoOf } from './failure.js';

const ids = [{ containerID: 0, hostID: 1000, size: 1 }];
const user = { namespaces: [{ type: 'mount' as const }, { type: 'user' as const }], uidMappings: ids, gidMappings: ids };

/** The error when the step of that name fails this way. */
function failure(mount: Mount, step: string, [text, number]: [text: string, errno: number]): { message: string; hint: string } {
  const plan = planOf({ root: { mounts: [mount] }, linux: step === 'OpenSource' ? user : {} });
  const index = plan.steps.findLastIndex((one) => operationName(one) === step);
  const received = { message: 'failed', step: index, number, text, path: '/p', fd: -1 } as const;
  const { message, details } = initFailure(received, stepInfoOf(plan)(index));
  return { message, hint: details.hint ?? '' };
}

const bind: Mount = { destination: '/a', source: '/b', options: ['rbind', 'ro', 'nosuid', 'exec', 'noatime'] };
const tmpfs: Mount = { destination: '/t', type: 'tmpfs', source: 'shm', options: ['nodev', 'sync', 'size=1m'] };

t.test("runc's words, and mount(8)'s", (t) => {
  const missing = failure(bind, 'MountBind', ['open', 2]);
  t.equal(missing.message, 'error mounting "/b" to rootfs at "/a" (/mounts/0): open /p: no such file or directory');
  t.match(missing.hint, /must exist.*\. Equivalent command: mount --rbind -o ro,nosuid,noatime,exec \/b \/a$/);
  t.match(failure(bind, 'OpenSource', ['open_tree', 2]), {
    message: /^error mounting "\/b" to rootfs at "\/a" \(\/mounts\/0\/source\): open_tree/,
    hint: /must exist/,
  });
  t.match(failure(tmpfs, 'MountFilesystem', ["fsconfig\ntmpfs: Bad value for 'size'", 22]), {
    message: /invalid argument: tmpfs: Bad value for 'size'$/,
    hint: /passes unknown options to the filesystem.*\. Equivalent command: mount -t tmpfs -o sync,nodev,size=1m shm \/t$/,
  });
  const remount = { destination: '/a', options: ['remount', 'bind', 'ro', 'suid'] };
  t.match(failure(remount, 'MountAttributes', ['fspick', 22]), {
    message: /^error mounting to rootfs at "\/a" \(\/mounts\/0\)/,
    hint: /Only a mount can be.*mount -o remount,ro,suid \/a$/,
  });
  t.end();
});

t.test('what one errno can mean', (t) => {
  const cases: [step: string, text: string, errno: number, hint: RegExp][] = [
    ['MountBind', 'mount_setattr\nnosuid is locked', 1, /user namespace locks them/],
    ['MountBind', 'mount_setattr\nid-mapping the mount', 1, /id-mapped only once/],
    ['MountBind', 'mount_setattr\nid-mapping the mount', 22, /cannot id-map/],
    ['MountBind', 'move_mount', 20, /directory onto a file/],
    ['MountBind', 'mkdirat', 13, /Create the mount point: the container's root/],
    ['MountBind', 'mkdirat', 30, /read-only filesystem/],
    ['MountBind', 'move_mount', 5, /^Equivalent command: mount --rbind/],
  ];
  for (const [step, text, errno, hint] of cases) t.match(failure(bind, step, [text, errno]).hint, hint, text);
  t.match(failure(tmpfs, 'MountFilesystem', ['fsopen', 19]).hint, /no such filesystem/);
  t.match(failure(tmpfs, 'MountFilesystem', ['mount', 1]).hint, /may mount few filesystems/);
  t.end();
});
