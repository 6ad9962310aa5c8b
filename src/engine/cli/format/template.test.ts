import t from 'tap';
import { template } from './template.js';

const data = {
  ID: 'abc',
  Names: 'web',
  Id: 'abcdef',
  State: { Status: 'running', Running: true, ExitCode: 0, Health: null },
  Config: { Env: ['A=1', 'B=2'], Labels: { app: 'x', 'com.example/y': 'z' }, Cmd: null },
  NetworkSettings: { Networks: { bridge: { IPAddress: '10.0.0.2' }, back: { IPAddress: '10.1.0.2' } }, Ports: {} },
  Mounts: [{ Source: '/a' }, { Source: '/b' }],
  Label: (name: unknown) => (name === 'app' ? 'x' : ''),
};

t.test('what Go prints for these', (t) => {
  const cases: Readonly<Record<string, string>> = {
    '{{.ID}}': 'abc',
    '{{ .State.Status }}|{{.State.ExitCode}}': 'running|0',
    '{{json .Mounts}}': '[{"Source":"/a"},{"Source":"/b"}]',
    '{{.State.Health}}': '<nil>',
    '{{.Config.Env}} {{.Config.Labels}}': '[A=1 B=2] map[app:x com.example/y:z]',
    '{{range .Mounts}}{{.Source}};{{end}}': '/a;/b;',
    '{{range $i, $m := .Mounts}}{{$i}}={{$m.Source}} {{$.ID}} {{end}}': '0=/a abc 1=/b abc ',
    '{{range $name, $net := .NetworkSettings.Networks}}{{$name}}:{{$net.IPAddress}} {{end}}': 'back:10.1.0.2 bridge:10.0.0.2 ',
    '{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}': '10.1.0.2\n10.0.0.2\n',
    '{{range .NetworkSettings.Ports}}x{{else}}none{{end}}': 'none',
    '{{if .State.Running}}up{{else}}down{{end}}': 'up',
    '{{if eq .State.Status "exited"}}a{{else if eq .State.Status "created" "running"}}b{{else}}c{{end}}': 'b',
    '{{if and .State.Running (not .State.Health)}}no health{{end}}': 'no health',
    '{{or .Config.Cmd .ID}}': 'abc',
    '{{.Config.Labels.toString}}|{{index .Config.Labels "toString"}}': '<no value>|<no value>',
    '{{with .State}}{{.Status}}{{end}}{{with .Config.Cmd}}x{{else}}none{{end}}': 'runningnone',
    '{{index .Config.Labels "com.example/y"}}': 'z',
    '{{index .Config.Env 1}} {{(index .Mounts 0).Source}}': 'B=2 /a',
    '{{index .Config.Labels "nothing"}}|{{.Config.Labels.nothing}}': '<no value>|<no value>',
    '{{join .Config.Env ","}} {{upper .ID}} {{.ID | upper | lower | title}} {{len .Mounts}}': 'A=1,B=2 ABC Abc 2',
    '{{range split "a:b" ":"}}<{{.}}>{{end}}': '<a><b>',
    '{{printf "%-5s|%5s|%03d|%q|%.2f|%v|%%" .ID .ID 7 .ID 1.5 .Config.Env}}': 'abc  |  abc|007|"abc"|1.50|[A=1 B=2]|%',
    '{{.Label "app"}}{{.Label "other"}}': 'x',
    '{{$x := .ID}}{{$x}}{{$x = "y"}}{{$x}}': 'abcy',
    'a {{- " b " -}} c': 'a b c',
    '{{/* nothing */}}x{{`raw "}}`}}': 'xraw "}}',
    '{{slice .Id 0 3}} {{truncate .Id 2}} {{pad .ID 1 2}}.': 'abc ab  abc  .',
    '{{range .Mounts}}{{if eq .Source "/b"}}{{continue}}{{end}}{{.Source}}{{end}}': '/a',
    '{{lt 1 2}}{{ge "b" "a"}} {{print 1 2 "x"}}': 'truetrue 1 2x',
  };
  for (const [source, text] of Object.entries(cases)) t.equal(template(source)(data), text, source);
  t.end();
});

t.test('what Go refuses', (t) => {
  const cases: Readonly<Record<string, RegExp>> = {
    '{{.ID': /unclosed action/,
    '{{if .ID}}x': /unexpected EOF/,
    '{{end}}': /unexpected \{\{end\}\}/,
    '{{.Nope}}': /map has no entry for key "Nope"/,
    '{{.constructor}}': /map has no entry for key "constructor"/,
    '{{.State.Nope}}': /map has no entry for key "Nope"/,
    '{{.ID.Nope}}': /can't evaluate field Nope/,
    '{{nope .ID}}': /function "nope" not defined/,
    '{{$x}}': /undefined variable "\$x"/,
    '{{index .Mounts 9}}': /out of range/,
    '{{.ID | }}': /missing value for command/,
    '{{}}': /missing value for command/,
    '{{"a}}': /unexpected/,
    '{{.ID ! }}': /unexpected "!"/,
    '{{len 3}}': /len of type number/,
    '{{lt 1 "a"}}': /incompatible types/,
  };
  for (const [source, message] of Object.entries(cases)) t.throws(() => template(source)(data), { message }, source);
  t.end();
});
