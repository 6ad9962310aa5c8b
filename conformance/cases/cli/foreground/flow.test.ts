// `run` and `exec -t` in the foreground stand between two terminals: neither a slow side nor one that goes away delays them, and
// nothing is lost.
import { closeSync, constants, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from '../../../harness/case.js';
import type { Box } from '../../../harness/box.js';
import { type CommandResult, patience } from '../../../harness/command.js';
import { type Config, shell } from '../../../harness/config.js';
import { runtime } from '../../../harness/runtime.js';
import { Screen } from '../../../harness/topics/screen.js';

const devpts = { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['newinstance', 'ptmxmode=0666'] };

function withDevpts(config: Config): void {
  config.mounts.push(devpts);
}

/** The arguments that start the shell script in the foreground. */
type Way = (box: Box, script: string) => Promise<string[]>;

const run: Way = (box, script) => {
  const container = box.container((config) => {
    withDevpts(config);
    config.process.terminal = true;
    config.process.args = shell(script);
  });
  return Promise.resolve(['run', '--bundle', container.bundle, container.id]);
};

const exec: Way = async (box, script) => {
  const container = await box.running(withDevpts);
  return ['exec', '-t', container.id, ...shell(script)];
};

const ways: Readonly<Record<string, Way>> = { run, 'exec -t': exec };

/** In a terminal: the runtime's output goes to the other command; then its exit code, and whether the modes are restored. */
function piped(box: Box, args: readonly string[], reader: string): Promise<CommandResult> {
  const call = [runtime.path, '--root', box.stateRoot, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const script = `modes=$(stty -g); ${call} | { ${reader}; }; echo "code \${PIPESTATUS[0]}"; test "$modes" = "$(stty -g)" && echo restored`;
  return box.command('script', ['-qec', `bash -c '${script.replaceAll("'", `'\\''`)}'`, '/dev/null']);
}

for (const [name, way] of Object.entries(ways)) {
  test(`${name}: pasted input arrives, although the program's echo must be read meanwhile`, async (t, box) => {
    const line = 'fifteen letters\n';
    const count = 60_000 / line.length;
    const screen = await Screen.open(box, await way(box, 'echo ready; tee /out; wc -c < /out; cat'));
    await screen.waitFor('ready\n');
    screen.type(`${line.repeat(count)}\x04`);
    await screen.waitFor('60000\n');
    screen.type('\x04');
    t.equal(await screen.end(), 0);
    t.equal(box.containers[0]?.read('/out'), line.repeat(count));
  });

  test(`${name}: input that the program does not read blocks nothing`, async (t, box) => {
    const screen = await Screen.open(
      box,
      await way(box, "stty -echo; trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"),
    );
    await screen.waitFor('ready\n');
    screen.type('never read\n'.repeat(20_000));
    await sleep(300 * patience);
    screen.signal('SIGTERM');
    t.equal(await screen.end(), 5);
  });

  test(`${name}: a reader that goes away ends the program, as if its terminal were closed`, async (t, box) => {
    const { stdout } = await piped(box, await way(box, 'trap "" PIPE; yes; exit 3'), 'head -c 3000 > /dev/null');
    t.match(stdout, /^code (3|129|141)\r$/m);
    t.match(stdout, 'restored');
    if (name === 'run') t.same(await box.leftovers(), []);
  });

  test(`${name}: a slow reader gets everything`, async (t, box) => {
    const script = 'head -c 150000 /dev/zero | tr "\\0" x; exit 4';
    const { stdout } = await piped(box, await way(box, script), 'sleep 1; tr -dc x | wc -c');
    t.match(stdout, /^150000\r$/m);
    t.match(stdout, /^code 4\r$/m);
  });

  test(
    `${name}: SIGTERM works while nobody reads the output`,
    async (t, box) => {
      const fifo = box.path('fifo');
      await box.command('mkfifo', [fifo]);
      const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
      const script = "trap 'exit 5' TERM; yes & sleep 0.3; echo up > /up; wait";
      const screen = await Screen.open(box, await way(box, script), 'echo "modes $(stty -a)"', `> ${fifo}`);
      await box.containers[0]?.waitForFile('up');
      screen.signal('SIGTERM');
      t.equal(await screen.end(), 5);
      t.match(screen.shown(), /[^-]icanon/, 'and the terminal is as before');
      closeSync(reader);
    },
    { knownDifferences: { runc: 'waits for the reader forever' } },
  );

  test(
    `${name}: each line begins in the first column`,
    async (t, box) => {
      const screen = await Screen.open(box, await way(box, 'echo one; echo two'));
      t.equal(await screen.end(), 0);
      t.match(screen.bytes(), 'one\r\ntwo\r\n');
    },
    { knownDifferences: { 'runc 1.1': 'sometimes begins with an extra carriage return' } },
  );
}

test(
  'a terminal that all programs have closed may be opened again',
  async (t, box) => {
    const screen = await Screen.open(
      box,
      await run(box, 'exec < /dev/null > /dev/null 2>&1; sleep 0.3; echo again > /dev/console; exit 6'),
    );
    t.equal(await screen.end(), 6);
    t.match(screen.shown(), 'again\n');
  },
  { knownDifferences: { runc: 'stops reading if nobody has it open' } },
);
