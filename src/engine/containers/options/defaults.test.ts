import t from 'tap';
import { hostConfig } from './host-config.js';
import type { ContainerConfig, ContainerRecord } from '../../records/container.js';
import { recordMisfit } from '../../records/container-shapes.js';
import { withoutUsual, withUsual, type StoredRecord } from '../../records/container-defaults.js';

const config: ContainerConfig = {
  Hostname: 'h',
  Domainname: '',
  User: '',
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: ['A=1'],
  Cmd: ['true'],
  Entrypoint: null,
  Image: 'busybox',
  WorkingDir: '',
  Labels: {},
  StopSignal: 'SIGTERM',
  StopTimeout: 10,
  ExposedPorts: {},
  Volumes: {},
};

const record = (values: Parameters<typeof hostConfig>[0], change: Partial<ContainerConfig> = {}): ContainerRecord => ({
  version: 1,
  id: 'i',
  name: 'n',
  created: '',
  image: 'sha256:x',
  path: 'true',
  args: [],
  config: { ...config, ...change },
  hostConfig: { ...hostConfig(values), NetworkMode: 'bridge', PortBindings: {} },
  mounts: [],
  networks: {},
});

/** As read back. */
const stored = (whole: ContainerRecord): StoredRecord => JSON.parse(JSON.stringify(withoutUsual(whole))) as StoredRecord;

void t.test('without flags, a record has only what differs from container to container', (t) => {
  const short = stored(record({}));
  t.same(Object.keys(short.hostConfig), ['NetworkMode']);
  t.same(Object.keys(short.config), ['Hostname', 'Env', 'Cmd', 'Image']);
  t.notOk('mounts' in short || 'networks' in short);
  t.end();
});

void t.test('what was asked for stays, and all the rest comes back', (t) => {
  const flags = {
    memory: '10m',
    'cap-add': ['CHOWN'],
    sysctl: ['a=1'],
    'log-driver': 'none',
    restart: 'always',
    'shm-size': '1m',
  };
  for (const whole of [record({}), record(flags, { Entrypoint: ['sh'], Labels: { a: 'b' }, StopTimeout: 0, Tty: true })]) {
    t.equal(recordMisfit(stored(whole)), undefined);
    t.same(JSON.parse(JSON.stringify(withUsual(stored(whole)))), whole);
  }
  const { hostConfig: short } = stored(record(flags));
  t.same(short.LogConfig, { Type: 'none', Config: {} });
  t.same(Object.keys(short).sort(), 'CapAdd LogConfig Memory MemorySwap NetworkMode RestartPolicy ShmSize Sysctls'.split(' '));
  t.end();
});

void t.test('a record that has everything, as older versions wrote them, is as good', (t) => {
  const whole = record({ memory: '10m' });
  t.equal(recordMisfit(whole), undefined);
  t.same(JSON.parse(JSON.stringify(withUsual(whole))), whole);
  t.end();
});

/** Do not change any of these: add new ones. */
const always =
  '{"config":{"Domainname":"","User":"","Tty":false,"OpenStdin":false,"StdinOnce":false,"Entrypoint":null,"WorkingDir":"",' +
  '"Labels":{},"StopSignal":"SIGTERM","StopTimeout":10,"ExposedPorts":{},"Volumes":{}},' +
  '"hostConfig":{"AutoRemove":false,"Privileged":false,"ReadonlyRootfs":false,"Init":false,' +
  '"RestartPolicy":{"Name":"no","MaximumRetryCount":0},"PublishAllPorts":false,"PortBindings":{},"Dns":[],"DnsSearch":[],' +
  '"DnsOptions":[],"ExtraHosts":[],"CapAdd":[],"CapDrop":[],"SecurityOpt":[],"GroupAdd":[],"Devices":[],"Ulimits":[],' +
  '"Sysctls":{},"ShmSize":67108864,"OomKillDisable":false,"OomScoreAdj":0,"CgroupParent":"","DeviceCgroupRules":[],' +
  '"Annotations":{},"VolumesFrom":[],"PidMode":"","IpcMode":"private","UTSMode":"","CgroupnsMode":"","UsernsMode":"",' +
  '"LogConfig":{"Type":"k8s-file","Config":{}},"Memory":0,"MemorySwap":0,"MemoryReservation":0,"MemorySwappiness":null,' +
  '"NanoCpus":0,"CpuShares":0,"CpuPeriod":0,"CpuQuota":0,"CpuRealtimePeriod":0,"CpuRealtimeRuntime":0,"CpusetCpus":"",' +
  '"CpusetMems":"","PidsLimit":0,"BlkioWeight":0,"BlkioWeightDevice":[],"BlkioDeviceReadBps":[],"BlkioDeviceWriteBps":[],' +
  '"BlkioDeviceReadIOps":[],"BlkioDeviceWriteIOps":[]},"mounts":[],"networks":{}}';

void t.test('what the records that are on disks leave out means the same for ever', (t) => {
  const least = { config: {}, hostConfig: {} } as unknown as StoredRecord;
  t.same(JSON.parse(JSON.stringify(withUsual(least))), JSON.parse(always));
  t.end();
});

void t.test('what a record cannot have is found', (t) => {
  const whole = record({});
  const damaged = (change: object): string | undefined => recordMisfit({ ...withoutUsual(whole), ...change });
  t.equal(damaged({ id: 3 }), '/id');
  t.equal(damaged({ args: [1] }), '/args/0');
  t.equal(damaged({ config: {} }), '/config/Hostname');
  t.equal(damaged({ config: { ...config, Labels: null } }), '/config/Labels');
  t.equal(damaged({ config: { ...config, Healthcheck: {} } }), '/config/Healthcheck/Test');
  t.equal(damaged({ hostConfig: {} }), '/hostConfig/NetworkMode');
  t.equal(damaged({ hostConfig: { NetworkMode: 'none', LogConfig: null } }), '/hostConfig/LogConfig');
  t.equal(
    damaged({ hostConfig: { NetworkMode: 'none', Devices: [{ PathOnHost: '/' }] } }),
    '/hostConfig/Devices/0/PathInContainer',
  );
  t.equal(damaged({ mounts: [null] }), '/mounts/0');
  t.equal(damaged({ networks: { x: 3 } }), '/networks/x');
  t.equal(recordMisfit([]), '');
  t.end();
});
