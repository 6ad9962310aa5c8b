import t from 'tap';
import { planOf, specOf } from '../plan/fixtures.js';
import { notRestored } from './not-restored.js';

t.test('reports what restore does not do, and nothing else', (t) => {
  const hook = [{ path: '/bin/true' }];
  const all = {
    prestart: hook,
    createRuntime: hook,
    createContainer: hook,
    startContainer: hook,
    poststart: hook,
    poststop: hook,
  };
  const parts = { linux: { netDevices: { eth0: {}, 'a.b': { name: 'c' } } }, root: { hooks: all } };
  t.same(
    notRestored(planOf(parts), specOf(parts)).map(({ pointer }) => pointer),
    ['/linux/netDevices/eth0', '/linux/netDevices/a.b', '/hooks/createContainer', '/hooks/startContainer', '/hooks/poststart'],
  );
  t.same(notRestored(planOf(), specOf()), []);
  t.end();
});
