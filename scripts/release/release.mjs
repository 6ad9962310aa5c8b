// Everything that a release attaches, in build/release/: executables, packages, notices, bill of materials, checksums.
//   node scripts/release/release.mjs
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { notices } from './notices.mjs';
import { fail, find, output, root, run } from '../run.mjs';

const directory = join(root, 'build/release');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** CycloneDX, made by npm, plus the libraries that are linked in. */
function billOfMaterials() {
  const bill = JSON.parse(
    output('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'optional'], { maxBuffer: 1 << 26 }) ??
      fail('npm sbom failed'),
  );
  const debian = [
    'libseccomp-dev',
    'libflatbuffers-dev',
    find('musl-gcc') === undefined ? 'libc6-dev' : 'musl-dev',
    'libstdc++-12-dev',
    'libsystemd-dev',
  ];
  for (const name of debian) {
    const installed = output('dpkg-query', ['-W', '-f', '${Version}', name]);
    if (installed === null) continue;
    bill.components.push({
      type: 'library',
      name,
      version: installed,
      purl: `pkg:deb/debian/${name}@${encodeURIComponent(installed)}`,
    });
  }
  const crates = readFileSync(join(root, 'addon/quickjs/source/Cargo.lock'), 'utf8');
  const [, quickjs] = /name = "rquickjs-sys"\nversion = "([^"]+)"/.exec(crates) ?? [];
  bill.components.push({ type: 'library', name: 'rquickjs-sys', version: quickjs, purl: `pkg:cargo/rquickjs-sys@${quickjs}` });
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** This version's section of CHANGELOG.md. */
function releaseNotes() {
  const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  const section = text.split(/^## /m).find((one) => one.startsWith(`[${version}]`));
  if (section === undefined) fail(`CHANGELOG.md has no section [${version}]`);
  return section.slice(section.indexOf('\n') + 1).trim();
}

run('npm', ['run', 'build']);
rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const architecture = process.arch === 'x64' ? 'x86_64' : process.arch;
for (const name of ['pocker-runc', 'pocker', 'pocker-systemd'])
  copyFileSync(join(root, 'dist', name), join(directory, `${name}-${architecture}`));
run('node', ['scripts/release/package-deb.mjs', directory]);
run('npm', ['pack', '--pack-destination', directory]);
writeFileSync(join(directory, 'THIRD-PARTY-NOTICES'), await notices());
writeFileSync(join(directory, 'pocker-runc.cdx.json'), billOfMaterials());
const sums = readdirSync(directory)
  .sort()
  .map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(directory, name)))
        .digest('hex')}  ${name}\n`,
  );
writeFileSync(join(directory, 'SHA256SUMS'), sums.join(''));
writeFileSync(join(root, 'build/release-notes.md'), `${releaseNotes()}\n`);
process.stdout.write(`${sums.join('')}`);
