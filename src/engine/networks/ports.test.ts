import t from 'tap';
import type { Engine } from '../engine.js';
import { allocatePorts, parseExposed, parsePorts, parsePublish, parseSockets } from './ports.js';

t.test("docker's notations", (t) => {
  t.same(parsePublish('80'), [{ port: '80/tcp', binding: { HostIp: '', HostPort: '' } }]);
  t.same(parsePublish('8080:80/udp'), [{ port: '80/udp', binding: { HostIp: '', HostPort: '8080' } }]);
  t.same(parsePublish('127.0.0.1::80'), [{ port: '80/tcp', binding: { HostIp: '127.0.0.1', HostPort: '' } }]);
  t.same(
    parsePublish('127.0.0.1:8000-8001:80-81').map(({ port, binding }) => [port, binding.HostPort]),
    [
      ['80/tcp', '8000'],
      ['81/tcp', '8001'],
    ],
  );
  t.same(parsePublish('8000-8009:80'), [{ port: '80/tcp', binding: { HostIp: '', HostPort: '8000-8009' } }]);
  t.same(Object.keys(parsePorts(['1:2', '3:2', '4:5/udp'])), ['2/tcp', '5/udp']);
  t.same(parseExposed('80-81/udp'), ['80/udp', '81/udp']);
  t.end();
});

t.test('what is none of them', (t) => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['', /^No port specified: <empty>$/],
    ['8080:', /^No port specified: 8080:<empty>$/],
    ['80/icmp', /^Invalid proto: icmp$/],
    ['a:80', /^Invalid hostPort: a$/],
    ['80:a', /^Invalid containerPort: a$/],
    ['70000', /^Invalid containerPort: 70000$/],
    ['90-80', /^Invalid containerPort: 90-80$/],
    ['1-3:80-81', /^Invalid ranges specified for container and host Ports: 80-81 and 1-3$/],
    ['localhost:1:2', /^Invalid ip address: localhost$/],
  ];
  for (const [word, message] of rows) t.throws(() => parsePublish(word), { message }, word);
  t.end();
});

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F91 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
`;

t.test('sockets of this machine', (t) => {
  t.same(parseSockets('tcp', tcp), [{ protocol: 'tcp', address: '127.0.0.1', port: 8080 }], 'only those that listen');
  const udp = tcp.replace(' 01 ', ' 07 ');
  t.same(parseSockets('udp', udp), [{ protocol: 'udp', address: '127.0.0.1', port: 8081 }], 'of udp, those without a peer');
  t.end();
});

t.test('each binding gets its port', (t) => {
  const files: Readonly<Record<string, string>> = { '/proc/self/net/tcp': tcp };
  const host = { access: (path: string) => path in files, readText: (path: string) => files[path] ?? '' };
  const engine = { host } as unknown as Engine;
  const allocate = (...words: readonly string[]): unknown => allocatePorts(engine, parsePorts(words), []);
  t.same(allocate('80', '81'), {
    '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '49153' }],
    '81/tcp': [{ HostIp: '0.0.0.0', HostPort: '49154' }],
  });
  t.same(allocate('80', '49153:81'), {
    '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '49154' }],
    '81/tcp': [{ HostIp: '0.0.0.0', HostPort: '49153' }],
  });
  t.same(allocate('8080-8082:80'), { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8081' }] }, 'the first that is free');
  t.throws(() => allocate('8080:80'), { message: 'listen tcp4 0.0.0.0:8080: bind: address already in use' });
  t.throws(() => allocate('1:80', '1:81'), { message: 'Bind for 0.0.0.0:1 failed: port is already allocated' });
  t.same(allocate('8080:80/udp'), { '80/udp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] }, 'udp has ports of its own');
  t.same(allocate('127.0.0.2:8080:80'), { '80/tcp': [{ HostIp: '127.0.0.2', HostPort: '8080' }] }, 'and so has each address');
  t.end();
});
