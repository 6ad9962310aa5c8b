import t from 'tap';
import { parseMount, parseTmpfs, parseVolume } from './parse.js';

t.test('--volume', (t) => {
  t.same(parseVolume('/a/../b:/c/:ro'), { Type: 'bind', Source: '/b', Destination: '/c', RW: false, Options: [] });
  t.same(parseVolume('./x:/c:rslave', '/home/u'), {
    Type: 'bind',
    Source: '/home/u/x',
    Destination: '/c',
    RW: true,
    Options: ['rslave'],
  });
  t.same(parseVolume('data:/c:nocopy,z'), {
    Type: 'volume',
    Name: 'data',
    Source: '',
    Destination: '/c',
    RW: true,
    Options: ['nocopy'],
  });
  t.match(parseVolume('/c'), { Type: 'volume', Name: '', Anonymous: true, Destination: '/c' });
  const rows: readonly (readonly [string, RegExp])[] = [
    ['a:b:c:d', /^invalid volume specification: 'a:b:c:d'$/],
    [':/c', /^invalid volume specification: ':\/c'$/],
    ['data:c', /invalid mount path: 'c' mount path must be absolute$/],
    ['data:/', /destination can't be '\/'$/],
    ['a/b:/c', /^create a\/b: "a\/b" includes invalid characters for a local volume name/],
    ['data:/c:rx', /invalid mode: rx$/],
    ['data:/c:ro,rw', /invalid mode: ro,rw$/],
  ];
  for (const [word, message] of rows) t.throws(() => parseVolume(word), { message }, word);
  t.end();
});

t.test('--mount', (t) => {
  t.match(parseMount('type=bind,src=/a,dst=/b,readonly'), { Type: 'bind', Source: '/a', Destination: '/b', RW: false });
  t.match(parseMount('type=bind,source=/a,target=/b,bind-propagation=rshared').Options, ['rshared', 'existing']);
  t.match(parseMount('source=data,target=/b,ro=false,volume-nocopy'), {
    Type: 'volume',
    Name: 'data',
    RW: true,
    Options: ['nocopy'],
  });
  t.match(parseMount('type=bind,"src=/a,""b",dst=/c'), { Source: '/a,"b', Destination: '/c' });
  t.match(parseMount('target=/b'), { Type: 'volume', Anonymous: true });
  t.same(parseMount('type=tmpfs,target=/b,tmpfs-size=64m,tmpfs-mode=700').Options, ['size=64m', 'mode=700']);
  const rows: readonly (readonly [string, RegExp])[] = [
    ['type=bind,source=/a', /"--mount" flag: target is required$/],
    ['type=bind,target=/b', /"--mount" flag: source is required$/],
    ['type=x,target=/b', /type 'x' is not bind, volume or tmpfs$/],
    ['nonsense,target=/b', /invalid field 'nonsense' must be a key=value pair$/],
    ['a=b,target=/b', /unexpected key 'a' in 'a=b'$/],
    ['target=/b,readonly=maybe', /invalid value for readonly: maybe$/],
  ];
  for (const [word, message] of rows) t.throws(() => parseMount(word), { message }, word);
  t.end();
});

t.test('--tmpfs', (t) => {
  t.same(parseTmpfs('/t:size=1m,ro'), {
    Type: 'tmpfs',
    Source: '',
    Destination: '/t',
    RW: false,
    Options: ['nosuid', 'nodev', 'noexec', 'size=1m'],
  });
  t.same(parseTmpfs('/t:exec').Options, ['nosuid', 'nodev']);
  t.end();
});
