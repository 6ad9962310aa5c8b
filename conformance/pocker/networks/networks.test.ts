// Networks: names, aliases, published ports, isolation, and what is released.
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import t from 'tap';
import { networkState } from '../harness/own-network.js';
import { Box, Output, settled } from '../harness/box.js';

t.setTimeout(180_000);
const box = new Box();

/** A web server that says a word. */
const serve = (name: string, word: string, ...flags: readonly string[]) =>
  box.pocker(
    'run',
    '-d',
    '--name',
    name,
    ...flags,
    'busybox',
    'sh',
    '-c',
    `mkdir /w; echo ${word} >/w/index.html; exec httpd -f -p 80 -h /w`,
  );

/** The answer that this machine gets there; "": none. */
function fetchUrl(url: string): string {
  const args = ['timeout', '3', 'wget', '-qO-', url];
  return spawnSync('busybox', args, { encoding: 'utf8', timeout: 20_000 }).stdout.trim();
}

/** The server may take a moment to listen. */
const answers = (url: string, word: string): Promise<string> =>
  settled(
    () => fetchUrl(url),
    (said) => said === word,
    10_000,
  );

const inside = (network: string, ...words: readonly string[]) =>
  box.pocker('run', '--rm', '--network', network, 'busybox', ...words);
const address = (name: string, network: string): string => {
  const format = `{{range .Containers}}{{if eq .Name "${name}"}}{{.IPv4Address}}{{end}}{{end}}`;
  return box.pocker('network', 'inspect', '--format', format, network).out.trim().replace(/\/.*/, '');
};

void t.test('the default network: an address, a way out, hosts, and all of it given back', (t) => {
  const { out } = box.pocker('run', '--rm', '--hostname', 'h1', 'busybox', 'sh', '-c', 'ip a; ip r; cat /etc/hosts; hostname');
  t.match(out, /eth0/);
  t.match(out, /inet 10\.\d+\.0\.2\/16/);
  t.match(out, /default via 10\.\d+\.0\.1 dev eth0/);
  t.match(out, /10\.\d+\.0\.2\th1\n/);
  t.match(box.pocker('run', '--rm', 'busybox', 'ip', 'a').out, /inet 10\.\d+\.0\.2\/16/, 'the address is free again');
  t.same(
    networkState().filter((line) => line.startsWith('pkv')),
    [],
    'no device is left',
  );
  t.match(inside('none', 'ip', 'a').out, /^1: lo/);
  t.notMatch(inside('none', 'ip', 'a').out, /^2:/m);
  t.end();
});

void t.test('published ports: all addresses, loopback only, udp, ranges, chosen by the engine', async (t) => {
  const ports = ['-p', '8080:80', '-p', '127.0.0.1:8081:80', '-p', '8090-8091:90-91', '-p', '5353:53/udp', '-p', '80'];
  t.match(serve('web', 'hello', ...ports), { code: 0 });
  t.equal(await answers('http://127.0.0.1:8080/', 'hello'), 'hello');
  t.equal(await answers('http://127.0.0.1:8081/', 'hello'), 'hello');
  t.equal(await answers('http://127.0.0.1:49153/', 'hello'), 'hello', 'the first that the engine may choose');
  const gateway = address('web', 'bridge').replace(/\d+$/, '1');
  t.match(inside('bridge', 'timeout', '3', 'wget', '-qO-', `http://${gateway}:8080/`).out, /hello/, 'from a neighbour');
  t.notMatch(inside('bridge', 'timeout', '3', 'wget', '-qO-', `http://${gateway}:8081/`).out, /hello/, 'loopback only');
  const rules = networkState().join('\n');
  t.match(rules, /-p udp -m udp --dport 5353 -j DNAT --to-destination \S+:53/);
  t.match(rules, /--dport 8091 -j DNAT --to-destination \S+:91/);
  t.match(box.pocker('run', '--rm', '-p', '8080:80', 'busybox', 'true'), {
    code: 125,
    err: 'Bind for 0.0.0.0:8080 failed: port is already allocated',
  });
  t.match(box.pocker('rm', '-f', 'web'), { code: 0 });
  t.notMatch(networkState().join('\n'), /DNAT --to-destination/, 'no rule is left');
  t.equal(fetchUrl('http://127.0.0.1:8080/'), '');
});

