import fc from 'fast-check';
import {
  mkdirSync,
  readFileSync,
  readlinkSync,
  lstatSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { PockerError } from '../errors.js';
import type { FileStatus, Host } from '../host/host.js';
import { configLimit, loadBundle } from './load.js';

const minimal = JSON.stringify({ ociVersion: '1.3.0', root: { path: 'rootfs' }, process: { cwd: '/', args: ['sh'] } });
const scratch = mkdtempSync(join(tmpdir(), 'pocker-load-'));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));

function asFailure<T>(operation: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { errno } = error as { errno: number };
    throw { operation, errno: -errno, path };
  }
}

function statusOf(path: string): FileStatus | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  const type = stat.isDirectory()
    ? 'directory'
    : stat.isFile()
      ? 'file'
      : stat.isFIFO()
        ? 'fifo'
        : stat.isSymbolicLink()
          ? 'symlink'
          : 'character';
  return { type, mode: stat.mode, uid: stat.uid, gid: stat.gid, device: 0, inode: 0, size: 0, rdev: [0, 0] };
}

/** The few Host calls that loading makes, on the real filesystem, without the addon. */
const host = {
  cwd: () => scratch,
  realPath: (path: string) =>
    asFailure('realpath', path, () => realpathSync.native(path.startsWith('/') ? path : join(scratch, path))),
  lstat: statusOf,
  readLink: (path: string) => readlinkSync(path),
  readText(path: string, limit: number) {
    const bytes = asFailure('read', path, () => readFileSync(path));
    if (bytes.length > limit) throw { operation: 'read', errno: 27, path };
    const text = bytes.toString('utf8');
    if (!Buffer.from(text).equals(bytes)) throw { operation: 'read', errno: 84, path };
    return text;
  },
} as unknown as Host;

function bundleWith(name: string, config: string | Uint8Array = minimal): string {
  const path = join(scratch, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'config.json'), config);
  return path;
}

function failure(bundle: string, config?: string): PockerError {
  try {
    loadBundle(host, bundle, { file: config });
  } catch (error) {
    if (error instanceof PockerError) return error;
    throw error;
  }
  throw new Error('it loaded');
}

t.test('returns the config, its text and the real path', (tt) => {
  const path = bundleWith('plain');
  symlinkSync(path, join(scratch, 'link'));
  const bundle = loadBundle(host, 'link');
  tt.equal(bundle.path, realpathSync(path));
  tt.equal(bundle.configText, minimal);
  tt.equal(bundle.config.root?.path, 'rootfs');
  tt.same(bundle.warnings, []);
  tt.end();
});

t.test('paths with spaces and newlines work, and are quoted in messages', (tt) => {
  const path = bundleWith('a b\nc');
  tt.equal(loadBundle(host, path).path, realpathSync(path));
  writeFileSync(join(path, 'config.json'), '{]');
  const { code, message } = failure(path);
  tt.equal(code, 'E_CONFIG_JSON');
  tt.match(message, /a b\\nc\/config\.json":1:2: expected a property name/);
  tt.notMatch(message, /\n/);
  tt.end();
});

t.test('--config replaces config.json, relative to the working directory', (tt) => {
  const path = bundleWith('other', '{]');
  writeFileSync(join(scratch, 'mine.json'), minimal);
  tt.equal(loadBundle(host, path, { file: 'mine.json' }).configText, minimal);
  tt.equal(loadBundle(host, path, { file: join(scratch, 'mine.json') }).configText, minimal);
  tt.match(failure(path, 'none.json').message, /the config .*none\.json does not exist/);
  tt.end();
});

t.test('says which file is missing or of the wrong kind', (tt) => {
  const empty = join(scratch, 'empty');
  mkdirSync(empty);
  tt.match(failure(join(scratch, 'none')), { code: 'E_BUNDLE', message: /^the bundle .*\/none does not exist$/ });
  tt.match(failure(empty), {
    code: 'E_BUNDLE',
    message: /^the bundle .*\/empty has no config\.json$/,
    details: { hint: /spec/ },
  });
  tt.match(failure(join(bundleWith('plain'), 'config.json')).message, /is a file, not a directory/);
  tt.match(failure('a\0b').message, /NUL/);
  mkdirSync(join(scratch, 'dir', 'config.json'), { recursive: true });
  tt.match(failure(join(scratch, 'dir')).message, /config\.json is a directory, not a file/);
  mkdirSync(join(scratch, 'fifo'));
  execFileSync('mkfifo', [join(scratch, 'fifo', 'config.json')]);
  tt.match(failure(join(scratch, 'fifo')).message, /config\.json is a FIFO, not a file/);
  tt.end();
});

t.test('says what is wrong with the text', (tt) => {
  tt.match(failure(bundleWith('huge', new Uint8Array(configLimit + 1).fill(32))).message, /is larger than 16 MiB/);
  tt.match(failure(bundleWith('latin', Uint8Array.of(0x22, 0xe4, 0x22))).message, /is not UTF-8/);
  tt.match(failure(bundleWith('none', '')).message, /is empty/);
  tt.match(failure(bundleWith('null', 'null')), {
    code: 'E_CONFIG_SCHEMA',
    message: /the config \(line 1, column 1\): found null, expected an object/,
  });
  tt.match(failure(bundleWith('deep', '['.repeat(100_000))), {
    code: 'E_CONFIG_JSON',
    message: /nested too deeply \(limit 1000\)/,
  });
  tt.match(failure(bundleWith('rule', '{"ociVersion": "1.3.0"}')), {
    code: 'E_CONFIG_RULE',
    message: /\/root \(line 1, column 1\): is missing/,
  });
  tt.end();
});

t.test('any bytes are a bundle, or an error that names the file and fits on a line for each violation', (tt) => {
  const damaged = fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 4 })).map(([at, bytes]) => {
    const text = Buffer.from(minimal);
    return Buffer.concat([text.subarray(0, at % text.length), bytes, text.subarray((at % text.length) + bytes.length)]);
  });
  const config = fc.oneof(
    damaged,
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
  );
  const property = fc.property(config, (bytes) => {
    const path = bundleWith('any', bytes);
    try {
      return loadBundle(host, path).configText === Buffer.from(bytes).toString();
    } catch (caught) {
      return caught instanceof PockerError && caught.code !== 'E_INTERNAL' && !/[\0-\x09\x0b-\x1f\x7f]/.test(caught.message);
    }
  });
  fc.assert(property, { numRuns: 500 });
  tt.end();
});
