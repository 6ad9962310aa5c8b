// The same network and volume commands with Debian's docker: exit codes and standard output.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';
import t from 'tap';
import '../harness/own-network.js';
import { Box, settled } from '../harness/box.js';

t.setTimeout(300_000);
const box = new Box('docker');
const socket = `unix://${box.path('docker.sock')}`;
mkdirSync(box.path('client'));

const client = (...words: readonly string[]) =>
  spawnSync('docker', ['--config', box.path('client'), '--host', socket, ...words], { encoding: 'utf8', timeout: 60_000 });

// The bridge, rules and mounts that it makes are in this test's own namespaces.
const places = ['--data-root', box.path('data'), '--exec-root', box.path('exec'), '--pidfile', box.path('docker.pid')];
const skip = spawnSync('dockerd', ['--version']).status === 0 ? false : 'docker is not installed';
const daemon =
  skip === false
    ? spawn('dockerd', [...places, '--host', socket, '--storage-driver', 'vfs', '--userland-proxy=false'], { stdio: 'ignore' })
    : undefined;
process.on('exit', () => daemon?.kill('SIGKILL'));

/** What differs from run to run. */
const plain = (text: string): string =>
  text
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'SHORT')
    .replaceAll(/\b(10|172)(\.\d+){3}/g, 'ADDRESS');

/** One line each; the flags are docker's. */
const steps: readonly string[] = [
  'network create n1',
  'network create n1',
  'network create --internal n2',
  'network create --driver nosuch n3',
  'network create --subnet nonsense n3',
  'network ls --format {{.Name}}:{{.Driver}}:{{.Scope}}',
  'network ls -q --filter name=^n1$',
  'network ls --format {{.Name}} --filter driver=host',
  'network ls --format {{.Name}} --filter type=custom',
  'network inspect n1 --format {{.Name}}:{{.Scope}}:{{.Internal}}:{{len_.Containers}}',
  'network inspect nosuch',
  'network rm nosuch',
  'network rm bridge',
  'network rm',
  'volume create v1',
  'volume create v1',
  'volume create --label a=b v2',
  'volume create a/b',
  'volume create --driver nosuch v3',
  'volume ls -q',
  'volume ls --format {{.Driver}}:{{.Name}}',
  'volume ls -q --filter label=a=b',
  'volume inspect v2 --format {{.Name}}:{{.Driver}}:{{.Scope}}:{{index_.Labels_"a"}}',
  'volume inspect nosuch',
  'run --rm -v v1:/data busybox sh -c ls_/data;_echo_x_>/data/x',
  'run --rm -v v1:/data:ro busybox cat /data/x',
  'run --rm -v v1:/data:ro busybox touch /data/y',
  'run --rm -v v1:data busybox true',
  'run --rm -v v1:/ busybox true',
  'run --rm -v v1:/data:rx busybox true',
  'run --rm --mount type=bind,src=/no/such/place,dst=/x busybox true',
  'run --rm --mount type=bind,src=/tmp busybox true',
  'run --rm --network nosuch busybox true',
  'run --rm --network container:nosuch busybox true',
  'run --rm -p nonsense busybox true',
  'run --rm -p 1-3:80-81 busybox true',
  'run --rm --network none busybox cat /proc/net/route',
  'run --rm --network none -h name busybox hostname',
  'run --rm --add-host far:192.0.2.1 busybox grep far /etc/hosts',
  'run --rm --dns 192.0.2.7 --dns-search example.com busybox grep -E search|nameserver /etc/resolv.conf',
  'run --rm --network-alias x busybox true',
  'run -d --name web --network n1 --network-alias www -p 18080:80 busybox sleep 1000',
  'run --rm -p 18080:80 busybox true',
  'run --rm --network n1 busybox ping -c 1 -q web -W 2 -w 5',
  'run --rm --network n1 busybox ping -c 1 -q nosuch',
  'network connect n1 web',
  'network connect n2 web',
  'network disconnect n2 web',
  'network disconnect n2 web',
  'network rm n1',
  'volume rm nosuch',
  'volume rm -f nosuch',
  'rm -f web',
  'network rm n1 n2',
  'volume rm v1 v2',
  'volume ls -q',
];

void t.test('docker is there', { skip }, async (t) => {
  t.equal(
    await settled(
      () => client('version').status,
      (code) => code === 0,
      60_000,
    ),
    0,
  );
  t.equal(client('import', '-c', 'CMD ["sh"]', '-c', 'ENV PATH=/bin', box.path('rootfs.tar'), 'busybox:latest').status, 0);
  t.equal(client('run', '--rm', '-h', 'it-runs', 'busybox', 'hostname').stdout, 'it-runs\n');
});

void t.test('command by command', { timeout: 240_000, skip }, async (t) => {
  for (const step of steps) {
    // The runner must hear of us.
    await immediate();
    const words = step.split(' ').map((word) => word.replaceAll('_', ' '));
    const ours = box.pocker(...words);
    const theirs = client(...words);
    t.equal(ours.code, theirs.status, `exit code of ${step}`, {
      ours: ours.err,
      docker: theirs.stderr,
    });
    if (!step.includes('ping')) t.equal(plain(ours.out), plain(theirs.stdout), `output of ${step}`);
  }
});

void t.test('nothing is left', async (t) => {
  if (daemon?.kill() === true) await once(daemon, 'exit');
  t.same(await box.close(), []);
});
