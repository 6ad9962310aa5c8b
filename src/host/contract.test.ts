// C++ offers the Host that TypeScript declares: names, arguments, and null for absent values.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import ts from 'typescript';
import type { Host } from './host.js';

const root = new URL('../../../../', import.meta.url);
const addon = fileURLToPath(new URL('dist/pocker.node', root));
const host = createRequire(import.meta.url)(addon) as Host;
const folder = new URL('src/host/calls/', root);
const interfaces = readdirSync(folder)
  .sort()
  .map((file) => ts.createSourceFile(file, readFileSync(new URL(file, folder), 'utf8'), ts.ScriptTarget.Latest, true))
  .flatMap(({ statements }) => statements.filter((one) => ts.isInterfaceDeclaration(one)))
  .filter(({ name }) => name.text.endsWith('Host'));
const methods = interfaces.flatMap(({ members }) => members.filter((one) => ts.isMethodSignature(one)));

/** A value of that type: the call fails while checking its arguments. */
function example(type: string): unknown {
  if (type === 'string' || type === 'MessageName') return 'x';
  if (type === 'number') return 0;
  if (type === 'boolean') return false;
  if (type === 'Uint8Array') return new Uint8Array();
  return type.endsWith('[]') ? [] : null;
}

/** A value of a type that no method takes. */
const wrong = new Float64Array(1);

function failureOf(name: string, args: readonly unknown[]): unknown {
  try {
    (host as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[name]!(...args);
    return 'none';
  } catch (caught) {
    return caught;
  }
}

void t.test('every method is there, in the order of the interfaces, and there is no other', (t) => {
  const there = Object.entries(host).filter(([, value]) => typeof value === 'function');
  t.same(
    there.map(([name]) => name),
    methods.map((method) => method.name.getText()),
  );
  t.end();
});

void t.test('no result is undefined', (t) => {
  for (const method of methods) t.notMatch(method.type?.getText() ?? '', 'undefined', method.name.getText());
  t.equal(host.env('POCKER_NEVER_SET'), null);
  t.equal(host.lstat('/no/such/file'), null);
  t.equal(host.readCache('/no/such/directory', 'key'), null);
  t.same(host.resolveSyscalls(0, ['no_such_call']), [null]);
  const own = host.pidfdOpen(process.pid);
  t.equal(host.reap(own), null);
  host.close(own);
  t.end();
});

void t.test('a text is UTF-8 from its beginning to its end', (t) => {
  const path = `${t.testdir()}/text`;
  const EILSEQ = 84;
  for (const before of Array.from({ length: 18 }, (_, length) => 'a'.repeat(length)))
    for (const after of ['', 'b', 'c'.repeat(8)]) {
      writeFileSync(path, `${before}é${after}`);
      t.equal(host.readText(path, 100), `${before}é${after}`);
      writeFileSync(path, Buffer.from(`${before}\xff${after}`, 'latin1'));
      t.match(failureOf('readText', [path, 100]), { operation: 'read', errno: EILSEQ });
    }
  t.end();
});

void t.test('text is UTF-8: nothing overlong, no surrogates, nothing beyond U+10FFFF', (t) => {
  const read = (hex: string): unknown => {
    const path = `${t.testdir({ text: Buffer.from(hex, 'hex') })}/text`;
    return failureOf('readText', [path, 100]);
  };
  for (const hex of ['7f', 'c280', 'dfbf', 'e0a080', 'ed9fbf', 'f0908080', 'f48fbfbf']) t.equal(read(hex), 'none', hex);
  for (const hex of ['80', 'c3', 'c080', 'c1bf', 'e09fbf', 'eda080', 'f08fbfbf', 'f4908080', 'f5808080'])
    t.match(read(hex), { errno: 84 }, hex);
  t.end();
});

void t.test('a directory is removed whatever its entries are called', (t) => {
  const names = {
    '.removed.0': { sub: { file: '' }, '.removed.0': { file: '' } },
    '.removed.1': 'a file',
    '.removed.2': { '.removed.1': { file: '' } },
  };
  const path = t.testdir({ names });
  host.removeDirectory(`${path}/names`);
  t.same(readdirSync(path), []);
  t.end();
});

void t.test('what is in the place of a directory is removed, and no symlink is followed', (t) => {
  const path = t.testdir({
    kept: { file: '' },
    file: '',
    link: t.fixture('symlink', 'kept'),
    dangling: t.fixture('symlink', 'none'),
  });
  for (const name of ['file', 'link', 'dangling', 'missing']) host.removeDirectory(`${path}/${name}`);
  t.same(readdirSync(path), ['kept']);
  t.same(readdirSync(`${path}/kept`), ['file']);
  t.match(failureOf('removeDirectory', [`${path}/kept/file/below`]), { errno: 20 });
  t.end();
});

t.test('names and file systems are synced', (t) => {
  const path = t.testdir({ file: '' });
  for (const call of ['fsync', 'syncfs'] as const) {
    host[call](path);
    t.match(failureOf(call, [`${path}/file`]), { operation: 'open', errno: 20 });
    t.match(failureOf(call, [`${path}/none`]), { operation: 'open', errno: 2 });
  }
  t.end();
});

/** Runs calls of the Host in a process that may not write more than 1,024 bytes into any file; what they print. */
function withSmallFiles(script: string): string {
  const whole = `const host = require(${JSON.stringify(addon)});\n${script}`;
  const limited = 'trap "" XFSZ; ulimit -f 2; exec "$@"';
  return spawnSync('/bin/sh', ['-c', limited, 'sh', process.execPath, '-e', whole], { encoding: 'utf8' }).stdout;
}

t.test('a write that takes only the beginning is an error, and its rest is not lost', (t) => {
  const path = `${t.testdir({ file: '' })}/file`;
  const [E2BIG, EFBIG] = [7, 27];
  const tryIt = (call: string): unknown =>
    JSON.parse(
      withSmallFiles(`try { host.${call}; console.log('"none"'); } catch (caught) { console.log(JSON.stringify(caught)); }`),
    );
  const long = `'x'.repeat(2000)`;
  t.match(tryIt(`writeControl('${path}', ${long})`), { operation: 'write', errno: E2BIG, path });
  t.equal(tryIt(`writeControl('${path}', 'short')`), 'none');
  for (const call of [
    `overwrite('${path}', ${long}, 384)`,
    `writeNew('${path}.new', ${long}, 384)`,
    `append('${path}', ${long})`,
  ])
    t.match(tryIt(call), { operation: 'write', errno: EFBIG }, call);
  const program = `{ path: '/bin/true', args: ['true'], env: null, stdin: ${long}, timeoutMs: 0 }`;
  t.match(tryIt(`runProgram(${program})`), { operation: 'write', errno: EFBIG, path: 'stdin' }, 'what a hook is told');
  t.end();
});

t.test('what fails is named, not what was tried before', { skip: process.getuid?.() !== 0 && 'needs root' }, (t) => {
  const directory = t.testdir({ tree: { deep: { below: { file: '' } } }, file: '' });
  const EPERM = 1;
  const fixed = `${directory}/tree/deep/below`;
  if (spawnSync('chattr', ['+i', fixed]).status !== 0) return void t.end();
  t.match(failureOf('removeDirectory', [`${directory}/tree`]), {
    operation: 'renameat',
    errno: EPERM,
    path: `${directory}/tree/deep`,
  });
  spawnSync('chattr', ['-i', fixed]);
  t.match(failureOf('mkdir', [`${directory}/file/a/b`, 0o700, true]), { operation: 'mkdir', path: `${directory}/file/a` });
  t.match(failureOf('copyTree', [`${directory}/none`, `${directory}/to`, false]), { operation: 'open', path: 'none' });
  t.end();
});

t.test('a program that shares our standard input has it', (t) => {
  const program = { path: '/bin/readlink', args: ['readlink', '/proc/self/fd/0'], env: null, stdin: '', timeoutMs: 0 };
  t.equal(host.runProgram({ ...program, sharesStdin: true }).output.trim(), readlinkSync('/proc/self/fd/0'));
  t.match(host.runProgram(program).output, 'stdin', 'the text for it otherwise');
  t.end();
});

void t.test('a program that takes our place keeps our standard streams', (t) => {
  const script = `require(${JSON.stringify(addon)}).execute('/bin/cat', ['cat', '-', '/no/such/file'], [])`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { input: 'said', encoding: 'utf8' });
  t.equal(stdout, 'said');
  t.match(stderr, '/no/such/file');
  t.end();
});

