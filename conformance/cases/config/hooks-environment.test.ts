// What each kind of hook finds around it: most of it is not in the specification, but what runc has always done.
import { existsSync, readFileSync } from 'node:fs';
import { succeeded, type Tap, test } from '../../harness/case.js';
import type { Config, Hook, HookKind } from '../../harness/config.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

type Environment = 'caller' | 'process' | 'none';

interface Row {
  /** For a hook without env, and for one with an empty one. */
  readonly without: Environment;
  readonly empty: Environment;
  readonly cwd: 'bundle' | 'rootfs' | 'process' | 'any';
  /** As confined as the program: user, seccomp, no_new_privs, bounding set, umask. */
  readonly confined: boolean;
  readonly status: RegExp;
}

// runtime.md: "created" after step 2 of the lifecycle, and hooks are the next steps; the OCI validation suite requires it. runc
// says "creating".
const beforeStart = runtime.isOurs ? /^created$/ : /^creat(ed|ing)$/;

const outside = { without: 'caller', empty: 'none', confined: false } as const;
const table: Record<HookKind, Row> = {
  prestart: { ...outside, cwd: 'bundle', status: beforeStart },
  createRuntime: { ...outside, cwd: 'bundle', status: beforeStart },
  createContainer: { without: 'none', empty: 'none', cwd: 'rootfs', confined: false, status: beforeStart },
  startContainer: { without: 'process', empty: 'process', cwd: 'process', confined: true, status: /^created$/ },
  // runc runs poststart hooks in create, and poststop hooks where delete was called.
  poststart: { ...outside, cwd: runtime.isOurs ? 'bundle' : 'any', status: runtime.isOurs ? /^running$/ : /^(created|running)$/ },
  poststop: { ...outside, cwd: runtime.isOurs ? 'bundle' : 'any', status: /^stopped$/ },
};
const kinds = Object.keys(table) as HookKind[];

/** Environments by their names in the table. */
const environments: Record<Environment, readonly string[]> = {
  caller: ['CALLER=1', 'PATH=/usr/bin:/bin'],
  process: ['HOME=/', 'OF=process', 'PATH=/bin'],
  none: [],
};

/** Writes what it finds to `file`, one section after another. `proc`: a procfs of its own pid namespace. */
const look = (file: string, proc: string): string =>
  [
    'exec > "$0"',
    'echo "cwd $(pwd)"',
    `while read -r name value; do case $name in Uid:|Seccomp:|NoNewPrivs:|CapBnd:|Umask:) echo "$name $value"; esac; done < ${proc}/self/status`,
    // Shells set these themselves, and tap sets its own.
    `cat ${proc}/self/environ | tr '\\n\\0' ' \\n' | grep -vE '^(PWD|OLDPWD|SHLVL|_|_TAPJS_.*)=' | sed 's/^/env /'`,
    `for fd in ${proc}/self/fd/*; do echo "fd \${fd##*/}"; done`,
    'echo "state $(cat)"',
  ]
    .join('; ')
    .replace('"$0"', file);

const confinement = { 'Seccomp:': '2', 'NoNewPrivs:': '1', 'CapBnd:': '0000000000000020', 'Umask:': '0027' };

function judge(t: Tap, container: Container, kind: HookKind, name: 'without' | 'empty' | 'own', path: string): void {
  const row = table[kind];
  if (!t.ok(existsSync(path), `${kind}.${name} ran`)) return;
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const values = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const wanted = name === 'own' ? ['A=1', 'PATH=/bin'] : environments[row[name]];
  t.same(values('env').sort(), [...wanted].sort(), `${kind}: environment (${name})`);
  const places = { bundle: container.bundle, rootfs: container.rootfs, process: '/tmp', any: values('cwd')[0] };
  t.equal(values('cwd')[0], places[row.cwd], `${kind}: working directory`);
  for (const [word, value] of Object.entries(confinement)) {
    if (row.confined) t.same(values(word), [value], `${kind}: ${word}`);
    else t.not(values(word)[0], value, `${kind}: ${word}`);
  }
  t.match(values('Uid:')[0], row.confined ? /^1000\b/ : /^0\b/, `${kind}: user`);
  const state = JSON.parse(values('state')[0] ?? '{}') as { status?: string };
  t.match(state.status, row.status, `${kind}: status`);
  // Except what the shell opens for itself: runc's are inherited.
  if (runtime.isOurs)
    t.ok(
      values('fd').every((fd) => Number(fd) <= 3 || Number(fd) >= 10),
      `${kind}: descriptors`,
      { fds: values('fd') },
    );
}

