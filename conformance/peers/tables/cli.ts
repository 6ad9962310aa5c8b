// Command lines: global flags, ids, flags of create, run, delete, kill, list, ps, spec; missing and surplus arguments.
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { PeerCase, Table } from '../case.js';
import type { Site } from '../site.js';

type Act = (site: Site) => Promise<unknown>;

const up: Act = async (site) => {
  site.config.process.args = ['sleep', '60'];
  site.writeConfig();
  await site.create();
  await site.verb('start');
};

const ids: Readonly<Record<string, (id: string) => string>> = {
  'with every character': (id) => `${id}_a+b-c.D`,
  'with a slash': (id) => `${id}/x`,
  'with a space': (id) => `${id} x`,
  'with a colon': (id) => `${id}:x`,
  'with an umlaut': (id) => `${id}ü`,
  empty: () => '',
  '.': () => '.',
  '..': () => '..',
  'with a dot before': (id) => `.${id}`,
  'with @': (id) => `${id}@x`,
  'of 255 characters': (id) => `${id}${'x'.repeat(255 - id.length)}`,
  'of 1024 characters': (id) => `${id}${'x'.repeat(1024 - id.length)}`,
};

const idCases = Object.entries(ids).map(([name, make]): PeerCase => ({
  name: `cli/id ${name}`,
  act: async (site) => {
    site.config.process.args = ['true'];
    site.writeConfig();
    await site.call(['run', '--bundle', site.bundle, make(site.id)]);
    await site.call(['delete', '--force', make(site.id)]);
  },
}));

const words: Readonly<Record<string, (site: Site) => readonly string[]>> = {
  nothing: () => [],
  help: () => ['help'],
  '--help': () => ['--help'],
  '-h': () => ['-h'],
  '--version': () => ['--version'],
  '-v': () => ['-v'],
  'an unknown command': () => ['nosuch'],
  'an unknown global flag': () => ['--nosuch', 'list'],
  'create without an id': (site) => ['create', '--bundle', site.bundle],
  'create with two ids': (site) => ['create', '--bundle', site.bundle, site.id, 'second'],
  'create of a missing bundle': (site) => ['create', '--bundle', site.path('nosuch'), site.id],
  'create of a bundle without config.json': (site) => ['create', '--bundle', site.rootfs, site.id],
  'create with an unknown flag': (site) => ['create', '--nosuch', '--bundle', site.bundle, site.id],
  'create --help': () => ['create', '--help'],
  'start without an id': () => ['start'],
  'start with two ids': (site) => ['start', site.id, 'second'],
  'kill without an id': () => ['kill'],
  'delete without an id': () => ['delete'],
  'delete --force of what is missing': (site) => ['delete', '--force', site.id],
  'delete of what is missing': (site) => ['delete', site.id],
  'state without an id': () => ['state'],
  'exec without a program': (site) => ['exec', site.id],
  list: () => ['list'],
  'list --format json': () => ['list', '--format', 'json'],
  'list --format no': () => ['list', '--format', 'no'],
  features: () => ['features'],
  'features with an argument': () => ['features', 'x'],
  spec: (site) => ['spec', '--bundle', site.directory],
  'spec over a config.json': (site) => ['spec', '--bundle', site.bundle],
  'spec in a missing directory': (site) => ['spec', '--bundle', site.path('nosuch')],
  'spec --rootless': (site) => ['spec', '--rootless', '--bundle', site.directory],
};

const wordCases = Object.entries(words).map(([name, make]): PeerCase => ({
  name: `cli/${name}`,
  act: async (site) => {
    mkdirSync(site.path('state'));
    await site.call(make(site), { as: 'command' });
    if (name.startsWith('spec')) site.facts.set('host config.json', existsSync(site.path('config.json')) ? 'made' : 'not made');
  },
}));

const globals: Readonly<Record<string, (site: Site) => readonly string[]>> = {
  '--debug': () => ['--debug'],
  '--log': (site) => ['--log', site.path('log.txt')],
  '--log in a missing directory': (site) => ['--log', site.path('no/log.txt')],
  '--log-format json': (site) => ['--log', site.path('log.txt'), '--log-format', 'json'],
  '--log-format no': () => ['--log-format', 'no'],
  '--log-level error': () => ['--log-level', 'error'],
  '--rootless false': () => ['--rootless', 'false'],
  '--rootless auto': () => ['--rootless', 'auto'],
  '--rootless no': () => ['--rootless', 'no'],
  '--cgroup-manager cgroupfs': () => ['--cgroup-manager', 'cgroupfs'],
  '-debug': () => ['-debug'],
  '--root again': (site) => ['--root', site.path('other')],
  '--root=""': () => ['--root', ''],
};

const globalCases = Object.entries(globals).map(([name, make]): PeerCase => ({
  name: `cli/global ${name}`,
  act: async (site) => {
    site.config.process.args = ['true'];
    site.writeConfig();
    await site.run([], { globals: make(site) });
    site.facts.set('host log', existsSync(site.path('log.txt')) ? 'made' : 'not made');
  },
}));