void t.test('an argument of another type is EINVAL, by its name', (t) => {
  for (const method of methods) {
    const name = method.name.getText();
    const types = method.parameters.map((parameter) => parameter.type?.getText() ?? '');
    // The first wrong argument is reported, so each field of our own objects is tried by itself.
    const first = types.findIndex(
      (type) => !/^(string|number|boolean|Uint8Array|MessageName|readonly (string|number)\[\])$/.test(type),
    );
    method.parameters.forEach((parameter, index) => {
      if (first >= 0 && index > first) return;
      const args = types.map((type, at) => (at === index ? wrong : example(type)));
      t.match(failureOf(name, args), { operation: name, errno: 22, path: parameter.name.getText() }, `${name} ${index}`);
    });
  }
  t.end();
});

void t.test('so are numbers of another kind, and fields of objects', (t) => {
  const rows: readonly (readonly [path: string, name: keyof Host, ...args: unknown[]])[] = [
    ['fd', 'close', 1.5],
    ['fd', 'close', 2 ** 31],
    ['fd', 'close', NaN],
    ['fd', 'close', '3'],
    ['fd', 'close', null],
    ['fd', 'close'],
    ['ms', 'sleep', Infinity],
    ['mode', 'mkdir', '/no/such/directory', -1, false],
    ['path', 'lstat', '/a\0b'],
    ['names[1]', 'resolveSyscalls', 0, ['read', 3]],
    ['program.env[1]', 'runProgram', { path: '/x', args: [], env: ['A=1', 'B=\0'], stdin: '', timeoutMs: 0 }],
    ['program.timeoutMs', 'runProgram', { path: '/x', args: [], env: [], stdin: '' }],
    [
      'filter.rules[0].args[0].value',
      'compileSeccomp',
      {
        defaultAction: 0,
        architectures: [],
        rules: [{ action: 0, names: [], args: [{ index: 0, op: 1, value: 2n ** 64n, valueTwo: 0n }] }],
      },
    ],
    [
      'launch.affinity[0]',
      'launch',
      { flags: 0, intoCgroup: '', v1Cgroups: [], affinity: [-1n], plan: new Uint8Array(), gate: -1, preserveFds: 0 },
    ],
  ];
  for (const [path, name, ...args] of rows)
    t.match(failureOf(name, args), { operation: name, errno: 22, path }, `${name} ${path}`);
  t.end();
});

void t.test('of what others can replace, only files are opened', (t) => {
  const read = (path: string): unknown => failureOf('readTextInRoot', ['/', path, 100]);
  t.match(read('dev/null'), { operation: 'read', errno: 6 });
  t.match(read('dev'), { operation: 'read', errno: 21 });
  t.match(read('proc/self/exe'), { operation: 'openat2' }, 'nor what a magic link leads to');
  t.match(host.readTextInRoot('/', 'etc/hostname', 1000), /./);
  t.end();
});
