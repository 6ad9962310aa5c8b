// The same command lines with pocker, docker and podman, in order: exit codes and standard output.
import t from 'tap';
import { docker } from '../../engines/docker/docker.js';
import { podman } from '../../engines/podman/podman.js';
import { imageName } from '../../engines/harness/image.js';
import { Site } from '../../engines/harness/site.js';
import { Box, type Said } from '../harness/box.js';

interface Step {
  readonly words: readonly string[];
  /** pocker's exit code, and docker's and podman's unless given. */
  readonly code: number;
  readonly docker?: number;
  readonly podman?: number;
  /** Engines with other output. */
  readonly apart?: readonly ('docker' | 'podman')[];
}

const quiet = ['--network', 'none'];
const once = (...words: readonly string[]) => ['run', '--rm', ...quiet, imageName, ...words];
const flagged = (...flags: readonly string[]) => ['run', '--rm', ...quiet, ...flags, imageName, 'true'];

const steps: readonly Step[] = [
  { words: once('true'), code: 0 },
  { words: once('sh', '-c', 'echo out; exit 7'), code: 7 },
  { words: once('nosuch'), code: 127 },
  { words: once('/etc/passwd'), code: 126 },
  { words: once('sh', '-c', 'echo $$; id -u; pwd; ls /sys/class/net; echo $HOME'), code: 0 },
  { words: once('grep', '^Cap', '/proc/self/status'), code: 0, apart: ['podman'] },
  { words: flagged('--no-such-flag'), code: 125 },
  { words: flagged('-m', '1k'), code: 125, podman: 126 },
  { words: flagged('--cpus', 'many'), code: 125 },
  { words: flagged('--restart', 'sometimes'), code: 125 },
  { words: flagged('-u', 'nosuch'), code: 125, podman: 126 },
  { words: flagged('-w', 'relative'), code: 125, podman: 126 },
  { words: flagged('--cap-add', 'flying'), code: 125 },
  { words: flagged('-v', '/tmp:/x:zz'), code: 125 },
  { words: ['run'], code: 1, podman: 125 },
  {
    words: ['run', '--rm', ...quiet, '-u', 'guest', '-e', 'A=1', '-w', '/tmp', imageName, 'sh', '-c', 'id -u; pwd; echo $A'],
    code: 0,
  },
  { words: ['run', '--rm', ...quiet, '--entrypoint', 'echo', imageName, 'a', 'b'], code: 0 },
  { words: ['run', '--rm', ...quiet, '-m', '10m', '--memory-swap', '10m', imageName, 'tail', '/dev/zero'], code: 137 },
  { words: ['create', '--name', 'one', ...quiet, imageName, 'sleep', '1000'], code: 0 },
  { words: ['create', '--name', 'one', ...quiet, imageName, 'true'], code: 1, podman: 125 },
  { words: ['exec', 'one', 'true'], code: 1, podman: 255 },
  { words: ['start', 'one'], code: 0 },
  { words: ['ps', '--format', '{{.Names}} {{.State}}'], code: 0, apart: ['podman'] },
  { words: ['ps', '-a', '--format', 'table {{.Names}}\\t{{.State}}'], code: 0, apart: ['podman'] },
  {
    words: ['ps', '-a', '--filter', 'name=one', '--format', '{{.Command}} {{.Networks}} {{.Ports}}|{{.Image}}'],
    code: 0,
    apart: ['podman'],
  },
  { words: ['ps', '-aq', '--no-trunc'], code: 0 },
  { words: ['ps', '--filter', 'nosuch=1'], code: 1, podman: 125 },
  { words: ['ps', '--format', '{{.ID'], code: 1, podman: 125 },
  {
    words: ['inspect', '-f', '{{.State.Status}} {{.Name}} {{json .Config.Cmd}} {{.HostConfig.NetworkMode}}', 'one'],
    code: 0,
    apart: ['podman'],
  },
  { words: ['inspect', '-f', '{{.Nope}}', 'one'], code: 1, podman: 125, apart: ['podman'] },
  { words: ['inspect', '-f', '{{.Id', 'one'], code: 64, podman: 125 },
  { words: ['inspect', 'nosuch'], code: 1, podman: 125 },
  { words: ['logs', 'one'], code: 0 },
  { words: ['logs', 'nosuch'], code: 1, podman: 125 },
  { words: ['port', 'one'], code: 0 },
  { words: ['port', 'one', '80'], code: 1, podman: 0 },
  { words: ['top', 'nosuch'], code: 1, podman: 125 },
  { words: ['exec', 'one', 'sh', '-c', 'echo in; exit 3'], code: 3 },
  { words: ['exec', '-e', 'B=2', '-w', '/tmp', 'one', 'sh', '-c', 'echo $B; pwd'], code: 0 },
  { words: ['exec', 'one', 'nosuch'], code: 127, docker: 126, apart: ['docker'] },
  { words: ['exec', 'one', '/etc/passwd'], code: 126, apart: ['docker'] },
  { words: ['exec', 'nosuch', 'true'], code: 1, podman: 125 },
  { words: ['pause', 'one'], code: 0, apart: ['podman'] },
  { words: ['pause', 'one'], code: 1, podman: 125 },
  { words: ['unpause', 'one'], code: 0, apart: ['podman'] },
  { words: ['rename', 'one', 'two'], code: 0 },
  { words: ['update', '-m', '50m', '--memory-swap', '100m', 'two'], code: 0, apart: ['podman'] },
  { words: ['rm', 'two'], code: 1, podman: 2 },
  { words: ['stop', '-t', '0', 'two'], code: 0 },
  { words: ['wait', 'two'], code: 0 },
  { words: ['stop', 'two'], code: 0 },
  { words: ['kill', 'two'], code: 1, podman: 125 },
  { words: ['restart', '-t', '0', 'two'], code: 0, apart: ['podman'] },
  { words: ['kill', '-s', 'KILL', 'two'], code: 0 },
  { words: ['wait', 'two'], code: 0 },
  { words: ['rm', 'two'], code: 0 },
  { words: ['rm', 'two'], code: 1 },
  { words: ['stop', 'two'], code: 1, podman: 125 },
  { words: ['start', 'two'], code: 1, podman: 125 },
  { words: ['attach', 'two'], code: 1, podman: 125 },
  { words: ['wait', 'two'], code: 1, podman: 125 },
];

