import t from 'tap';
import { errorPointer, factsOf, planOf } from '../fixtures.js';
import type { Linux } from '../spec-types.js';

const own: NonNullable<Linux['namespaces']> = [{ type: 'mount' }, { type: 'network' }];
const joined = (path: string): NonNullable<Linux['namespaces']> => [{ type: 'mount' }, { type: 'network', path }];

t.test('devices, by old and new name', (t) => {
  const { netDevices, networkPath } = planOf({
    linux: { namespaces: own, netDevices: { eth0: {}, eth1: { name: 'inside' }, 'a~b': { name: 'eth%d' } } },
  });
  t.same(netDevices, [
    { name: 'eth0', newName: 'eth0', pointer: '/linux/netDevices/eth0' },
    { name: 'eth1', newName: 'inside', pointer: '/linux/netDevices/eth1' },
    { name: 'a~b', newName: 'eth%d', pointer: '/linux/netDevices/a~0b' },
  ]);
  t.equal(networkPath, '', "the process's own");
  const plan = planOf({ linux: { namespaces: joined('/run/netns/x'), netDevices: { eth0: {} } } });
  t.equal(plan.networkPath, '/run/netns/x');
  t.same(planOf({ linux: { namespaces: [], netDevices: {} } }).netDevices, [], 'no devices need no namespace');
  t.end();
});

t.test('refused', (t) => {
  const refused = '/linux/netDevices';
  const netDevices = { eth0: {} };
  for (const namespaces of [[{ type: 'mount' as const }], joined('/proc/1/ns/net')]) {
    t.equal(
      errorPointer(() => planOf({ linux: { namespaces, netDevices } })),
      `E_CONFIG_RULE ${refused}`,
      JSON.stringify(namespaces),
    );
  }
  const ordinary = factsOf('v2', { euid: 1000, egid: 1000 });
  const user = {
    namespaces: [...own, { type: 'user' as const }],
    uidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
    gidMappings: [{ containerID: 0, hostID: 1000, size: 1 }],
  };
  t.equal(
    errorPointer(() => planOf({ linux: { ...user, netDevices } }, ordinary)),
    `E_CONFIG_RULE ${refused}`,
    'by an ordinary user',
  );
  t.end();
});
