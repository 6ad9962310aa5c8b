// What follows when a container or a health check ends; a program's capabilities and calls; names.
import t from 'tap';
import type { Host } from '../../host/host.js';
import type { Engine } from '../engine.js';
import { judge, unknown } from './starting/health.js';
import { hostConfig } from './options/host-config.js';
import { never, type ContainerRecord, type ContainerState, type Healthcheck } from '../records/container.js';
import { wantsRestart } from './ending/restart-policy.js';
import { capabilitiesOf, capabilitySets } from './bundle/capabilities.js';
import { limitResources } from './bundle/resources.js';
import { defaultProfile } from './bundle/seccomp-default.js';
import { detachKeys } from './foreground.js';
import type { EngineValues } from '../flags/values.js';

const check: Healthcheck = { Test: ['CMD', 'true'], Interval: 1, Timeout: 1, StartPeriod: 0, Retries: 2 };
const result = (ExitCode: number) => ({ Start: never, End: never, ExitCode, Output: '' });

void t.test('health: so many failures in a row, one success', (t) => {
  const once = judge(unknown, result(1), check, false);
  t.match(once, { Status: 'starting', FailingStreak: 1 });
  const twice = judge(once, result(1), check, false);
  t.match(twice, { Status: 'unhealthy', FailingStreak: 2 });
  t.match(judge(twice, result(0), check, false), { Status: 'healthy', FailingStreak: 0 });
  t.match(judge(unknown, result(1), check, true), { Status: 'starting', FailingStreak: 0 }, 'not while it starts');
  const many = Array.from({ length: 9 }).reduce<typeof twice>((state) => judge(state, result(0), check, false), unknown);
  t.equal(many.Log.length, 5);
  t.end();
});

function restarts(policy: string, change: Partial<ContainerState>): boolean {
  const record = { hostConfig: hostConfig({ restart: policy }) } as unknown as ContainerRecord;
  const state = { status: 'exited', exitCode: 1, restartCount: 0, stopRequested: false, ...change } as ContainerState;
  return wantsRestart(record, state);
}

void t.test('restart policies', (t) => {
  t.equal(restarts('no', {}), false);
  t.equal(restarts('always', { exitCode: 0 }), true);
  t.equal(restarts('always', { stopRequested: true }), false);
  t.equal(restarts('unless-stopped', {}), true);
  t.equal(restarts('on-failure', { exitCode: 0 }), false);
  t.equal(restarts('on-failure:2', { restartCount: 1 }), true);
  t.equal(restarts('on-failure:2', { restartCount: 2 }), false);
  t.equal(restarts('always', { status: 'running' }), false);
  t.end();
});

void t.test('capabilities', (t) => {
  const of = (add: readonly string[], drop: readonly string[]) =>
    capabilitiesOf(hostConfig({ 'cap-add': add, 'cap-drop': drop }));
  t.equal(of([], []).length, 14);
  t.same(of([], ['ALL']), []);
  t.same(of(['NET_ADMIN'], ['ALL']), ['CAP_NET_ADMIN']);
  t.notOk(of(['ALL'], ['SYS_ADMIN']).includes('CAP_SYS_ADMIN'));
  t.same(capabilitySets(['CAP_CHOWN'], 1000), { bounding: ['CAP_CHOWN'], effective: [], permitted: [] });
  t.end();
});

void t.test('the seccomp profile goes with the capabilities', (t) => {
  const host = { seccompNativeArchitecture: () => 0xc000_003e | 0 } as unknown as Host;
  const allowed = (capabilities: readonly string[]) =>
    defaultProfile(host, capabilities)
      .syscalls!.filter(({ action }) => action === 'SCMP_ACT_ALLOW')
      .flatMap(({ names }) => names);
  t.notOk(allowed([]).some((name) => ['mount', 'unshare', 'clone3', 'bpf', 'reboot', 'chroot'].includes(name)));
  t.ok(['mount', 'unshare', 'clone3'].every((name) => allowed(['CAP_SYS_ADMIN']).includes(name)));
  t.same(defaultProfile(host, []).architectures?.[0], 'SCMP_ARCH_X86_64');
  t.end();
});

void t.test('limits become only what is limited', (t) => {
  const engine = { host: { lstat: () => ({ type: 'block', rdev: [8, 16] }) } } as unknown as Engine;
  const limits = (values: EngineValues) => limitResources(engine, hostConfig(values));
  t.same(limits({}), {});
  t.same(limits({ memory: '10m', cpus: '0.5', 'pids-limit': '5' }), {
    memory: { limit: 10_485_760, swap: 20_971_520 },
    cpu: { period: 100_000, quota: 50_000 },
    pids: { limit: 5 },
  });
  t.same(limits({ 'cpu-quota': '-1', 'cpu-rt-runtime': '900', 'cpuset-mems': '0', 'memory-swappiness': '0' }), {
    memory: { swappiness: 0 },
    cpu: { quota: -1, realtimeRuntime: 900, mems: '0' },
  });
  t.same(limits({ 'blkio-weight': '300', 'device-read-bps': ['/dev/sdb:1mb'], 'device-write-iops': ['/dev/sdb:5'] }), {
    blockIO: {
      weight: 300,
      throttleReadBpsDevice: [{ major: 8, minor: 16, rate: 1_048_576 }],
      throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 5 }],
    },
  });
  t.end();
});

void t.test('keys that detach', (t) => {
  t.same([...detachKeys('ctrl-p,ctrl-q')], [16, 17]);
  t.same([...detachKeys('a,ctrl-@')], [97, 0]);
  t.same([...detachKeys('')], []);
  t.throws(() => detachKeys('ctrl-1'), { message: 'Invalid detach keys (ctrl-1) provided' });
  t.end();
});
