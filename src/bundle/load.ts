// Reads a bundle: its directory and its config.json, validated, or an error that says what is wrong.
import { fromHost, isHostFailure, PockerError } from '../errors.js';
import type { FileStatus, Host } from '../host/host.js';
import { judge, type SpecWarning } from '../spec/judge.js';
import type { Spec } from '../generated/spec.js';
import { parseJson } from '../json/json.js';
import { quotePath } from '../json/quote.js';

/** A bundle that passed all checks that do not look at the machine. */
export interface Bundle {
  /** Absolute, without symbolic links. */
  readonly path: string;
  readonly config: Spec;
  /** config.json as it is in the file. */
  readonly configText: string;
  /** Fields that are deprecated or have no effect. */
  readonly warnings: readonly SpecWarning[];
}

/** Bytes. The largest configs seen in the wild have a few hundred KiB. */
export const configLimit = 16 * 1024 * 1024;

// errno(3)
const [ENOENT, EACCES, ENOTDIR, ELOOP, ENAMETOOLONG, EFBIG, EILSEQ] = [2, 13, 20, 40, 36, 27, 84];

const reasons: Readonly<Record<number, string>> = {
  [ENOENT]: 'does not exist',
  [EACCES]: 'may not be read (permission denied)',
  [ENOTDIR]: 'is not in a directory',
  [ELOOP]: 'has too many symbolic links in its path',
  [ENAMETOOLONG]: 'has a path that is too long for the kernel',
  [EFBIG]: `is larger than ${configLimit / 1024 / 1024} MiB`,
  [EILSEQ]: 'is not UTF-8 text',
};

function bundleError(subject: string, path: string, caught: unknown): PockerError {
  if (!isHostFailure(caught)) return fromHost('E_BUNDLE', subject, caught);
  const reason = reasons[caught.errno];
  const details = { operation: caught.operation, errno: caught.errno, path };
  if (reason === undefined) return fromHost('E_BUNDLE', subject, { ...caught, path: quotePath(path) }, { path });
  return new PockerError('E_BUNDLE', `${subject} ${quotePath(path)} ${reason}`, { ...details, cause: caught });
}

function realPath(host: Host, subject: string, path: string): string {
  if (path.includes('\0'))
    throw new PockerError('E_BUNDLE', `${subject} ${quotePath(path)} has a NUL character in its path`, { path });
  try {
    return host.realPath(path);
  } catch (caught) {
    throw bundleError(subject, path, caught);
  }
}

const kinds: Readonly<Record<FileStatus['type'], string>> = {
  file: 'a file',
  directory: 'a directory',
  symlink: 'a symbolic link',
  character: 'a character device',
  block: 'a block device',
  fifo: 'a FIFO',
  socket: 'a socket',
};

/** Checks the type before opening: a FIFO would block us forever, and a device could do anything. */
function demand(host: Host, subject: string, path: string, type: 'file' | 'directory'): void {
  const status = host.lstat(path);
  if (status === null) throw new PockerError('E_BUNDLE', `${subject} ${quotePath(path)} does not exist`, { path });
  if (status.type === type) return;
  throw new PockerError('E_BUNDLE', `${subject} ${quotePath(path)} is ${kinds[status.type]}, not ${kinds[type]}`, { path });
}

function configPath(host: Host, bundle: string, configFile: string | undefined): string {
  const path =
    configFile === undefined ? `${bundle}/config.json` : configFile.startsWith('/') ? configFile : `${host.cwd()}/${configFile}`;
  try {
    return realPath(host, 'the config', path);
  } catch (error) {
    if (configFile !== undefined || !(error instanceof PockerError) || error.details.errno !== ENOENT) throw error;
    throw new PockerError('E_BUNDLE', `the bundle ${quotePath(bundle)} has no config.json`, {
      ...error.details,
      hint: 'Run "pocker-runc spec" to get one to start from',
    });
  }
}

function readConfig(host: Host, path: string): string {
  demand(host, 'the config', path, 'file');
  try {
    return host.readText(path, configLimit);
  } catch (caught) {
    throw bundleError('the config', path, caught);
  }
}

/** What replaces the bundle's config.json: another file, relative to the working directory, or a text. */
export interface ConfigSource {
  readonly file?: string | undefined;
  readonly text?: string | undefined;
}

/**
 * Loads the bundle at `bundleDirectory`, relative to the working directory. Errors: E_BUNDLE (files), E_CONFIG_JSON,
 * E_CONFIG_SCHEMA, E_CONFIG_RULE.
 */
export function loadBundle(host: Host, bundleDirectory: string, source: ConfigSource = {}): Bundle {
  const path = realPath(host, 'the bundle', bundleDirectory === '' ? '.' : bundleDirectory);
  demand(host, 'the bundle', path, 'directory');
  const file = source.text === undefined ? configPath(host, path, source.file) : undefined;
  const configText = source.text ?? readConfig(host, file!);
  const { spec, warnings } = judge(parseJson(file === undefined ? 'the config' : quotePath(file), configText));
  return { path, config: spec, configText, warnings };
}