test(
  'cwd, environment, confinement, state and descriptors of all six kinds',
  async (t, box) => {
    const container = box.container((config: Config) => {
      config.process.args = ['/bin/sh', '-c', 'echo here > /tmp/ran; exec sleep 60'];
      config.process.user = { uid: 1000, gid: 1000, umask: 0o27 };
      config.process.cwd = '/tmp';
      config.process.env = ['PATH=/bin', 'OF=process'];
      config.process.noNewPrivileges = true;
      config.process.capabilities = { bounding: ['CAP_KILL'], permitted: ['CAP_KILL'], effective: ['CAP_KILL'] };
      config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['reboot'], action: 'SCMP_ACT_ERRNO' }] };
      config.mounts.push({ destination: box.path('seen'), type: 'bind', source: box.path('seen'), options: ['bind'] });
    });
    await box.command('mkdir', ['-m', '777', box.path('seen')]);
    const hookOf = (kind: HookKind, name: string, env: readonly string[] | undefined): Hook => {
      const proc = kind === 'createContainer' ? `${container.rootfs}/proc` : '/proc';
      const hook: Hook = { path: '/bin/sh', args: ['sh', '-c', look(box.path('seen', `${kind}.${name}`), proc)] };
      return env === undefined ? hook : { ...hook, env: [...env] };
    };
    container.config.hooks = Object.fromEntries(
      kinds.map((kind) => [
        kind,
        [hookOf(kind, 'without', undefined), hookOf(kind, 'empty', []), hookOf(kind, 'own', ['A=1', 'PATH=/bin'])],
      ]),
    );
    container.writeConfig();
    const env = { PATH: '/usr/bin:/bin', CALLER: '1' };
    succeeded(t, await container.create({ env }));
    succeeded(t, await container.start({ env }));
    await container.waitForFile('tmp/ran');
    succeeded(t, await container.delete({ env, flags: ['--force'] }));
    for (const kind of kinds) {
      for (const name of ['without', 'empty', 'own'] as const)
        judge(t, container, kind, name, box.path('seen', `${kind}.${name}`));
    }
  },
  {
    knownDifferences: {
      crun: 'differs from runc in most of it',
      'runc 1.1': 'treats null and empty environments of hooks in the container differently',
    },
  },
);

test(
  'run.oci.hooks.stdout and run.oci.hooks.stderr: files that all hooks append to',
  async (t, box) => {
    const [out, err] = [box.path('out'), box.path('err')];
    const container = box.container((config) => {
      config.annotations = { 'run.oci.hooks.stdout': out, 'run.oci.hooks.stderr': err };
      config.hooks = Object.fromEntries(
        kinds.map((kind) => [
          kind,
          [{ path: '/bin/sh', args: ['sh', '-c', `echo out ${kind}; echo err ${kind} >&2`], env: ['PATH=/bin'] }],
        ]),
      );
    });
    succeeded(t, await container.create());
    succeeded(t, await container.start());
    await container.waitFor('stopped');
    succeeded(t, await container.delete());
    const lines = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n').sort();
    t.same(lines(out), kinds.map((kind) => `out ${kind}`).sort());
    t.same(lines(err), kinds.map((kind) => `err ${kind}`).sort());
  },
  { knownDifferences: { runc: 'does not know the annotations' } },
);

test('a startContainer hook runs under a filter that refuses what starting it needs', async (t, box) => {
  const container = box.container((config) => {
    const names = ['clone3', 'memfd_create', 'waitid', 'ppoll', 'close_range', 'setsid', 'pread64'];
    config.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names, action: 'SCMP_ACT_ERRNO' }] };
    config.process.noNewPrivileges = true;
    config.process.args = ['/bin/sh', '-c', 'echo program >> /ran'];
    config.hooks = { startContainer: [{ path: '/bin/sh', args: ['sh', '-c', 'echo hook >> /ran'] }] };
  });
  succeeded(t, await container.create());
  succeeded(t, await container.start());
  await container.waitFor('stopped');
  t.equal(container.read('ran'), 'hook\nprogram\n');
});
