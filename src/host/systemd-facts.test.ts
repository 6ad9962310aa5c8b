import t from 'tap';
import { managerCgroup, outerUid, userManagerCgroup } from './systemd-facts.js';

t.test("the manager's cgroup is where process 1 has its scope", (t) => {
  t.equal(managerCgroup('0::/init.scope\n'), '');
  t.equal(managerCgroup('0::/\n'), '');
  t.equal(managerCgroup('0::/machine.slice/x.scope/init.scope\n'), '/machine.slice/x.scope');
  t.equal(
    managerCgroup('4:cpu,cpuacct:/\n1:name=systemd:/docker/x/init.scope\n0::/\n'),
    '/docker/x',
    'v1 has a hierarchy for it',
  );
  t.end();
});

t.test('our user outside our user namespace', (t) => {
  t.equal(outerUid('         0          0 4294967295\n', 1000), 1000, 'there is none around the first');
  const rootless = '         0       1000          1\n         1     100000      65535\n';
  t.equal(outerUid(rootless, 0), 1000);
  t.equal(outerUid(rootless, 1), 100_000);
  t.equal(outerUid(rootless, 65_535), 165_534);
  t.equal(outerUid('', 65_534), 65_534, 'not mapped yet');
  t.end();
});

t.test("a user's manager", (t) => {
  const service = '/user.slice/user-1000.slice/user@1000.service';
  t.same(userManagerCgroup('0::/user.slice/user-1000.slice/session-3.scope\n', 0), { cgroup: service, below: false });
  t.same(userManagerCgroup(`0::${service}/app.slice/x.scope\n`, 0), { cgroup: service, below: true });
  t.same(userManagerCgroup(`0::/vm${service}/app.slice/x.scope\n`, 0), { cgroup: `/vm${service}`, below: true });
  t.same(userManagerCgroup('0::/system.slice/cron.service\n', 1000), { cgroup: service, below: false });
  t.end();
});
