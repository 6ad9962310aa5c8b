import t from 'tap';
import { statsOf } from './stats.js';
import type { CgroupReader } from './values.js';
import { eventLine, list, pressure } from './values.js';

function reader(files: Readonly<Record<string, string>>): CgroupReader {
  return { read: (_controller, file) => files[file], names: () => Object.keys(files) };
}

/** As printed. */
function printed(data: object): unknown {
  return (JSON.parse(eventLine('stats', 'c', data)) as { data: unknown }).data;
}

t.test('v1', (t) => {
  const stats = printed(
    statsOf(
      reader({
        'cpuacct.usage': '7653390',
        'cpuacct.usage_percpu': '7653390 0 ',
        'cpuacct.usage_all': 'cpu user system\n0 1 8000000\n1 0 0',
        'cpuacct.stat': 'user 1\nsystem 2',
        'cpu.stat': 'nr_periods 3\nnr_throttled 0\nthrottled_time 5',
        'cpuset.cpus': '0-1,3',
        'cpuset.sched_relax_domain_level': '-1',
        'memory.stat': 'cache 4096\nrss 0',
        'memory.usage_in_bytes': '8192',
        'memory.limit_in_bytes': '9223372036854771712',
        'pids.current': '1',
        'pids.max': 'max',
        'blkio.throttle.io_serviced_recursive': '8:0 Read 3\n8:0 Total 3\nTotal 3',
        'hugetlb.2MB.usage_in_bytes': '0',
        'hugetlb.2MB.failcnt': '1',
      }),
      1,
    ),
  ) as Record<string, object>;
  t.same(stats['cpu'], {
    usage: { total: 7653390, percpu: [7653390, 0], percpu_kernel: [8000000, 0], percpu_user: [1, 0], kernel: 2e7, user: 1e7 },
    throttling: { periods: 3, throttledTime: 5 },
  });
  t.match(stats['cpuset'], { cpus: [0, 1, 3], mem_hardwall: 0, sched_relax_domain_level: -1 });
  t.match(stats['memory'], { cache: 4096, usage: { usage: 8192, failcnt: 0 }, raw: { cache: 4096, rss: 0 } });
  t.same(stats['pids'], { current: 1 });
  t.same(stats['blkio'], {
    ioServicedRecursive: [
      { major: 8, op: 'Read', value: 3 },
      { major: 8, op: 'Total', value: 3 },
    ],
  });
  t.same(stats['hugetlb'], { '2MB': { failcnt: 1 } });
  t.same(Object.keys(stats), ['cpu', 'cpuset', 'memory', 'pids', 'blkio', 'hugetlb', 'intel_rdt', 'network_interfaces']);
  t.match(
    eventLine('stats', 'c', statsOf(reader({ 'memory.limit_in_bytes': '9223372036854771712' }), 1)),
    /"limit":9223372036854771712,/,
  );
  t.end();
});

t.test('v2', (t) => {
  const data = statsOf(
    reader({
      'cpu.stat': 'usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_periods 0',
      'cpu.pressure': 'some avg10=0.50 avg60=0.00 avg300=0.00 total=7\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0',
      'memory.current': '100',
      'memory.max': '1000',
      'memory.swap.current': '10',
      'memory.swap.max': '500',
      'memory.stat': 'anon 60\nfile 40',
      'pids.current': '2',
      'pids.max': '10',
      'io.stat': '8:16 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=9 dios=9',
      'hugetlb.2MB.current': '2097152',
      'hugetlb.2MB.events': 'max 4',
    }),
    2,
  );
  const stats = printed(data) as Record<string, Record<string, object>>;
  t.same(stats['cpu']?.['usage'], { total: 5000, kernel: 2000, user: 3000 });
  t.match(stats['cpu']?.['psi'], { some: { avg10: 0.5, total: 7 }, full: { total: 0 } });
  t.match(stats['memory'], { cache: 40, usage: { limit: 1000, usage: 100 }, swap: { limit: 1500, usage: 110 } });
  t.same(stats['pids'], { current: 2, limit: 10 });
  t.same(stats['blkio']?.['ioServiceBytesRecursive'], [
    { major: 8, minor: 16, op: 'Read', value: 4096 },
    { major: 8, minor: 16, op: 'Write' },
  ]);
  t.same(stats['hugetlb'], { '2MB': { usage: 2097152, failcnt: 4 } });
  const unlimited = eventLine('stats', 'c', statsOf(reader({ 'memory.max': 'max', 'memory.swap.max': '5' }), 2));
  t.match(unlimited, /"usage":\{"limit":18446744073709551615,"failcnt":0\},"swap":\{"limit":18446744073709551615,/);
  t.end();
});

t.test('values', (t) => {
  t.same(list('0-2,7'), [0, 1, 2, 7]);
  t.same(list(''), undefined);
  t.same(pressure(undefined), undefined);
  t.equal(eventLine('oom', 'c'), '{"type":"oom","id":"c"}\n');
  t.end();
});
