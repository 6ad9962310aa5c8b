// The programs that the engine calls, and their Debian packages.
import { fromHost } from '../errors.js';
import type { ProgramResult } from '../host/host.js';
import type { Engine } from './engine.js';
import { engineError, roomHint } from './errors.js';

const packages = {
  conmon: 'conmon',
  skopeo: 'skopeo',
  'aardvark-dns': 'aardvark-dns',
  'iptables-restore': 'iptables',
  slirp4netns: 'slirp4netns',
  pasta: 'passt',
  newuidmap: 'uidmap',
  catatonit: 'catatonit',
  'fuse-overlayfs': 'fuse-overlayfs',
  tar: 'tar',
  cat: 'coreutils',
  cp: 'coreutils',
  curl: 'curl',
  gzip: 'gzip',
  zstd: 'zstd',
  xz: 'xz-utils',
  bzip2: 'bzip2',
  sh: 'dash',
  sha256sum: 'coreutils',
  ps: 'procps',
  env: 'coreutils',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
} as const;

export type Tool = keyof typeof packages;

/** Where distributions put helpers outside $PATH. */
const elsewhere = [
  '/usr/local/libexec/podman',
  '/usr/libexec/podman',
  '/usr/lib/podman',
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
];

/** Its path. Fails with the package to install. */
export function findTool({ host }: Engine, name: Tool): string {
  const directories = [...(host.env('PATH') ?? '/usr/bin:/bin').split(':'), ...elsewhere];
  const found = directories.find((directory) => directory.startsWith('/') && host.access(`${directory}/${name}`, 1));
  if (found === undefined) throw engineError(`${name} was not found`, `Install it: apt-get install ${packages[name]}`);
  return `${found}/${name}`;
}

export interface ToolOptions {
  readonly stdin?: string;
  /** It shares our standard input. */
  readonly sharesStdin?: boolean;
  readonly cwd?: string;
  /** 0: no limit. */
  readonly timeoutMs?: number;
  /** Files for its output instead of the result, or one of our descriptors. */
  readonly stdout?: string | number;
  readonly stderr?: string;
  /** How many bytes of its output to keep. */
  readonly keep?: number;
  readonly env?: readonly string[];
  /** Is killed when we end, however that happens. */
  readonly endsWithUs?: boolean;
}

/** Runs it to its end, whatever the outcome. */
export function tryTool(engine: Engine, name: Tool, args: readonly string[], options: ToolOptions = {}): ProgramResult {
  const { stdin = '', timeoutMs = 0, env = null, stdout = '', ...rest } = options;
  const output = typeof stdout === 'number' ? { stdoutFd: stdout } : { stdout };
  try {
    return engine.host.runProgram({
      path: findTool(engine, name),
      args: [name, ...args],
      env,
      stdin,
      timeoutMs,
      ...output,
      ...rest,
    });
  } catch (caught) {
    throw fromHost('E_ENGINE', `cannot run ${name}`, caught);
  }
}

/** What to do about it, if known. */
export function hintFor(said: string): string | undefined {
  return /no space left on device|disk quota exceeded|wrote only \d+ of \d+ bytes/i.test(said) ? roomHint : undefined;
}

/** The same; unless it exits with 0, fails with the end of its output. Returns its output. */
export function runTool(engine: Engine, name: Tool, args: readonly string[], options: ToolOptions = {}): string {
  const { exitCode, signal, timedOut, output } = tryTool(engine, name, args, options);
  if (exitCode === 0 && signal === 0) return output;
  const end = timedOut ? 'took too long' : signal !== 0 ? `was killed by signal ${signal}` : `exited with ${exitCode}`;
  const said = output.trim().split('\n').slice(-3).join('\n');
  throw engineError(`${name} ${end}${said === '' ? '' : `: ${said}`}`, hintFor(said));
}
