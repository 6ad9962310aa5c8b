// A private pocker: its directories are below a temporary one, its image is made from Debian's busybox without a network. A case
// fails if anything is left on the machine.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import '../../harness/machine/mount-table.js';
import { makeRootfs } from '../../harness/rootfs.js';

export type Tap = Test;

export interface Result {
  readonly command: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds until it is killed. */
  readonly timeout?: number;
}

const project = fileURLToPath(new URL('../../../../../', import.meta.url));
export const pockerPath = process.env['POCKER'] ?? join(project, 'dist/pocker');

/** The cases' image: busybox, like docker's. */
export const busybox = 'busybox:latest';

/** A private directory, with the programs run there. Their output goes to files: a container would keep a pipe open. */
export class Site {
  readonly directory: string;
  #count = 0;

  constructor(name: string) {
    this.directory = mkdtempSync(join(tmpdir(), `pkr-${name}-`));
    chmodSync(this.directory, 0o755);
    mkdirSync(this.path('log'));
  }

  path(...parts: string[]): string {
    return join(this.directory, ...parts);
  }

  run(program: string, args: readonly string[], { stdin, env = {}, timeout = 60_000 }: RunOptions = {}): Result {
    const output = this.path('log', String(this.#count++));
    const fds = [openSync(stdin ?? '/dev/null', 'r'), openSync(`${output}.out`, 'a'), openSync(`${output}.err`, 'a')];
    const ended = spawnSync(program, args, {
      stdio: [fds[0]!, fds[1]!, fds[2]!],
      timeout,
      killSignal: 'SIGKILL',
      env: { ...process.env, NODE_OPTIONS: '', ...env },
    });
    for (const fd of fds) closeSync(fd);
    if (ended.error !== undefined && ended.status === null && ended.signal === null) throw ended.error;
    return {
      command: [program, ...args].join(' '),
      code: ended.status ?? 137,
      stdout: readFileSync(`${output}.out`, 'utf8'),
      stderr: readFileSync(`${output}.err`, 'utf8'),
    };
  }

  /** Fails unless it succeeds; returns its output without the last newline. */
  ok(program: string, args: readonly string[], options: RunOptions = {}): string {
    const { code, stdout, stderr } = this.run(program, args, options);
    if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit code ${code}: ${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  /** busybox's root filesystem as a tar file. */
  rootfsTar(): string {
    copyFileSync('/bin/busybox', this.path('busybox'));
    chmodSync(this.path('busybox'), 0o755);
    makeRootfs(this.path('rootfs'), this.path('busybox'));
    writeFileSync(this.path('rootfs/etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000::/tmp:/bin/sh\n');
    writeFileSync(this.path('rootfs/etc/group'), 'root:x:0:\nguest:x:1000:\n');
    this.ok('tar', ['-C', this.path('rootfs'), '-cf', this.path('rootfs.tar'), '.']);
    return this.path('rootfs.tar');
  }

  /** Mounts and processes that contain the directory's name. */
  leftovers(): string[] {
    const mounts = readFileSync('/proc/thread-self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(this.directory));
    const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid);
    const named = processes.flatMap((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return words.includes(this.directory) ? [`${pid}: ${words}`] : [];
      } catch {
        return [];
      }
    });
    return [...mounts, ...named];
  }

  /** What is left once monitors have had time to end. */
  async settled(): Promise<string[]> {
    const deadline = performance.now() + 5000;
    while (this.leftovers().length > 0 && performance.now() < deadline) await sleep(50);
    return this.leftovers();
  }

  remove(): void {
    for (const line of readFileSync('/proc/thread-self/mountinfo', 'utf8').split('\n').reverse())
      if (line.includes(this.directory)) spawnSync('umount', ['-l', line.split(' ')[4]!]);
    // Deep directories, which a failed test leaves, are too many calls for Node's own.
    spawnSync('rm', ['-rf', this.directory]);
  }
}

export class Pocker extends Site {
  /** Flags before the command. */
  get #global(): string[] {
    return ['--root', this.path('root'), '--runroot', this.path('run')];
  }

  /** One command of pocker. */
  call(args: readonly string[], options: RunOptions = {}): Result {
    return this.run(pockerPath, [...this.#global, ...args], options);
  }

  /** A command that must succeed. */
  must(...args: string[]): string {
    return this.ok(pockerPath, [...this.#global, ...args]);
  }

  /** The whole command line, to run it another way. */
  words(...args: string[]): string[] {
    return [pockerPath, ...this.#global, ...args];
  }

  /** Makes the image `busybox`. */
  makeBusybox(): string {
    this.must('import', '-c', 'CMD ["sh"]', '-c', 'ENV PATH=/bin', this.rootfsTar(), busybox);
    return busybox;
  }
}

/** Milliseconds for a file. */
const allowed = 300_000;

/** A case with its own pocker that has the image busybox. */
export function pockerTest(name: string, body: (t: Tap, pocker: Pocker) => void | Promise<void>): void {
  t.setTimeout(allowed);
  void t.test(name, { timeout: allowed }, async (t) => {
    const pocker = new Pocker(name.replace(/\W+/g, '-').slice(0, 12));
    try {
      pocker.makeBusybox();
      await body(t, pocker);
      t.same(await pocker.settled(), [], 'nothing is left on the machine');
    } finally {
      for (const line of pocker.leftovers()) {
        const [, pid] = /^(\d+): /.exec(line) ?? [];
        if (pid !== undefined) process.kill(Number(pid), 'SIGKILL');
      }
      pocker.remove();
    }
  });
}

/** As a test's condition: the command and its output, if the exit code differs. */
export function exits(t: Tap, result: Result, code = 0): Result {
  t.equal(result.code, code, `${result.command}: ${result.stderr}${result.stdout}`.slice(0, 2000));
  return result;
}