/** Ids differ. */
const shape = (text: string): string => text.replace(/\b[0-9a-f]{64}\b/g, 'ID');

interface Peer {
  readonly call: (words: readonly string[]) => Promise<Said>;
  readonly close: () => Promise<unknown>;
}

async function open(setup: typeof docker | typeof podman): Promise<Peer> {
  const site = new Site(setup.name, { label: 'runc', path: '/usr/sbin/runc' });
  const engine = await setup.open(site);
  return {
    call: async (words) => {
      const { code, stdout, stderr } = await engine.client(words, { timeout: 60_000 });
      return { code, out: stdout, err: stderr };
    },
    close: async () => {
      await engine.close();
      return site.close(setup.ofDaemon);
    },
  };
}

const box = new Box('peers');
t.teardown(() => box.remove());
t.setTimeout(0);
box.must('tag', 'busybox', imageName);

const own = steps.map(({ words }) => box.pocker(...words));

void t.test('pocker', (t) => {
  for (const [index, { words, code }] of steps.entries())
    t.equal(own[index]!.code, code, `${words.join(' ')}: ${own[index]!.err}`);
  t.end();
});

for (const setup of [docker, podman]) {
  const lack = setup.lacks?.() ?? null;
  void t.test(setup.name, { skip: lack ?? false }, async (t) => {
    const peer = await open(setup);
    try {
      for (const [index, { words, code, docker: ofDocker, podman: ofPodman, apart }] of steps.entries()) {
        const theirs = await peer.call(words);
        t.equal(theirs.code, (setup === docker ? ofDocker : ofPodman) ?? code, `${words.join(' ')}: ${theirs.err}`);
        if (apart?.includes(setup === docker ? 'docker' : 'podman') !== true)
          t.equal(shape(own[index]!.out), shape(theirs.out), `what ${words.join(' ')} prints`);
      }
    } finally {
      await peer.close();
    }
  });
}

void t.test('nothing is left', async (t) => {
  t.same(await box.close(), []);
});
