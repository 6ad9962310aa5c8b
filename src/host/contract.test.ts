// The Host that C++ offers is the one that TypeScript declares: names, arguments, and null for absent values.
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import ts from 'typescript';
import type { Host } from './host.js';

const root = new URL('../../../../', import.meta.url);
const host = createRequire(import.meta.url)('../../../../dist/pocker.node') as Host;
const folder = new URL('src/host/calls/', root);
const interfaces = readdirSync(folder)
  .map((file) => ts.createSourceFile(file, readFileSync(new URL(file, folder), 'utf8'), ts.ScriptTarget.Latest, true))
  .flatMap(({ statements }) => statements.filter((one) => ts.isInterfaceDeclaration(one)))
  .filter(({ name }) => name.text.endsWith('Host'));
const methods = interfaces.flatMap(({ members }) => members.filter((one) => ts.isMethodSignature(one)));

/** Some value of that type: the call never gets further than its arguments. */
function example(type: string): unknown {
  if (type === 'string' || type === 'MessageName') return 'x';
  if (type === 'number') return 0;
  if (type === 'boolean') return false;
  if (type === 'Uint8Array') return new Uint8Array();
  return type.endsWith('[]') ? [] : null;
}

/** A value of no type that a method takes. */
const wrong = new Float64Array(1);

function failureOf(name: string, args: readonly unknown[]): unknown {
  try {
    (host as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[name]!(...args);
    return 'none';
  } catch (caught) {
    return caught;
  }
}

void t.test('every method is there, and there is no other', (t) => {
  const there = Object.entries(host).filter(([, value]) => typeof value === 'function');
  t.same(there.map(([name]) => name).sort(), methods.map((method) => method.name.getText()).sort());
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

void t.test('and so are numbers that are none of the kind, and fields of objects', (t) => {
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
