import t from 'tap';
import { lostFlags } from './lost-limits.js';
import type { HostConfig } from '../../records/container.js';

const mega = 2 ** 20;
const limits = { memory: { limit: 20 * mega, swap: 40 * mega }, cpu: { period: 100_000, quota: 50_000 }, pids: { limit: 5 } };
const config = (part: Partial<HostConfig>) => ({ NanoCpus: 0, Memory: 20 * mega, MemorySwap: 40 * mega, ...part }) as HostConfig;

void t.test('without a cgroup, each flag that was given is named, and none that follows from another', (t) => {
  const warnings = [{ msg: 'this user may not make cgroups; ignored', pointer: '/linux/cgroupsPath' }];
  const lost = lostFlags(limits, config({ NanoCpus: 5e8 }), warnings);
  t.same([...lost.keys()], ['--memory', '--cpus', '--pids-limit']);
  t.equal(lost.get('--cpus'), 'this user may not make cgroups');
  const others = lostFlags(limits, config({ MemorySwap: 30 * mega }), warnings);
  t.same([...others.keys()], ['--memory', '--memory-swap', '--cpu-period', '--cpu-quota', '--pids-limit']);
  t.end();
});

void t.test('otherwise, only what the warnings are about', (t) => {
  const warned = (...pointers: readonly string[]): string[] => {
    const warnings = pointers.map((pointer) => ({ msg: 'no such file', pointer: `/linux/resources/${pointer}` }));
    return [...lostFlags(limits, config({ NanoCpus: 5e8 }), warnings).keys()];
  };
  t.same(warned(), []);
  t.same(warned('devices', 'memory/limitless', 'pid'), []);
  t.same(warned('pids/limit'), ['--pids-limit']);
  t.same(warned('memory'), ['--memory']);
  t.same(warned('cpu/quota', 'memory/swap'), ['--cpus']);
  const weighted = { blockIO: { weightDevice: [{ major: 8, minor: 0, weight: 10 }] } };
  const [first] = lostFlags(weighted, config({}), [{ msg: '', pointer: '/linux/resources/blockIO/weightDevice/0' }]).keys();
  t.equal(first, '--blkio-weight-device');
  t.end();
});