void t.test('a port that a program of this machine has', async (t) => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(8082, '127.0.0.1', done));
  t.match(box.pocker('run', '--rm', '-p', '8082:80', 'busybox', 'true'), { code: 125, err: 'bind: address already in use' });
  await new Promise((done) => server.close(done));
  t.match(box.pocker('run', '--rm', '-p', '8082:80', 'busybox', 'true'), { code: 0 });
});

void t.test('names and aliases, and two networks apart', async (t) => {
  for (const name of ['n1', 'n2']) t.match(box.pocker('network', 'create', name), { code: 0, out: /^[0-9a-f]{64}\n$/ });
  t.match(serve('one', 'first', '--network', 'n1', '--network-alias', 'www', '-p', '8080:80'), { code: 0 });
  await answers('http://127.0.0.1:8080/', 'first');
  for (const name of ['one', 'www'])
    t.match(inside('n1', 'timeout', '3', 'wget', '-qO-', `http://${name}/`), { out: 'first\n' }, name);
  t.notMatch(inside('n2', 'timeout', '3', 'wget', '-qO-', 'http://one/').out, /first/, 'its name is unknown to others');
  const direct = address('one', 'n1');
  t.match(inside('n2', 'nc', '-w', '2', direct, '80').code, 1, 'and its address is out of reach');
  t.match(inside('bridge', 'nc', '-w', '2', direct, '80').code, 1, 'from the default network as well');
  t.match(box.pocker('run', '--rm', '--network', 'container:one', 'busybox', 'wget', '-qO-', 'http://127.0.0.1/').out, 'first\n');
  t.match(box.pocker('network', 'connect', '--alias', 'too', 'n2', 'one'), { code: 0 });
  t.match(inside('n2', 'timeout', '3', 'wget', '-qO-', 'http://too/').out, 'first\n', 'connected');
  t.match(box.pocker('network', 'connect', 'n2', 'one'), { code: 1, err: 'endpoint with name one already exists in network n2' });
  t.match(box.pocker('network', 'disconnect', 'n2', 'one'), { code: 0 });
  t.match(inside('n2', 'nc', '-w', '2', address('one', 'n1'), '80').code, 1, 'disconnected');
  t.match(box.pocker('network', 'rm', 'n1'), { code: 1, err: 'has active endpoints' });
  t.match(box.pocker('rm', '-f', 'one'), { code: 0 });
  t.match(box.pocker('network', 'rm', 'n1', 'n2'), { code: 0, out: 'n1\nn2\n' });
});

void t.test('--dns: names that are no containers are asked of that server', async (t) => {
  const server = createSocket('udp4');
  await new Promise<void>((done) => {
    server.bind(53, '127.0.0.9', done);
  });
  let asked = '';
  server.on('message', (bytes) => {
    asked += bytes.toString('latin1');
  });
  box.pocker('network', 'create', 'n3');
  const flags = ['--network', 'n3', '--dns', '127.0.0.9', '--name', 'asker'];
  const { out } = box.pocker('run', '--rm', ...flags, 'busybox', 'sh', '-c', 'nslookup asker; timeout 1 nslookup far.test');
  t.match(out, /Name:\s+asker/);
  t.match(
    await settled(
      () => asked,
      (text) => text.includes('far'),
    ),
    'far',
  );
  server.close();
  t.match(box.pocker('run', '--rm', '--dns', '192.0.2.7', 'busybox', 'cat', '/etc/resolv.conf').out, 'nameserver 192.0.2.7\n');
  t.match(box.pocker('network', 'rm', 'n3'), { code: 0 });
});

