import t from 'tap';
import { fromHost, PockerError } from './errors.js';
import type { Host } from './host/host.js';
import { Log, toPockerError, type LogOptions } from './log.js';

/** A host that remembers what is written. */
function recorder(options: LogOptions) {
  const written = { file: '', stderr: '' };
  const host = {
    now: () => Date.UTC(2026, 0, 31, 12),
    append: (_path: string, text: string) => (written.file += text),
    write: (_fd: number, text: string) => (written.stderr += text),
  } as unknown as Host;
  return { log: new Log(host, options), written };
}

const error = new PockerError('E_MOUNT', 'error mounting "a\nb"', {
  operation: 'move_mount',
  errno: 2,
  pointer: '/mounts/3',
  hint: 'look',
});

t.test('an error as a JSON record, and for people', (t) => {
  const { log, written } = recorder({ file: '/log', format: 'json', level: 'info' });
  log.error(error);
  t.equal(written.file.split('\n').length, 2, 'one line');
  t.same(JSON.parse(written.file), {
    level: 'error',
    msg: 'error mounting "a\nb"',
    time: '2026-01-31T12:00:00.000Z',
    code: 'E_MOUNT',
    operation: 'move_mount',
    errno: 'ENOENT',
    pointer: '/mounts/3',
    hint: 'look',
  });
  t.equal(written.stderr, 'pocker-runc: error mounting "a\\nb"\n  hint: look\n');
  t.end();
});

t.test('an error as a line of text', (t) => {
  const { log, written } = recorder({ file: '/log', format: 'text', level: 'info' });
  log.error(new PockerError('E_STATE', 'container not running'));
  t.equal(written.file, 'time="2026-01-31T12:00:00.000Z" level=error msg="container not running" code=E_STATE\n');
  t.end();
});

t.test('foreign text can neither end a line nor steer a terminal', (t) => {
  const forged = 'hook: x\n\u001b[2Klevel=error msg=forged\u009b';
  const { log, written } = recorder({ file: '/log', format: 'text', level: 'info' });
  log.error(new PockerError('E_HOOK', forged, { path: forged, hint: 'a\nb' }));
  const shown = 'hook: x\\n\\u001b[2Klevel=error msg=forged\\u009b';
  t.equal(written.stderr, `pocker-runc: ${shown}\n  hint: a\\nb\n`);
  t.equal(written.file.split('\n').length, 2, 'one record');
  t.notMatch(written.file, /[^ -~\n]/);
  const loud = recorder({ format: 'text', level: 'debug' });
  loud.log.warn(forged, { pointer: forged });
  t.equal(loud.written.stderr, `pocker-runc: warning: ${shown} (pointer="${shown}")\n`);
  t.end();
});

t.test('a config has a line for each violation', (t) => {
  const { log, written } = recorder({ format: 'text', level: 'info' });
  log.error(new PockerError('E_CONFIG_RULE', 'config.json: /a: one\n  /b: two'));
  t.equal(written.stderr, 'pocker-runc: config.json: /a: one\n  /b: two\n');
  t.end();
});

t.test('levels', (t) => {
  const { log, written } = recorder({ file: '/log', format: 'json', level: 'info' });
  log.debug('not this');
  log.warn('this', { pointer: '/x' });
  t.match(JSON.parse(written.file), { level: 'warning', msg: 'this', pointer: '/x' });
  t.equal(written.stderr, '', 'warnings go to the log');
  const loud = recorder({ format: 'text', level: 'debug' });
  loud.log.debug('detail');
  loud.log.warn('careful', { pointer: '/x' });
  t.equal(loud.written.stderr, 'pocker-runc: debug: detail\npocker-runc: warning: careful (pointer=/x)\n');
  t.end();
});

t.test('a log that cannot be written hides nothing', (t) => {
  let stderr = '';
  const host = {
    now: () => 0,
    append: () => {
      throw { operation: 'write', errno: 28, path: '/log' };
    },
    write: (_fd: number, text: string) => (stderr += text),
  } as unknown as Host;
  const log = new Log(host, { file: '/log', format: 'json', level: 'info' });
  log.error(error);
  t.match(stderr, /cannot write the log: .*no space left on device/);
  t.match(stderr, /error mounting/);
  t.throws(() => log.open(), { code: 'E_USAGE', message: /"\/log": no space left/ });
  t.end();
});

t.test('whatever is thrown becomes an error with a code', (t) => {
  t.equal(toPockerError(error), error);
  t.match(toPockerError({ operation: 'open', errno: 13, path: '/x' }), { code: 'E_HOST', message: 'open /x: permission denied' });
  t.match(toPockerError(new TypeError('oops')), { code: 'E_INTERNAL', message: /oops/, details: { hint: /bug/ } });
  t.match(fromHost('E_MOUNT', 'cannot', { operation: 'mount', errno: 1 }), { message: 'cannot: mount: operation not permitted' });
  t.end();
});
