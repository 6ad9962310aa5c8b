// `run` and `exec -t` in the foreground of a user's own terminal: input, size and signals.
import { test } from '../../../harness/case.js';
import type { Box } from '../../../harness/box.js';
import { type Config, shell } from '../../../harness/config.js';
import { runtime } from '../../../harness/runtime.js';
import { Screen } from '../../../harness/topics/screen.js';

const devpts = { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] };

interface Way {
  /** Starts the shell script in the foreground of a terminal. */
  readonly open: (box: Box, script: string, then?: string) => Promise<Screen>;
}

function withDevpts(config: Config): void {
  config.mounts.push(devpts);
}

const ways: Readonly<Record<string, Way>> = {
  run: {
    open: (box, script, then) => {
      const container = box.container((config) => {
        withDevpts(config);
        config.process.terminal = true;
        config.process.args = shell(script);
      });
      return Screen.open(box, ['run', '--bundle', container.bundle, container.id], then);
    },
  },
  'exec -t': {
    open: async (box, script, then) => {
      const container = await box.running(withDevpts);
      return Screen.open(box, ['exec', '-t', container.id, ...shell(script)], then);
    },
  },
};

const signals = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

for (const [way, { open }] of Object.entries(ways)) {
  test(`${way}: the terminal inside has the size of the one outside, and follows it`, async (t, box) => {
    const script = 'stty size; trap "stty size" WINCH; trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done';
    const screen = await open(box, script);
    await screen.waitFor('ready');
    // runc's exec sets the size when the program may have asked for it already.
    if (runtime.isOurs || way === 'run') t.match(screen.shown(), /^24 80$/m);
    for (const [rows, columns] of [
      [33, 111],
      [5, 300],
      [24, 80],
    ] as const) {
      await screen.resize(rows, columns);
      await screen.waitFor(`${rows} ${columns}\n`);
    }
    screen.signal('SIGTERM');
    t.equal(await screen.end(), 5);
  });

  test(`${way}: signals are passed on`, async (t, box) => {
    const traps = signals.map((name) => `trap 'echo got ${name}' ${name.slice(3)}`).join('; ');
    const screen = await open(box, `${traps}; echo ready; while :; do sleep 0.02; done`);
    await screen.waitFor('ready');
    for (const name of signals) {
      screen.signal(name);
      await screen.waitFor(`got ${name}\n`);
    }
    screen.signal('SIGKILL');
    t.equal(await screen.end(), 137);
  });

  test(
    `${way}: SIGINT, too`,
    async (t, box) => {
      const screen = await open(box, "trap 'echo interrupted; exit 6' INT; echo ready; while :; do sleep 0.02; done");
      await screen.waitFor('ready');
      screen.signal('SIGINT');
      t.equal(await screen.end(), 6);
      t.match(screen.shown(), 'interrupted\n');
    },
    { knownDifferences: { runc: 'exits at once with 0, and leaves the container running' } },
  );

  test(`${way}: the program sees control characters`, async (t, box) => {
    const trap = "trap 'echo interrupted' INT; trap 'echo quit' QUIT";
    const screen = await open(box, `${trap}; echo ready; read line; while [ "$line" != end ]; do read line; done; exit 7`);
    await screen.waitFor('ready');
    screen.type('\x03');
    await screen.waitFor('interrupted');
    screen.type('\x1c');
    await screen.waitFor('quit');
    screen.type('end\n');
    t.equal(await screen.end(), 7);
  });

  for (const [how, signal] of [
    ['at the end of the program', undefined],
    ['after a signal', 'SIGTERM'],
  ] as const) {
    test(`${way}: the terminal outside is as before ${how}`, async (t, box) => {
      const before = (await box.command('script', ['-qec', 'stty rows 24 cols 80; stty -g', '/dev/null'])).stdout.trim();
      const screen = await open(box, 'trap "exit 4" TERM; echo ready; read line; exit 4', 'echo "modes $(stty -g)"');
      await screen.waitFor('ready');
      if (signal === undefined) screen.type('\n');
      else screen.signal(signal);
      t.equal(await screen.end(), 4);
      t.match(screen.shown(), `modes ${before}\n`);
    });
  }
}
