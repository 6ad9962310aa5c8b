// docker's notations for mounts: --volume, --mount, --tmpfs.
import type { MountPoint } from '../records/container.js';
import { engineError } from '../errors.js';

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
/** Options of --volume that become mount options, or mean nothing here (SELinux labels, caches of other systems). */
const ignored = ['z', 'Z', 'cached', 'delegated', 'consistent'];
export const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** An absolute path without ".", ".." and trailing slashes. */
export const cleanPath = (path: string): string => {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
};

export function destinationOf(path: string, word: string, type: string): string {
  if (!path.startsWith('/'))
    throw engineError(
      `invalid volume specification: '${word}': invalid mount config for type "${type}": invalid mount path: '${path}' mount path must be absolute`,
      'Add the path in the container, such as /data',
    );
  const destination = cleanPath(path);
  if (destination === '/')
    throw engineError(`invalid volume specification: '${word}': destination can't be '/'`, 'Mount it below /, such as /data');
  return destination;
}

function checkName(name: string): string {
  if (volumeName.test(name)) return name;
  throw engineError(
    `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    'Write ./NAME for a directory here',
  );
}

interface Modes {
  readonly RW: boolean;
  readonly options: readonly string[];
}

function modesOf(text: string, word: string): Modes {
  const words = text.split(',').filter((mode) => mode !== '');
  const wrong = words.filter((mode) => ![...propagations, ...ignored, 'ro', 'rw', 'nocopy', 'U'].includes(mode));
  if (wrong.length > 0 || (words.includes('ro') && words.includes('rw')))
    throw engineError(
      `invalid volume specification: '${word}': invalid mode: ${text}`,
      'Use ro, rw, nocopy, or a propagation such as rslave',
    );
  return { RW: !words.includes('ro'), options: words.filter((mode) => propagations.includes(mode) || mode === 'nocopy') };
}

/** "[SOURCE:]DESTINATION[:MODES]"; a SOURCE that starts with "." is relative to `cwd`. */
export function parseVolume(word: string, cwd = '/'): MountPoint {
  const parts = word.split(':');
  if (parts.length > 3 || parts.some((part) => part === ''))
    throw engineError(`invalid volume specification: '${word}'`, 'Use SOURCE:PATH[:ro]');
  const [first = '', second, third] = parts;
  if (second === undefined) {
    const Destination = destinationOf(first, word, 'volume');
    return { Type: 'volume', Name: '', Source: '', Destination, RW: true, Options: [], Anonymous: true };
  }
  const path = first === '.' || first === '..' || first.startsWith('./') || first.startsWith('../') ? `${cwd}/${first}` : first;
  const bind = path.startsWith('/');
  const { RW, options: Options } = modesOf(third ?? '', word);
  const Destination = destinationOf(second, word, bind ? 'bind' : 'volume');
  if (bind) return { Type: 'bind', Source: cleanPath(path), Destination, RW, Options };
  return { Type: 'volume', Name: checkName(path), Source: '', Destination, RW, Options };
}

type Fields = ReadonlyMap<string, string>;

const keys: Readonly<Record<string, string>> = {
  type: 'type',
  source: 'source',
  src: 'source',
  target: 'target',
  dst: 'target',
  destination: 'target',
  readonly: 'readonly',
  ro: 'readonly',
  'bind-propagation': 'bind-propagation',
  consistency: 'consistency',
  'volume-nocopy': 'volume-nocopy',
  'tmpfs-size': 'tmpfs-size',
  'tmpfs-mode': 'tmpfs-mode',
};
const flags = ['readonly', 'volume-nocopy'];

function mountError(word: string, problem: string): Error {
  return engineError(
    `invalid argument ${JSON.stringify(word)} for "--mount" flag: ${problem}`,
    'Use type=bind,source=/PATH,target=/PATH[,readonly]',
  );
}

/** As in a line of CSV: a quoted field may contain commas, and doubled quotes. */
function commaSeparated(word: string): string[] {
  return [...word.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/g)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain,
  );
}

function fieldsOf(word: string): Fields {
  const fields = new Map<string, string>();
  for (const field of commaSeparated(word)) {
    const equals = field.indexOf('=');
    const said = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    const key = keys[said];
    if (equals < 0 && (key === undefined || !flags.includes(key)))
      throw mountError(word, `invalid field '${field}' must be a key=value pair`);
    if (key === undefined) throw mountError(word, `unexpected key '${said}' in '${field}'`);
    fields.set(key, equals < 0 ? 'true' : field.slice(equals + 1));
  }
  return fields;
}

function isSet(fields: Fields, key: string, word: string): boolean {
  const value = fields.get(key) ?? 'false';
  if (!['true', '1', 'false', '0'].includes(value)) throw mountError(word, `invalid value for ${key}: ${value}`);
  return value === 'true' || value === '1';
}

/** "type=bind,source=/a,target=/b,readonly" */
export function parseMount(word: string, cwd = '/'): MountPoint {
  const fields = fieldsOf(word);
  const type = fields.get('type') ?? 'volume';
  if (type !== 'bind' && type !== 'volume' && type !== 'tmpfs')
    throw mountError(word, `type '${type}' is not bind, volume or tmpfs`);
  const target = fields.get('target') ?? '';
  if (target === '') throw mountError(word, 'target is required');
  const Destination = destinationOf(target, word, type);
  const RW = !isSet(fields, 'readonly', word);
  const source = fields.get('source') ?? '';
  if (type === 'tmpfs') {
    if (source !== '') throw mountError(word, 'a tmpfs has no source');
    const size = fields.get('tmpfs-size');
    const mode = fields.get('tmpfs-mode');
    const Options = [...(size === undefined ? [] : [`size=${size}`]), ...(mode === undefined ? [] : [`mode=${mode}`])];
    return { Type: 'tmpfs', Source: '', Destination, RW, Options };
  }
  if (type === 'bind') return bindMount(word, { source, Destination, RW, propagation: fields.get('bind-propagation'), cwd });
  const Options = isSet(fields, 'volume-nocopy', word) ? ['nocopy'] : [];
  const named = source === '' ? { Name: '', Anonymous: true } : { Name: checkName(source) };
  return { Type: 'volume', ...named, Source: '', Destination, RW, Options };
}

function bindMount(
  word: string,
  {
    source,
    Destination,
    RW,
    propagation,
    cwd,
  }: { source: string; Destination: string; RW: boolean; propagation: string | undefined; cwd: string },
): MountPoint {
  if (source === '') throw mountError(word, 'source is required');
  if (propagation !== undefined && !propagations.includes(propagation))
    throw mountError(word, `invalid propagation ${JSON.stringify(propagation)}`);
  const path = source.startsWith('.') ? `${cwd}/${source}` : source;
  if (!path.startsWith('/'))
    throw engineError(
      `invalid mount config for type "bind": invalid mount path: '${source}' mount path must be absolute`,
      'Write ./PATH for a path relative to this directory',
    );
  // docker creates missing directories for --volume, but not for --mount.
  return {
    Type: 'bind',
    Source: cleanPath(path),
    Destination,
    RW,
    Options: [...(propagation === undefined ? [] : [propagation]), 'existing'],
  };
}

/** "/PATH[:size=64m,mode=1777]" */
export function parseTmpfs(word: string): MountPoint {
  const colon = word.indexOf(':');
  const Destination = destinationOf(colon < 0 ? word : word.slice(0, colon), word, 'tmpfs');
  const options = (colon < 0 ? '' : word.slice(colon + 1)).split(',').filter((option) => option !== '');
  const Options = [
    'nosuid',
    'nodev',
    ...(options.includes('exec') ? [] : ['noexec']),
    ...options.filter((one) => !['ro', 'rw', 'exec'].includes(one)),
  ];
  return { Type: 'tmpfs', Source: '', Destination, RW: !options.includes('ro'), Options: [...new Set(Options)] };
}
