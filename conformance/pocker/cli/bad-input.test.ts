// Requests that cannot be met: docker's exit code, one line that says what is wrong, one that says what to do, and nothing
// half-made. Broken images and full disks have their own files in this folder.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import t from 'tap';
import '../harness/own-network.js';
import { type Pocker, pockerTest, type Result, type Tap } from '../harness/pocker.js';
import { withRegistry } from '../harness/registry.js';

/** One line that says what is wrong, and one that says what to do. */
function refuses(t: Tap, { command, code, stdout, stderr }: Result, expected: number, text: RegExp): void {
  t.equal(code, expected, `${command}: ${stderr}`);
  t.equal(stdout, '');
  t.match(stderr.replace(/^Unable to find image '[^\n]*' locally\n/, ''), /^pocker: [^\n]+\n {2}hint: [^\n]+\n$/, command);
  t.match(stderr, text);
}

const names = (pocker: Pocker, folder: string): string[] =>
  existsSync(pocker.path(folder)) ? readdirSync(pocker.path(folder)) : [];

/** Containers, names, bundles, network namespaces, and what a pull left. */
const made = (pocker: Pocker): string[] =>
  ['root/containers', 'root/names', 'run/containers', 'run/netns', 'root/staging'].flatMap((folder) =>
    names(pocker, folder).map((name) => `${folder}/${name}`),
  );

pockerTest('words that mean nothing here', (t, pocker) => {
  const run = (...words: string[]): Result => pocker.call(['run', '--rm', '--network', 'none', ...words]);
  const unknown = /^Unable to find image '127.0.0.1:1\/nosuch:latest' locally\npocker: .*refused\n/;
  refuses(t, run('127.0.0.1:1/nosuch', 'true'), 125, unknown);
  refuses(t, run('--pull', 'never', 'nosuch', 'true'), 125, /No such image: nosuch/);
  refuses(t, run('Upper', 'true'), 125, /^pocker: invalid reference format: repository name must be lowercase.*\n.*Use upper\n/);
  const missing = pocker.path('missing');
  refuses(t, run('--mount', `type=bind,source=${missing},target=/x`, 'busybox', 'true'), 125, /bind source path does not exist/);
  t.notOk(existsSync(missing), 'only -v makes it');
  refuses(t, run('-m', 'much', 'busybox', 'true'), 125, /invalid argument "much" for "--memory" flag: invalid size: 'much'/);
  refuses(t, pocker.call(['run', '--rm', '--network', 'nosuch', 'busybox', 'true']), 125, /network nosuch not found/);
  refuses(t, pocker.call(['nosuch']), 1, /"nosuch" is not a pocker command/);
  t.same(made(pocker), [], 'nothing half-made');
  pocker.must('create', '--name', 'taken', '--network', 'none', 'busybox');
  const before = made(pocker);
  refuses(t, run('--name', 'taken', 'busybox', 'true'), 125, /The container name "\/taken" is already in use by container/);
  t.same(made(pocker), before, 'but the one that was there');
  pocker.must('rm', 'taken');
});

/** A $PATH with everything but one program. */
function without(pocker: Pocker, missing: string): NodeJS.ProcessEnv {
  const directory = pocker.path(`without-${missing}`);
  mkdirSync(directory);
  const programs = new Map(
    ['/usr/sbin', '/usr/bin'].flatMap((from) => readdirSync(from).map((name) => [name, `${from}/${name}`] as const)),
  );
  programs.delete(missing);
  for (const [name, path] of programs) symlinkSync(path, `${directory}/${name}`);
  return { PATH: directory };
}

pockerTest('programs that are not installed', (t, pocker) => {
  const call = (missing: string, ...args: string[]): Result => pocker.call(args, { env: without(pocker, missing) });
  const isolated = ['run', '--rm', '--network', 'none', 'busybox', 'true'];
  refuses(t, call('conmon', ...isolated), 125, /conmon was not found\n.*apt-get install conmon/);
  refuses(t, call('skopeo', 'pull', '127.0.0.1:1/x:1'), 1, /skopeo was not found\n.*apt-get install skopeo/);
  t.same(made(pocker), [], 'nothing half-made');
  // Also found outside $PATH, so the test hides it there.
  const script = 'mount --bind /dev/null "$(readlink -f "$(command -v iptables-restore)")" && exec "$@"';
  const bridged = pocker.run('unshare', ['--mount', 'sh', '-c', script, 'sh', ...pocker.words('run', '--rm', 'busybox', 'true')]);
  refuses(t, bridged, 125, /iptables-restore was not found\n.*apt-get install iptables/);
  t.same(made(pocker), [], 'nothing half-made');
  pocker.must('network', 'prune', '-f');
});

pockerTest('no rights', (t, pocker) => {
  chmodSync(pocker.path('root'), 0o700);
  const user = ['--reuid', '65534', '--regid', '65534', '--clear-groups'];
  const result = pocker.run('setpriv', [...user, ...pocker.words('ps')], { env: { HOME: '/nonexistent', XDG_RUNTIME_DIR: '' } });
  t.equal(result.code, 1, result.stderr);
  t.match(result.stderr, /^pocker: [^\n]*(permission denied|subordinate)/i);
});

/** In a separate process: relays what a registry sends, but cuts long answers off in the middle. */
const breaking = `
const http = require('node:http');
const [host, port] = process.argv[1].split(':');
http.createServer((request, answer) => {
  const { method, url, headers } = request;
  const passed = http.request({ host, port, method, path: url, headers }, (from) => {
    answer.writeHead(from.statusCode, from.headers);
    let size = 0;
    from.on('data', (data) => {
      size += data.length;
      if (size > 100000) answer.socket.destroy();
      else answer.write(data);
    });
    from.on('end', () => answer.end());
  });
  request.pipe(passed);
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
`;

pockerTest('a registry that ends in the middle', async (t, pocker) => {
  await withRegistry(pocker, async (name) => {
    pocker.must('tag', 'busybox:latest', `${name}/tool:1`);
    pocker.must('push', '-q', `${name}/tool:1`);
    pocker.must('rmi', `${name}/tool:1`, 'busybox:latest');
    const child = spawn(process.execPath, ['-e', breaking, name], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const port = await new Promise<string>((done) => child.stdout.once('data', (data: Buffer) => done(data.toString().trim())));
      const before = names(pocker, 'root/images/blobs/sha256');
      const { code, stderr } = pocker.call(['pull', `127.0.0.1:${port}/tool:1`]);
      t.equal(code, 1);
      t.match(stderr, /^pocker: [^\n]+\n +hint: [^\n]+\n$/);
      t.same([...names(pocker, 'root/images/blobs/sha256'), ...names(pocker, 'root/staging')], before, 'nothing half-made');
    } finally {
      child.kill('SIGKILL');
    }
  });
});

t.setTimeout(0);
