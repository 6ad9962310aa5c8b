// Flags of run and create: sizes, durations, limits, ports, devices; docker's refusals in its words.
import t from 'tap';
import { PockerError } from '../../../errors.js';
import type { Engine } from '../../engine.js';
import { hostConfig, restartPolicy } from './host-config.js';
import { limitsOf, refuseMissingSets, refuseMoreCpus } from './limits.js';
import { durationOf, nanoCpusOf, sizeOf } from '../../flags/values.js';
import { environment, pairs } from '../../flags/pairs.js';

function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (caught) {
    if (caught instanceof PockerError) return caught.message;
    throw caught;
  }
  return '';
}

void t.test('sizes', (t) => {
  const size = (memory: string) => sizeOf({ memory }, 'memory');
  t.same(
    ['512', '1b', '10k', '10kb', '1KiB', '20m', '1.5g', '-1', ''].map(size),
    [512, 1, 10_240, 10_240, 1024, 20_971_520, 1_610_612_736, -1, 0],
  );
  for (const wrong of ['x', '10q', '1.2.3m', 'm'])
    t.equal(
      messageOf(() => size(wrong)),
      `invalid argument "${wrong}" for "--memory" flag: invalid size: '${wrong}'`,
    );
  t.end();
});

void t.test('variables of a file', (t) => {
  const host = {
    readText: () => '# a comment\n\n  A=1\r\nB=2 # no comment\nHOME\nNOSUCH\n',
    env: (name: string) => (name === 'HOME' ? '/root' : null),
  };
  const engine = { host } as unknown as Engine;
  t.same(environment(engine, { 'env-file': ['file'], env: ['A=3'] }, ['C=0']), ['C=0', 'A=3', 'B=2 # no comment', 'HOME=/root']);
  t.end();
});

void t.test('durations are in nanoseconds', (t) => {
  const duration = (word: string) => durationOf({ 'health-interval': word }, 'health-interval');
  t.same(['1s', '1m30s', '1.5h', '300ms', '0', '.5s', '1ns'].map(duration), [1e9, 90e9, 5400e9, 3e8, 0, 5e8, 1]);
  for (const word of ['10', '-1s', '1 s'])
    t.match(
      messageOf(() => duration(word)),
      new RegExp(`time: invalid duration "${word}"`),
    );
  t.end();
});

void t.test('no more CPUs than there are', (t) => {
  const machine = (online: string) =>
    ({ host: { readText: () => `${online}\n` } }) as unknown as Parameters<typeof refuseMoreCpus>[0];
  const refused = (online: string, cpus: string) => messageOf(() => (refuseMoreCpus(machine(online), limitsOf({ cpus })), {}));
  t.equal(refused('0-1', '2.5'), 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available');
  t.equal(refused('0-1,4', '3.01'), 'range of CPUs is from 0.01 to 3.00, as there are only 3 CPUs available');
  t.doesNotThrow(() => refuseMoreCpus(machine('0'), limitsOf({ cpus: '1' })));
  t.doesNotThrow(() => refuseMoreCpus(machine('0'), limitsOf({})));
  t.end();
});

void t.test('CPUs and memory nodes that are there', (t) => {
  const machine = (numa: boolean) =>
    ({
      host: { access: () => numa, readText: (path: string) => (path.includes('/cpu/') ? '0-3,6\n' : '0\n') },
    }) as unknown as Parameters<typeof refuseMissingSets>[0];
  const refused = (values: Parameters<typeof limitsOf>[0], numa = true) =>
    messageOf(() => (refuseMissingSets(machine(numa), limitsOf(values)), {}));
  const missing = (asked: string) => `Requested CPUs are not available - requested ${asked}, available: 0-3,6`;
  for (const asked of ['4', '0-4', '2,5', '6-7', '0-6', '99999999999'])
    t.equal(refused({ 'cpuset-cpus': asked }), missing(asked));
  t.equal(refused({ 'cpuset-mems': '1' }), 'Requested memory nodes are not available - requested 1, available: 0');
  t.equal(refused({ 'cpuset-mems': '0-1' }, false), 'Requested memory nodes are not available - requested 0-1, available: 0');
  for (const asked of ['0', '0-3,6', '1-2,2-3'])
    t.doesNotThrow(() => refuseMissingSets(machine(false), limitsOf({ 'cpuset-cpus': asked, 'cpuset-mems': '0' })), asked);
  t.doesNotThrow(() => refuseMissingSets(machine(true), limitsOf({})));
  t.equal(
    messageOf(() => limitsOf({ 'cpuset-cpus': '3-1' })),
    'Invalid value 3-1 for cpuset cpus',
  );
  t.end();
});

void t.test('CPUs', (t) => {
  t.same(
    ['0.5', '.25', '2', '1.'].map((cpus) => nanoCpusOf({ cpus })),
    [5e8, 2.5e8, 2e9, 1e9],
  );
  t.match(
    messageOf(() => nanoCpusOf({ cpus: 'x' })),
    /failed to parse x as a rational number/,
  );
  t.end();
});

void t.test('pairs keep what is behind the first equals sign', (t) => {
  t.same(pairs(['a=b=c', 'd', 'e=']), { a: 'b=c', d: '', e: '' });
  t.end();
});

void t.test('limits', (t) => {
  t.match(limitsOf({ memory: '10m' }), { Memory: 10_485_760, MemorySwap: 20_971_520 });
  t.match(limitsOf({ memory: '10m', 'memory-swap': '-1' }), { MemorySwap: -1 });
  const wrong: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ memory: '4m' }, /Minimum memory limit allowed is 6MB/],
    [{ 'memory-swap': '10m' }, /You should always set the Memory limit when using Memoryswap limit/],
    [{ memory: '20m', 'memory-swap': '10m' }, /Minimum memoryswap limit should be larger than memory limit/],
    [{ memory: '20m', 'memory-reservation': '30m' }, /can not be less than memory reservation limit/],
    [{ 'cpuset-cpus': '1-' }, /Invalid value 1- for cpuset cpus/],
  ];
  for (const [values, text] of wrong)
    t.match(
      messageOf(() => limitsOf(values)),
      text,
    );
  t.end();
});

