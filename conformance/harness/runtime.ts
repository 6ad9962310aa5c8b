// The runtime that the cases drive: $RUNTIME, a path or a name; by default our own standalone executable.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export type RuntimeKind = 'pocker-runc' | 'runc' | 'crun' | 'youki';

export interface Runtime {
  /** Absolute path of the executable. */
  readonly path: string;
  readonly kind: RuntimeKind;
  /** Whether it is one of this project's hosts: only then do cases check our own messages. */
  readonly isOurs: boolean;
  /** The Node host, which has Node's own behaviour. */
  readonly isNodeHost: boolean;
  /** First line of `--version`. */
  readonly version: string;
  /** Its first two numbers: "1.1" */
  readonly release: `${number}`;
}

/** The root of the source tree, seen from build/js/conformance/harness. */
export const projectRoot = fileURLToPath(new URL('../../../..', import.meta.url));

function find(name: string): string {
  if (name.includes('/')) return isAbsolute(name) ? name : resolve(name);
  for (const directory of `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`.split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  throw new Error(`no runtime called ${name} in PATH`);
}

function kindOf(path: string, version: string): RuntimeKind {
  if (path.includes('pocker') || version.includes('pocker')) return 'pocker-runc';
  return /^(crun|youki)/.exec(version)?.[1] === 'crun' ? 'crun' : version.startsWith('youki') ? 'youki' : 'runc';
}

/** `name`: a path, or a name in $PATH. */
export function identify(name: string): Runtime {
  const path = find(name);
  const probe = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  if (probe.error !== undefined) throw new Error(`runtime ${path} does not run: ${probe.error.message}`);
  const version = probe.stdout.split('\n')[0] ?? '';
  const kind = kindOf(path, version);
  const isOurs = kind === 'pocker-runc';
  const release = (/\d+\.\d+/.exec(version)?.[0] ?? '0') as Runtime['release'];
  return { path, kind, isOurs, isNodeHost: isOurs && path.includes('/node/'), version, release };
}

export const runtime: Runtime = identify(process.env['RUNTIME'] ?? join(projectRoot, 'dist', 'pocker-runc'));
