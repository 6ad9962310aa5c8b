import t from 'tap';
import { applyInstructions } from './instructions.js';

void t.test('instructions change the config as docker’s do', (t) => {
  const cases: readonly (readonly [line: string, config: object])[] = [
    ['CMD ["a", "b c"]', { Cmd: ['a', 'b c'] }],
    ['cmd a b', { Cmd: ['/bin/sh', '-c', 'a b'] }],
    ['ENTRYPOINT ["/x"]', { Entrypoint: ['/x'] }],
    ['ENV A=b C="d e" F=g\\ h', { Env: ['A=b', 'C=d e', 'F=g h'] }],
    ['ENV A b c', { Env: ['A=b c'] }],
    ['EXPOSE 80 53/udp', { ExposedPorts: { '80/tcp': {}, '53/udp': {} } }],
    ['LABEL a=b "c d"=e', { Labels: { a: 'b', 'c d': 'e' } }],
    ['STOPSIGNAL SIGUSR1', { StopSignal: 'SIGUSR1' }],
    ['USER 1:2', { User: '1:2' }],
    ['VOLUME /a /b', { Volumes: { '/a': {}, '/b': {} } }],
    ['VOLUME ["/a b"]', { Volumes: { '/a b': {} } }],
    ['WORKDIR /a', { WorkingDir: '/a' }],
    ['ONBUILD RUN x', { OnBuild: ['RUN x'] }],
  ];
  for (const [line, config] of cases) t.same(applyInstructions({}, [line]), config, line);
  t.same(applyInstructions({ Env: ['A=1', 'B=2'] }, ['ENV A=3']), { Env: ['B=2', 'A=3'] });
  t.same(applyInstructions({ WorkingDir: '/a' }, ['WORKDIR b']), { WorkingDir: '/a/b' });
  t.end();
});

void t.test('others are refused', (t) => {
  t.throws(() => applyInstructions({}, ['FROM x']), /FROM is not a valid change command/);
  t.throws(() => applyInstructions({}, ['']), /not a valid change command/);
  t.throws(() => applyInstructions({}, ['CMD ["a"']), /not a JSON list/);
  t.end();
});
