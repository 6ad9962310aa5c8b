import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { parseJson } from '../json/json.js';
import { PockerError } from '../errors.js';
import { validate } from './validate.js';

const corpus = new URL('../../../../src/spec/testdata/config/', import.meta.url);

function validateText(text: string) {
  return validate(parseJson('config.json', text));
}

function complaint(text: string): string {
  try {
    validateText(text);
    return 'none';
  } catch (error) {
    if (!(error instanceof PockerError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

/** A config with one more field, given as JSON text. */
function withField(field: string): string {
  return `{"ociVersion": "1.3.0", ${field}}`;
}

t.test('the official corpus', (tt) => {
  for (const name of readdirSync(new URL('good/', corpus))) {
    tt.equal(complaint(readFileSync(new URL(`good/${name}`, corpus), 'utf8')), 'none', `good/${name}`);
  }
  for (const name of readdirSync(new URL('bad/', corpus))) {
    // Another platform's section: an unknown property to a Linux runtime.
    if (name.startsWith('freebsd-')) continue;
    tt.match(complaint(readFileSync(new URL(`bad/${name}`, corpus), 'utf8')), /^E_CONFIG_(JSON|SCHEMA) /, `bad/${name}`);
  }
  tt.end();
});

t.test('one violation, one line: what, where, found, allowed', (tt) => {
  const table: readonly (readonly [field: string, expected: RegExp])[] = [
    [
      '"process": {"args": ["sh"]}',
      /^E_CONFIG_SCHEMA config\.json: \/process\/cwd \(line 1, column 36\): is missing, but required$/,
    ],
    ['"hostname": 5', /\/hostname \(line 1, column 37\): found the number 5, expected a string$/],
    ['"mounts": {}', /\/mounts .*: found an object, expected an array$/],
    ['"root": {"path": "r", "readonly": "yes"}', /\/root\/readonly .*: found the string "yes", expected true or false$/],
    [
      '"linux": {"namespaces": [{"type": "uts2"}]}',
      /\/linux\/namespaces\/0\/type .*: found the string "uts2", allowed: "mount", "pid", .*"time"$/,
    ],
    ['"process": {"cwd": "/", "user": {"uid": -1}}', /\/process\/user\/uid .*: found the number -1, allowed: at least 0$/],
    ['"process": {"cwd": "/", "user": {"uid": 4294967296}}', /found the number 4294967296, allowed: at most 4294967295$/],
    ['"process": {"cwd": "/", "user": {"uid": 1.5}}', /found the number 1.5, expected an integer$/],
    [
      '"process": {"cwd": "/", "rlimits": [{"type": "NOFILE", "soft": 1, "hard": 1}]}',
      /found the string "NOFILE", expected a name like "RLIMIT_NOFILE"$/,
    ],
    ['"linux": {"resources": {"hugepageLimits": [{"limit": 1, "pageSize": "64kB"}]}}', /pageSize .*"64kB", expected a size like/],
    [
      '"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [], "action": "SCMP_ACT_LOG"}]}}',
      /found an empty array, expected at least 1 item$/,
    ],
  ];
  for (const [field, expected] of table) tt.match(complaint(withField(field)), expected, field);
  tt.end();
});

t.test('all violations at once, each once', (tt) => {
  const text = '{\n "process": {"cwd": 1,\n  "env": [2, "A=b", 3]},\n "linux": {"namespaces": [{"type": "x"}]}\n}';
  tt.equal(
    complaint(text),
    [
      'E_CONFIG_SCHEMA config.json: /ociVersion (line 1, column 1): is missing, but required (1 of 5)',
      '  /process/cwd (line 2, column 21): found the number 1, expected a string',
      '  /process/env/0 (line 3, column 11): found the number 2, expected a string',
      '  /process/env/2 (line 3, column 21): found the number 3, expected a string',
      '  /linux/namespaces/0/type (line 4, column 36): found the string "x", allowed: "mount", "pid", "network", "uts", "ipc", "user", "cgroup", "time"',
    ].join('\n'),
  );
  const many = complaint(withField(`"mounts": [${'1,'.repeat(5000)}1]`));
  tt.match(many, /\(1 of 5001\)/);
  tt.equal(many.split('\n').length, 101);
  tt.match(many, /and 4901 more$/);
  tt.end();
});

t.test('ignores unknown properties', (tt) => {
  tt.equal(
    complaint(withField('"x-vendor": {"a": [1]}, "windows": 5, "linux": {"new": 99999999999999999999999, "namespaces": []}')),
    'none',
  );
  tt.equal(complaint(withField('"annotations": {"org.example.a": "1"}')), 'none');
  tt.end();
});

t.test('accepts what engines write outside the schema', (tt) => {
  for (const value of ['rslave', 'rshared', 'rprivate', 'runbindable'])
    tt.equal(complaint(withField(`"linux": {"rootfsPropagation": "${value}"}`)), 'none');
  tt.match(complaint(withField('"linux": {"rootfsPropagation": "rfoo"}')), /allowed: "private"/);
  tt.end();
});

t.test('64-bit integers survive exactly', (tt) => {
  const rlimit = '{"type": "RLIMIT_CORE", "soft": 18446744073709551615, "hard": 18446744073709551614}';
  const argument = '{"index": 0, "value": 9007199254740993, "op": "SCMP_CMP_EQ"}';
  const text = withField(`"process": {"cwd": "/", "rlimits": [${rlimit}]},
    "annotations": {"note": "a:18446744073709551615, 18446744073709551615"},
    "x": 18446744073709551615,
    "linux": {"resources": {"memory": {"limit": 9223372036854771712, "reservation": -9007199254740993, "swap": 9007199254740991}},
      "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [${argument}]}]}}`);
  const spec = validateText(text);
  tt.equal(spec.process?.rlimits?.[0]?.soft, 18446744073709551615n);
  tt.equal(spec.process?.rlimits?.[0]?.hard, 18446744073709551614n);
  tt.equal(spec.linux?.resources?.memory?.limit, 9223372036854771712n);
  tt.equal(spec.linux?.resources?.memory?.reservation, -9007199254740993n);
  tt.equal(spec.linux?.resources?.memory?.swap, 9007199254740991, 'what fits a double stays a number');
  tt.equal(spec.linux?.seccomp?.syscalls?.[0]?.args?.[0]?.value, 9007199254740993n);
  tt.equal(spec.annotations?.['note'], 'a:18446744073709551615, 18446744073709551615');
  tt.equal((spec as Record<string, unknown>)['x'], 18446744073709551615n, 'an unknown property, too');
  tt.end();
});

t.test('integers beyond their type are refused', (tt) => {
  const memory = (value: string) => complaint(withField(`"linux": {"resources": {"memory": {"limit": ${value}}}}`));
  const soft = (value: string) =>
    complaint(withField(`"process": {"cwd": "/", "rlimits": [{"type": "RLIMIT_CORE", "soft": ${value}, "hard": 1}]}`));
  tt.equal(memory('9223372036854775807'), 'none');
  tt.equal(memory('-9223372036854775808'), 'none');
  tt.match(
    memory('9223372036854775808'),
    /\/linux\/resources\/memory\/limit .*: found the number 9223372036854775808, allowed: -9223372036854775808 to 9223372036854775807 \(int64\)$/,
  );
  tt.match(memory('-9223372036854775809'), /\(int64\)$/);
  tt.equal(soft('18446744073709551615'), 'none');
  tt.match(soft('18446744073709551616'), /found the number 18446744073709551616, allowed: 0 to 18446744073709551615 \(uint64\)$/);
  tt.match(soft('1' + '0'.repeat(5000)), /found the number 10+…, allowed/);
  tt.match(
    soft('-18446744073709551615'),
    /found the number -18446744073709551615, allowed: 0 to 18446744073709551615 \(uint64\)$/,
  );
  tt.match(soft('18446744073709551615.0'), /all its digits written out/);
  tt.match(soft('1.8446744073709552e19'), /all its digits written out/);
  tt.match(soft('1.5'), /found the number 1\.5, expected an integer$/);
  tt.match(soft('"1"'), /found the string "1", expected an integer$/);
  tt.equal(soft('1e0'), 'none');
  tt.match(
    complaint(withField('"process": {"cwd": "/", "user": {"uid": 99999999999999999999}}')),
    /found the number 99999999999999999999, too large for this field$/,
  );
  tt.end();
});

t.test('property: every uint64 and int64 survives unchanged', (tt) => {
  const uint64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
  const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
  fc.assert(
    fc.property(uint64, int64, int64, (soft, limit, swap) => {
      const rlimits = `[{"type": "RLIMIT_CORE","soft":${soft},"hard":\n${soft}}]`;
      const spec = validateText(
        withField(
          `"process":{"cwd":"/","rlimits":${rlimits}},"linux":{"resources":{"memory":{"limit":${limit},"swap":${swap}}}}`,
        ),
      );
      tt.equal(BigInt(spec.process!.rlimits![0]!.soft), soft);
      tt.equal(BigInt(spec.process!.rlimits![0]!.hard), soft);
      tt.equal(BigInt(spec.linux!.resources!.memory!.limit!), limit);
      tt.equal(BigInt(spec.linux!.resources!.memory!.swap!), swap);
    }),
    { numRuns: 200 },
  );
  tt.end();
});

t.test('a property replaced by another one with its name leaves no trace', (tt) => {
  const memory = '"memory": {"limit": 9223372036854775807, "limit": 5, "swap": 1, "swap": 9223372036854775806}';
  const spec = validateText(withField(`"linux": {"resources": {${memory}}}`));
  tt.equal(spec.linux?.resources?.memory?.limit, 5);
  tt.equal(spec.linux?.resources?.memory?.swap, 9223372036854775806n);
  tt.end();
});
