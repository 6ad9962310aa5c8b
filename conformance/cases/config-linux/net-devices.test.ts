// config-linux.md, "Network Devices". The host in these cases is a network namespace of their own that contains a veth pair.
import { failed, succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';
import type { CommandResult } from '../../harness/command.js';
import { type Config, shell } from '../../harness/config.js';
import { runtime } from '../../harness/runtime.js';

const old = { 'runc 1.1': 'is older than the field', 'crun 1.8': 'is older than the field' };

/** v0 is up, with two global addresses and one of link scope; its peer is veth0. */
const setUp = [
  'set -e',
  'busybox ip link add v0 type veth',
  'busybox ip addr add 10.1.2.3/24 broadcast 10.1.2.200 dev v0',
  'busybox ip addr add 10.9.9.9/32 scope link dev v0',
  'busybox ip addr add fd00::5/64 dev v0',
  'busybox ip link set v0 mtu 1400 up',
].join('; ');

/** Runs `verb` of the runtime in a new network namespace with v0, then `after` there. The status is the runtime's. */
function inNetwork(box: Box, container: Container, verb: string, after = ''): Promise<CommandResult> {
  const call = `${runtime.path} --root ${box.stateRoot} ${verb} --bundle ${container.bundle} ${container.id}`;
  const script = `${setUp}; set +e; ${call}; status=$?; ${after}${after === '' ? '' : ';'} exit $status`;
  return box.command('unshare', ['--net', 'sh', '-c', script]);
}

function withDevices(config: Config, netDevices: Record<string, { name?: string }>, script: string): void {
  config.linux.netDevices = netDevices;
  config.process.args = shell(script);
}

test(
  'a device moves into the container, with its name, its addresses and its settings, and is up',
  async (t, box) => {
    const container = box.container((config) => withDevices(config, { v0: {} }, 'ip addr show dev v0'));
    const result = await inNetwork(box, container, 'run', 'echo left:; busybox ip link');
    succeeded(t, result);
    const [inside = '', left = ''] = result.stdout.split('left:');
    t.match(inside, /v0@.*[<,]UP[,>].* mtu 1400/);
    t.match(inside, /inet 10\.1\.2\.3\/24/);
    t.match(inside, /inet6 fd00::5\/64/);
    t.notMatch(inside, /10\.9\.9\.9/, 'an address of link scope stays');
    t.notMatch(left, /v0/, 'and is gone with the container, because it is virtual');
  },
  { knownDifferences: { ...old, runc: 'it sets the device down first, so the device loses its IPv6 addresses' } },
);

test(
  'a broadcast address that was set is kept',
  async (t, box) => {
    const container = box.container((config) => withDevices(config, { v0: {} }, 'ip addr show dev v0'));
    t.match((await inNetwork(box, container, 'run')).stdout, /10\.1\.2\.3\/24 brd 10\.1\.2\.200/);
  },
  { knownDifferences: { ...old, runc: 'it sets the usual one' } },
);

test(
  'a device gets another name, or one that the kernel completes',
  async (t, box) => {
    const container = box.container((config) => {
      withDevices(
        config,
        { v0: { name: 'inside' }, veth0: { name: 'eth%d' } },
        "ip link | sed -n 's/^[0-9]*: \\([a-z0-9]*\\).*/\\1/p'",
      );
    });
    const result = await inNetwork(box, container, 'run');
    t.same(result.stdout.trim().split('\n').sort(), ['eth0', 'inside', 'lo'], result.stderr);
  },
  { knownDifferences: { ...old, runc: 'it cannot find the device by its template' } },
);

test(
  'a device moves into a joined network namespace',
  async (t, box) => {
    const first = box.container((config) => {
      config.process.args = ['sleep', '60'];
    });
    await first.up();
    const path = `/proc/${(await first.state()).pid}/ns/net`;
    const second = box.container((config) => {
      withDevices(config, { v0: { name: 'given' } }, 'ip addr show dev given');
      config.linux.namespaces = config.linux.namespaces.map((one) => (one.type === 'network' ? { type: 'network', path } : one));
    });
    const result = await inNetwork(box, second, 'run');
    succeeded(t, result);
    t.match(result.stdout, /inet 10\.1\.2\.3\/24/);
  },
  { knownDifferences: old },
);

test(
  'the hooks find the device in the container',
  async (t, box) => {
    const seen = box.path('seen');
    const container = box.container((config) => {
      withDevices(config, { v0: {} }, 'true');
      const script = `pid=$(sed 's/.*"pid": *\\([0-9]*\\).*/\\1/'); nsenter -t $pid -n busybox ip link show v0 > ${seen}`;
      config.hooks = {
        createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', script], env: [`PATH=${process.env['PATH'] ?? ''}`] }],
      };
    });
    succeeded(t, await inNetwork(box, container, 'run'));
    t.match((await box.command('cat', [seen])).stdout, /v0/);
  },
  { knownDifferences: old },
);

test(
  'if create fails, the device comes back unchanged',
  async (t, box) => {
    const container = box.container((config) => {
      withDevices(config, { v0: { name: 'inside' } }, 'true');
      config.hooks = { createContainer: [{ path: '/bin/busybox', args: ['busybox', 'false'] }] };
    });
    const result = await inNetwork(box, container, 'create', 'busybox ip addr show dev v0');
    failed(t, result, /hook/);
    t.match(result.stdout, /v0@.*[<,]UP[,>].* mtu 1400/);
    t.match(result.stdout, /10\.1\.2\.3\/24 brd 10\.1\.2\.200/);
    t.match(result.stdout, /fd00::5\/64/);
    t.same(await box.leftovers(), []);
  },
  { knownDifferences: { ...old, runc: 'it ends with the network namespace' } },
);

for (const [what, devices, message] of [
  ['that is not there', { nosuch0: {} }, /nosuch0/],
  ['that cannot move', { lo: { name: 'other' } }, /lo/],
  ['whose name is taken', { v0: { name: 'lo' } }, /lo/],
] as const) {
  test(
    `a device ${what}`,
    async (t, box) => {
      const container = box.container((config) => withDevices(config, devices, 'true'));
      const result = await inNetwork(box, container, 'create', 'busybox ip link show v0');
      failed(t, result, message);
      t.match(result.stdout, /v0@.*[<,]UP[,>]/, 'the host’s devices are unchanged');
      t.same(await box.leftovers(), []);
    },
    { knownDifferences: { ...old, runc: 'a device whose move fails stays down' } },
  );
}

for (const path of [undefined, '/proc/self/ns/net']) {
  test(
    `refused in the host's network namespace${path === undefined ? '' : ', given by path'}`,
    async (t, box) => {
      const container = box.container((config) => {
        withDevices(config, { v0: {} }, 'true');
        config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'network');
        if (path !== undefined) config.linux.namespaces.push({ type: 'network', path });
      });
      failed(t, await inNetwork(box, container, 'create'), /netDevices|network/);
      t.same(await box.leftovers(), []);
    },
    { knownDifferences: old },
  );
}
