import t from 'tap';
import { all, only, planOf } from '../fixtures.js';
import { MountBindT, OpenSourceT } from '../step.js';

const map64k = [{ containerID: 0, hostID: 1000, size: 65_536 }];

t.test('a source in the root filesystem is looked up when its turn comes', (t) => {
  const user = { namespaces: [{ type: 'mount' as const }, { type: 'user' as const }], uidMappings: map64k, gidMappings: map64k };
  const inside = (source: string, linux: object = user): unknown => {
    const made = planOf({ root: { mounts: [{ destination: '/a', source, options: ['bind'] }] }, linux });
    return [only(made, MountBindT).inside, all(made, OpenSourceT).at(-1)?.deferred];
  };
  t.same(inside('/bundle/rootfs/x/y'), ['x/y', true]);
  t.same(inside('rootfs//x/./y/'), ['x/y', true]);
  t.same(inside('/bundle/rootfs'), ['.', true]);
  t.same(inside('/bundle/rootfs2'), [null, true]);
  t.same(inside('/bundle/rootfs/x/../../y'), [null, true]);
  t.same(inside('/bundle/rootfs/x/../y'), [null, true], 'there might be a link');
  t.same(inside('/bundle/rootfs/x', { namespaces: [{ type: 'mount' }] }), [null, undefined], 'by its path');
  t.end();
});
