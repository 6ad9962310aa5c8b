import t from 'tap';
import { factsOf, options, specOf } from '../plan/fixtures.js';
import { MountBindT, MountFilesystemT, operationName, SyncT } from '../plan/step.js';
import { planLoopback, planMountPoints } from './helper-steps.js';

const mounts = [
  { destination: '/proc', type: 'proc', source: 'proc' },
  { destination: '/data', type: 'bind', source: '/host', options: ['rbind', 'rshared', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup' },
  { destination: '/proc', options: ['remount', 'ro'] },
];

t.test('the mount points of a config', (t) => {
  const hooks = { prestart: [{ path: '/bin/true' }] };
  const steps = planMountPoints(specOf({ root: { mounts, hooks } }), factsOf('v2'), options);
  t.strictSame(steps.map(operationName), ['TreePropagation', 'MountRoot', 'MountFilesystem', 'MountBind', 'Sync']);
  const bind = steps.map(({ operation }) => operation).find((operation) => operation instanceof MountBindT);
  t.equal(bind?.propagation, 0, 'nobody else sees it');
  t.equal(bind?.target, '/data');
  t.equal(steps[3]?.pointer, '/mounts/1', 'named as in the config');
  t.ok(steps[2]?.operation instanceof MountFilesystemT);
  t.ok(steps[4]?.operation instanceof SyncT, 'and it waits to be ended');
  t.end();
});

t.test('loopback', (t) => {
  t.strictSame(planLoopback(42).map(operationName), ['JoinNamespace', 'Loopback', 'Sync']);
  t.match(planLoopback(42)[0]?.operation, { path: '/proc/42/ns/net' });
  t.end();
});