void t.test('an internal network has no way out; addresses that were asked for', (t) => {
  t.match(box.pocker('network', 'create', '--internal', '--subnet', '10.200.0.0/24', '--gateway', '10.200.0.9', 'in'), {
    code: 0,
  });
  t.notMatch(inside('in', 'ip', 'r').out, /default/);
  t.match(box.pocker('run', '--rm', '--network', 'in', '--ip', '10.200.0.77', 'busybox', 'ip', 'a').out, /10\.200\.0\.77\/24/);
  t.match(box.pocker('run', '--rm', '--network', 'in', '--ip', '10.201.0.1', 'busybox', 'true'), {
    code: 125,
    err: "It does not belong to any of this network's subnets",
  });
  t.match(box.pocker('network', 'create', '--subnet', '10.200.0.0/16', 'over'), {
    code: 1,
    err: 'Pool overlaps with other one on this address space',
  });
  t.match(box.pocker('network', 'rm', 'in'), { code: 0 });
  t.end();
});

void t.test('what is wrong', (t) => {
  const rows: readonly (readonly [words: readonly string[], code: number, err: string])[] = [
    [['run', '--rm', '--network', 'nosuch', 'busybox', 'true'], 125, 'network nosuch not found'],
    [['run', '--rm', '-p', 'x', 'busybox', 'true'], 125, 'Invalid containerPort: x'],
    [['run', '--rm', '--network', 'container:nosuch', 'busybox', 'true'], 125, 'No such container: nosuch'],
    [['network', 'rm', 'nosuch'], 1, 'No such network: nosuch'],
    [['network', 'rm', 'bridge'], 1, 'bridge is a pre-defined network and cannot be removed'],
    [['network', 'create', 'bridge'], 1, 'already exists'],
    [['network', 'create', '--driver', 'overlay', 'x'], 1, 'plugin "overlay" not found'],
    [['network', 'create', '--subnet', 'x', 'y'], 1, 'invalid CIDR address: x'],
  ];
  for (const [words, code, err] of rows) t.match(box.pocker(...words), { code, err }, words.join(' '));
  t.end();
});

void t.test('twenty at once get twenty addresses', async (t) => {
  const calls = Array.from({ length: 20 }, () =>
    box.begin('run', '--rm', '-i', 'busybox', 'sh', '-c', 'ip a | grep -o "inet 10[.0-9]*"; cat'),
  );
  const outputs = calls.map((call) => new Output(call));
  // None ends before all have their address.
  for (const output of outputs) await output.until('\n');
  for (const call of calls) call.stdin!.end();
  t.same(await Promise.all(outputs.map(({ end }) => end)), Array<number>(20).fill(0));
  t.equal(new Set(outputs.map(({ text }) => text)).size, 20);
});

void t.test('a container that was killed with all its helpers gives everything back', async (t) => {
  t.match(serve('lost', 'x', '-p', '8083:80'), { code: 0 });
  for (const { pid } of box.processes()) process.kill(pid, 'SIGKILL');
  process.kill(box.state('lost').pid, 'SIGKILL');
  await settled(
    () => box.processes().length,
    (count) => count === 0,
  );
  t.match(box.pocker('rm', '-f', 'lost'), { code: 0 });
  t.notMatch(networkState().join('\n'), /DNAT --to-destination/);
  t.match(box.pocker('run', '--rm', '-p', '8083:80', 'busybox', 'true'), { code: 0 });
});

void t.test('prune takes down everything unused, and nothing is left', (t) => {
  t.match(box.pocker('network', 'create', 'unused'), { code: 0 });
  t.match(box.pocker('network', 'prune', '-f'), { code: 0, out: 'Deleted Networks:\nunused\n' });
  t.same(networkState(), []);
  t.end();
});

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
