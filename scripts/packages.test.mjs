import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from './run.mjs';

const asRoot = { skip: process.getuid() === 0 ? false : 'it looks at directories of root' };

/** Runs apt-get.sh in a view of the machine where /usr/sbin contains only what `before` makes; prints its contents at the end. */
function install(directory, before, code = 0) {
  const policy = '/usr/sbin/policy-rc.d';
  const fake = join(directory, 'apt-get');
  writeFileSync(fake, `#!/bin/sh\necho "apt-get $*"; ${policy} docker start; echo "policy $?"; exit ${code}\n`);
  chmodSync(fake, 0o755);
  const script = `mount -t tmpfs tmpfs /usr/sbin; ${before}; sh ${join(root, 'scripts/apt-get.sh')} install -y some; echo "code $?"; ls /usr/sbin`;
  const env = { PATH: `${directory}:/usr/bin:/bin` };
  return spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8', env }).stdout.trim().split('\n');
}

t.test('no service may start while packages are installed, and afterwards everything is as before', asRoot, (t) => {
  t.same(install(t.testdir(), 'true'), ['apt-get install -y some', 'policy 101', 'code 0']);
  t.same(install(t.testdir(), 'true', 100), ['apt-get install -y some', 'policy 101', 'code 100']);
  t.end();
});

t.test("an administrator's own policy stays", asRoot, (t) => {
  const own = "printf '#!/bin/sh\\nexit 104\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d";
  t.same(install(t.testdir(), own), ['apt-get install -y some', 'policy 104', 'code 0', 'policy-rc.d']);
  t.end();
});
