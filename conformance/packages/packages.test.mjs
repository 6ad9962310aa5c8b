// The Debian package and the npm package: installed in an empty place, used, and removed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { find, root } from '../../scripts/run.mjs';

t.setTimeout(300_000);

function call(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd: root, encoding: 'utf8', ...options });
  return { code: status, stdout, stderr: error === undefined ? stderr : error.message };
}

function scratch(t) {
  const directory = mkdtempSync(join(tmpdir(), 'packages-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Everything installed below a directory, as relative paths. */
const files = (directory) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));

t.test('the Debian package', { skip: process.getuid() === 0 ? false : 'dpkg installs as root only' }, (t) => {
  const directory = scratch(t);
  const built = call('node', ['scripts/release/package-deb.mjs', directory]);
  t.equal(built.code, 0, 'is built', built);
  const deb = built.stdout.trim().split('\n').at(-1);

  if (find('lintian') === undefined) t.skip('lintian is not installed');
  else {
    const { stdout } = call('lintian', ['--allow-root', deb]);
    t.same(
      stdout.split('\n').filter((line) => /^[EW]:/.test(line)),
      [],
      'lintian has nothing to say',
    );
  }

  const system = join(directory, 'system');
  mkdirSync(join(system, 'var/lib/dpkg/info'), { recursive: true });
  for (const file of ['status', 'available']) writeFileSync(join(system, 'var/lib/dpkg', file), '');
  const dpkg = (...args) => call('dpkg', [`--root=${system}`, '--force-depends', '--log=/dev/null', ...args]);
  t.equal(dpkg('--install', deb).code, 0, 'is installed');
  const installed = files(join(system, 'usr'));
  for (const path of [
    'bin/pocker-runc',
    'bin/pocker-systemd',
    'bin/pocker',
    'share/bash-completion/completions/pocker-runc',
    'share/bash-completion/completions/pocker',
    'share/zsh/vendor-completions/_pocker',
    'share/fish/vendor_completions.d/pocker.fish',
    'share/doc/pocker-runc/copyright',
    'share/man/man1/pocker.1.gz',
    'share/man/man8/pocker-runc.8.gz',
    'share/man/man8/pocker-runc-create.8.gz',
  ])
    t.ok(installed.includes(path), `has ${path}`);
  for (const name of ['pocker-runc', 'pocker'])
    t.match(
      call(join(system, 'usr/bin', name), ['--version']),
      { code: 0, stdout: new RegExp(`^${name} version `) },
      `${name} runs`,
    );
  t.equal(dpkg('--purge', 'pocker-runc').code, 0, 'is removed');
  t.same(
    files(system).filter((path) => !path.startsWith('var/lib/dpkg/')),
    [],
    'and leaves nothing',
  );
  t.end();
});

t.test('the npm package in an empty project', (t) => {
  const directory = scratch(t);
  const packed = call('npm', ['pack', '--silent', '--pack-destination', directory]);
  t.equal(packed.code, 0, 'is packed', packed);
  const project = join(directory, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "name": "user", "type": "module", "private": true }\n');
  const tarball = join(directory, packed.stdout.trim().split('\n').at(-1));
  const npm = call('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: project });
  t.equal(npm.code, 0, 'is installed', npm);
  const version = call(join(project, 'node_modules/.bin/pocker-runc'), ['--version']);
  t.match(version, { code: 0, stdout: /^pocker-runc version / }, 'brings the command', version);
  const engine = call(join(project, 'node_modules/.bin/pocker'), ['--version']);
  t.match(engine, { code: 0, stdout: /^pocker version / }, 'and pocker', engine);
  const notices = join(project, 'node_modules/pocker-runc/dist/THIRD-PARTY-NOTICES');
  for (const name of ['ajv', 'QuickJS-NG', 'libseccomp', 'musl'])
    t.match(readFileSync(notices, 'utf8'), new RegExp(`^={80}\\n${name}\\b`, 'm'), `its notices name ${name}`);
  const program = "import { PockerError } from 'pocker-runc'; console.log(new PockerError('E_USAGE', 'text').code);\n";
  writeFileSync(join(project, 'main.mjs'), program);
  t.match(call('node', ['main.mjs'], { cwd: project }), { code: 0, stdout: 'E_USAGE\n' }, 'is imported');
  const required = "const { Runtime } = require('pocker-runc'); const { sandbox } = require('pocker-runc/sandbox');\n";
  writeFileSync(
    join(project, 'main.cjs'),
    `${required}console.log(typeof sandbox); new Runtime().features().then((one) => console.log(one.ociVersionMin));\n`,
  );
  t.match(
    call('node', ['main.cjs'], { cwd: project }),
    { code: 0, stdout: 'function\n1.0.0\n' },
    'and required, and has its fork server',
  );
  const kept = [
    "const { Sandbox } = require('pocker-runc/sandbox');",
    'Sandbox.create().then(async (one) => {',
    "  console.log((await one.exec({ command: ['echo', 'kept'] })).stdout.trim());",
    '  await one[Symbol.asyncDispose]();',
    '});',
  ];
  writeFileSync(join(project, 'kept.cjs'), kept.join('\n'));
  if (process.getuid() === 0)
    t.match(call('node', ['kept.cjs'], { cwd: project }), { code: 0, stdout: 'kept\n' }, 'and sandboxes work');
  for (const major of [22, 24]) {
    const other = join(directory, `node-${major}`);
    const got = call('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', other, `node@${major}`]);
    if (got.code !== 0) {
      t.skip(`Node ${major} cannot be installed: ${got.stderr.trim().split('\n')[0]}`);
      continue;
    }
    const node = join(other, 'node_modules/node/bin/node');
    t.match(call(node, ['--version']), { stdout: new RegExp(`^v${major}\\.`) });
    t.match(call(node, ['main.mjs'], { cwd: project }), { code: 0, stdout: 'E_USAGE\n' }, `imported by Node ${major}`);
    t.match(call(node, ['main.cjs'], { cwd: project }), { code: 0, stdout: 'function\n1.0.0\n' }, `required by Node ${major}`);
  }
  const typed = [
    "import { Runtime, type Spec } from 'pocker-runc';",
    "import { sandbox, type SandboxResult } from 'pocker-runc/sandbox';",
    "const config: Spec = { ociVersion: '1.2.0', root: { path: '/rootfs' } };",
    "export const code: Promise<number | null> = new Runtime().run('id', { config, stdout: 'pipe' }).then((one) => one.code);",
    "export const result: Promise<SandboxResult> = sandbox({ command: ['true'], memory: '1m' });",
    '// @ts-expect-error: no such value',
    "export const wrong = new Runtime().create('id', { config, stdout: 'pip' });",
  ];
  writeFileSync(join(project, 'main.ts'), `${program}${typed.join('\n')}\n`);
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--typeRoots',
    join(root, 'node_modules/@types'),
    '--types',
    'node',
  ];
  const compiled = call(join(root, 'node_modules/.bin/tsc'), [...flags, 'main.ts'], { cwd: project });
  t.equal(compiled.code, 0, 'and its types are found', compiled);
  t.end();
});