void t.test('restart policies', (t) => {
  t.same(restartPolicy('on-failure:3'), { Name: 'on-failure', MaximumRetryCount: 3 });
  t.match(
    messageOf(() => restartPolicy('always:3')),
    /maximum retry count cannot be used with restart policy 'always'/,
  );
  t.match(
    messageOf(() => restartPolicy('sometimes')),
    /invalid restart policy 'sometimes'/,
  );
  t.match(
    messageOf(() => hostConfig({ rm: true, restart: 'always' })),
    /Conflicting options: --restart and --rm/,
  );
  t.end();
});

void t.test('addresses and sizes that are none', (t) => {
  const wrong: readonly (readonly [Parameters<typeof hostConfig>[0], RegExp])[] = [
    [{ dns: ['name'] }, /invalid argument "name" for "--dns" flag: name is not an ip address/],
    [{ 'dns-search': ['1.2.3.4'] }, /1\.2\.3\.4 is not a valid domain/],
    [{ 'dns-search': ['-a'] }, /-a is not a valid domain/],
    [{ 'add-host': ['a'] }, /bad format for add-host: "a"/],
    [{ 'add-host': ['a:b'] }, /invalid IP address in add-host: "b"/],
    [{ 'shm-size': '-1' }, /SHM size can not be less than 0/],
    [{ 'log-opt': ['max-size=much'] }, /invalid size: 'much'/],
  ];
  for (const [values, text] of wrong)
    t.match(
      messageOf(() => hostConfig(values)),
      text,
    );
  t.same(hostConfig({ 'dns-search': ['.', '4a.example.'] }).DnsSearch, ['.', '4a.example.']);
  t.same(hostConfig({ 'add-host': ['a:::1', 'b:host-gateway'], dns: ['1.1.1.1'] }).ExtraHosts, ['a:::1', 'b:host-gateway']);
  t.end();
});

void t.test('capabilities, devices and limits of processes', (t) => {
  const config = hostConfig({
    'cap-add': ['net_admin', 'CAP_SYS_TIME', 'all'],
    device: ['/dev/fuse', '/dev/null:/dev/x', '/dev/zero:/dev/y:r', '/dev/full:rw'],
    ulimit: ['nofile=10:20', 'core=-1'],
  });
  t.same(config.CapAdd, ['CAP_NET_ADMIN', 'CAP_SYS_TIME', 'ALL']);
  t.same(
    config.Devices.map(({ PathOnHost, PathInContainer, CgroupPermissions }) => [PathOnHost, PathInContainer, CgroupPermissions]),
    [
      ['/dev/fuse', '/dev/fuse', 'rwm'],
      ['/dev/null', '/dev/x', 'rwm'],
      ['/dev/zero', '/dev/y', 'r'],
      ['/dev/full', '/dev/full', 'rw'],
    ],
  );
  t.same(config.Ulimits, [
    { Name: 'nofile', Soft: 10, Hard: 20 },
    { Name: 'core', Soft: -1, Hard: -1 },
  ]);
  t.match(
    messageOf(() => hostConfig({ 'cap-add': ['flying'] })),
    /invalid capability: flying/,
  );
  t.match(
    messageOf(() => hostConfig({ ulimit: ['nofile=20:10'] })),
    /less than or equal to hard limit/,
  );
  t.end();
});
