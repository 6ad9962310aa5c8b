import t from 'tap';
import { describeStdio, externalFiles, inheritedStdio, type Descriptor } from './stdio.js';

const descriptor = (link: string, mount: number, inode = 38): Descriptor => ({
  link,
  info: `pos:\t0\nflags:\t0100000\nmnt_id:\t${mount}\nino:\t${inode}\n`,
});

t.test('the names of standard input, output and error', (t) => {
  const inside = new Set([57, 60]);
  for (const [what, given, expected] of [
    ['a pipe', descriptor('pipe:[1234]', 14), 'pipe:[1234]'],
    ['a socket', descriptor('socket:[7]', 9), 'socket:[7]'],
    ["a file of the host's", descriptor('/tmp/out', 29), 'file[1d:26]'],
    ["the host's /dev/null", descriptor('/dev/null', 24, 4), 'file[18:4]'],
    ["a file of the container's", descriptor('/tmp/out', 57), '/tmp/out'],
    ["the container's terminal", descriptor('/dev/pts/0', 60), '/dev/pts/0'],
    ["a terminal of the host's", descriptor('/dev/pts/3', 24), '/dev/pts/3'],
    ['a kernel before 5.14 tells no inode', { link: '/tmp/out', info: 'mnt_id:\t29\n' }, '/tmp/out'],
    ['closed', { link: '', info: '' }, ''],
  ] as const)
    t.strictSame(describeStdio([given], inside), [expected], what);
  t.end();
});

t.test('passed to criu', (t) => {
  const names = ['file[18:4]', 'pipe:[1]', 'pipe:[1]', '/dev/pts/0', 'file[18:4]', 'socket:[7]'];
  t.strictSame(externalFiles(names), ['file[18:4]']);
  t.strictSame(inheritedStdio(names), [
    { key: 'file[18:4]', fd: 0 },
    { key: 'pipe:[1]', fd: 1 },
  ]);
  t.end();
});