/** Flags of create and run; `pre` makes what they refer to. */
const runs: Readonly<Record<string, (site: Site) => readonly string[]>> = {
  '--no-pivot': () => ['--no-pivot'],
  '--no-new-keyring': () => ['--no-new-keyring'],
  '--preserve-fds 0': () => ['--preserve-fds', '0'],
  '--preserve-fds 2 without descriptors': () => ['--preserve-fds', '2'],
  '--preserve-fds -1': () => ['--preserve-fds', '-1'],
  '--preserve-fds x': () => ['--preserve-fds', 'x'],
  '--pid-file': (site) => ['--pid-file', site.path('run.pid')],
  '--pid-file in a missing directory': (site) => ['--pid-file', site.path('no/run.pid')],
  '--console-socket without a terminal': (site) => ['--console-socket', site.path('no.sock')],
  '--keep': () => ['--keep'],
  '--no-subreaper': () => ['--no-subreaper'],
  '-d': () => ['-d'],
  '--detach --keep': () => ['--detach', '--keep'],
  '--detach=false': () => ['--detach=false'],
  '-no-pivot': () => ['-no-pivot'],
  '--bundle of a link': (site) => {
    symlinkSync(site.bundle, site.path('link'));
    return ['--bundle', site.path('link')];
  },
  '--bundle of a file': (site) => {
    writeFileSync(site.path('file'), '');
    return ['--bundle', site.path('file')];
  },
};

const runCases = Object.entries(runs).map(([name, make]): PeerCase => ({
  name: `cli/run ${name}`,
  act: async (site) => {
    await site.run(make(site));
    site.facts.set('host pid file', existsSync(site.path('run.pid')) ? 'made' : 'not made');
    site.facts.set('shown status', await site.lastStatus());
  },
}));

const noBundle = ['create', 'run'].map((command): PeerCase => ({
  name: `cli/${command} without --bundle, in the bundle`,
  act: async (site) => {
    site.config.process.args = ['true'];
    site.writeConfig();
    await site.call([command, site.id], { cwd: site.bundle });
  },
}));

const keysOf = (text: string): string => {
  try {
    const value = JSON.parse(text) as unknown;
    const one = (Array.isArray(value) ? value[0] : value) as object;
    return Object.keys(one).sort().join(' ');
  } catch {
    return `no JSON: ${text}`;
  }
};

/** What commands print about a running container: the names in it. */
const shown: Readonly<Record<string, (site: Site) => readonly string[]>> = {
  state: (site) => ['state', site.id],
  'list --format json': () => ['list', '--format', 'json'],
  'list -f json': () => ['list', '-f', 'json'],
  'events --stats': (site) => ['events', '--stats', site.id],
};

const shownCases = Object.entries(shown).map(([name, make]): PeerCase => ({
  name: `cli/what ${name} shows`,
  act: async (site) => {
    site.config.annotations = { 'a.b': 'c' };
    await up(site);
    const { stdout } = await site.call(make(site));
    site.facts.set('shown keys', keysOf(stdout));
  },
}));

const columns: Readonly<Record<string, (site: Site) => readonly string[]>> = {
  list: () => ['list'],
  'list --quiet': () => ['list', '--quiet'],
  'list -q': () => ['list', '-q'],
  ps: (site) => ['ps', site.id],
  'ps -ef': (site) => ['ps', site.id, '-ef'],
  'ps -o pid,comm': (site) => ['ps', site.id, '-o', 'pid,comm'],
  'ps -o comm': (site) => ['ps', site.id, '-o', 'comm'],
  'ps --format table': (site) => ['ps', '--format', 'table', site.id],
  'ps --format no': (site) => ['ps', '--format', 'no', site.id],
};

const columnCases = Object.entries(columns).map(([name, make]): PeerCase => ({
  name: `cli/what ${name} shows`,
  act: async (site) => {
    await up(site);
    const { stdout } = await site.call(make(site));
    const [head = '', ...rest] = stdout.trim().split('\n');
    site.facts.set('shown head', head.trim().split(/\s+/).join(' '));
    site.facts.set('shown rows', String(rest.length));
  },
}));

const texts: Readonly<Record<string, (text: string) => string>> = {
  empty: () => '',
  'no JSON': () => 'x',
  'an array': () => '[]',
  null: () => 'null',
  '{}': () => '{}',
  'a byte order mark': (text) => `\ufeff${text}`,
  'text after it': (text) => `${text} x`,
  'a second object after it': (text) => `${text}{}`,
  'a comment': (text) => `// x\n${text}`,
  'a comma too many': (text) => text.replace(/}\s*$/, ',}'),
  'a key twice': (text) => text.replace(/}\s*$/, ',"hostname":"a","hostname":"b"}'),
  'keys in another case': (text) => text.replace('"hostname"', '"Hostname"').replace('"cwd"', '"CWD"'),
  'a whole number with .0': (text) => text.replace('"uid": 0', '"uid": 0.0'),
  'a whole number with an exponent': (text) => text.replace('"uid": 0', '"uid": 0e0'),
};

const textCases = Object.entries(texts).map(([name, change]): PeerCase => ({
  name: `cli/config.json: ${name}`,
  act: async (site) => {
    site.writeConfig(change(JSON.stringify(site.config, null, 1)));
    await site.run();
  },
}));

/** What is removed before `delete`. */
const removed: Readonly<Record<string, (site: Site) => void>> = {
  'the bundle': (site) => rmSync(site.path('bundle/config.json')),
  'the state': (site) => rmSync(site.path('state', site.id), { recursive: true }),
};

const removedCases = Object.entries(removed).map(([name, remove]): PeerCase => ({
  name: `cli/delete without ${name}`,
  act: async (site) => {
    site.config.process.args = ['true'];
    site.writeConfig();
    await site.create();
    await site.verb('start');
    await site.ended();
    remove(site);
    await site.verb('state');
    await site.verb('delete');
  },
}));

export const cli: Table = [
  ...idCases,
  ...wordCases,
  ...globalCases,
  ...runCases,
  ...noBundle,
  ...shownCases,
  ...columnCases,
  ...textCases,
  ...removedCases,
];
