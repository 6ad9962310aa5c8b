// Installs what is missing to build and test: Debian packages with apt-get, npm packages with npm ci. Fast if nothing is missing.
//   node scripts/setup.mjs
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './packages.mjs';
import { fail, find, output, root, run } from './run.mjs';

const packages = [
  { name: 'g++', programs: ['g++'] },
  { name: 'cmake', programs: ['cmake'] },
  { name: 'ninja-build', programs: ['ninja'] },
  { name: 'pkg-config', programs: ['pkg-config'] },
  { name: 'flatbuffers-compiler', programs: ['flatc'] },
  {
    name: 'libflatbuffers-dev',
    files: ['/usr/include/flatbuffers/flatbuffers.h', '/usr/local/include/flatbuffers/flatbuffers.h'],
  },
  { name: 'libseccomp-dev', files: ['/usr/include/seccomp.h', '/usr/local/include/seccomp.h'] },
  { name: 'libsystemd-dev', files: ['/usr/include/systemd/sd-bus.h', '/usr/local/include/systemd/sd-bus.h'] },
  { name: 'musl-tools', programs: ['musl-gcc'] },
  { name: 'busybox-static', files: ['/bin/busybox', '/usr/bin/busybox'] },
  { name: 'clang-format', programs: ['clang-format'] },
  // The conformance cases are compared with it.
  { name: 'runc', programs: ['runc'] },
];

function installModules() {
  const lock = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  process.stdout.write('installing npm packages\n');
  run('npm', ['ci', '--no-audit', '--no-fund']);
}

/** What the set-up cannot install, and what is skipped without it. */
function tellOptional() {
  if (
    find('cargo') === undefined &&
    !existsSync(join(process.env['HOME'] ?? '', '.cargo/bin/cargo')) &&
    output('pkg-config', ['--exists', 'quickjs-ng']) === null
  ) {
    process.stdout.write(
      'no Rust toolchain: only the Node host is built. For the standalone executable install Rust (https://rustup.rs) and try again.\n',
    );
  }
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Node.js ${process.versions.node} is too old: 20.19 or later is needed.`);
installPackages(packages);
installModules();
tellOptional();
