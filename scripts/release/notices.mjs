// THIRD-PARTY-NOTICES: the third-party code in the executables and the npm package, with its terms.
//   node scripts/release/notices.mjs FILE
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { find, output, root } from '../run.mjs';

/** npm packages with code in the bundles, according to esbuild. */
async function bundledPackages() {
  const { metafile } = await build({
    entryPoints: ['src/entry.quickjs.ts', 'src/entry.pocker.ts', 'src/entry.node.ts', 'src/api.ts', 'src/sandbox.ts'],
    absWorkingDir: root,
    bundle: true,
    metafile: true,
    write: false,
    outdir: 'build/notices',
    splitting: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    mainFields: ['module', 'main'],
  });
  const names = Object.keys(metafile.inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

function licenceText(directory) {
  const name = readdirSync(directory).find((file) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(file));
  return name === undefined ? '' : readFileSync(join(directory, name), 'utf8').trim();
}

function npmNotice(name) {
  const directory = join(root, 'node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return { name: `${name} ${version}`, licence: license, text: licenceText(directory) };
}

/** Debian keeps each package's terms in one place. */
function debianNotice(name, debianPackage, licence, note = '') {
  const file = `/usr/share/doc/${debianPackage}/copyright`;
  const version = output('dpkg-query', ['-W', '-f', '${Version}', debianPackage]) ?? 'of this system';
  return { name: `${name} ${version}`, licence, text: `${note}${existsSync(file) ? readFileSync(file, 'utf8').trim() : ''}` };
}

const relink = `libseccomp is linked into the static executable. Section 6 of the LGPL asks that you can replace it by a version of yours: the
complete source and the build of pocker-runc are public under the Apache License; install your libseccomp.a and run \`npm run build\`.

`;

/** Its sources come in a crate (cmake/quickjs.cmake). */
function quickjsNotice() {
  const cargo = find('cargo') ?? join(process.env['HOME'] ?? '', '.cargo/bin/cargo');
  const manifest = join(root, 'addon/quickjs/source/Cargo.toml');
  const metadata = output(cargo, ['metadata', '--locked', '--format-version', '1', '--manifest-path', manifest], {
    maxBuffer: 1 << 26,
  });
  const crate = metadata === null ? undefined : JSON.parse(metadata).packages.find(({ name }) => name === 'rquickjs-sys');
  const text = crate === undefined ? '' : licenceText(join(dirname(crate.manifest_path), 'quickjs'));
  return { name: 'QuickJS-NG', licence: 'MIT', text };
}

/** The static executables contain musl; without it (cmake/musl.cmake), the compiler's own C library. */
function cLibrary() {
  if (find('musl-gcc') !== undefined) return debianNotice('musl', 'musl-dev', 'MIT');
  const note = relink.replaceAll('libseccomp', 'glibc').replace('glibc.a', 'libc.a');
  return debianNotice('GNU C Library', 'libc6-dev', 'LGPL-2.1-or-later', note);
}

/** The validators in the bundles are made of its templates. */
const generators = ['ajv'];

/** The whole text. */
export async function notices() {
  const all = [
    ...[...new Set([...generators, ...(await bundledPackages())])].map(npmNotice),
    quickjsNotice(),
    debianNotice('FlatBuffers (headers)', 'libflatbuffers-dev', 'Apache-2.0'),
    debianNotice('libseccomp', 'libseccomp-dev', 'LGPL-2.1', relink),
    cLibrary(),
    debianNotice('GCC runtime libraries', 'libstdc++-12-dev', 'GPL-3.0-or-later WITH GCC-exception-3.1'),
    { name: 'OCI runtime-spec schemas', licence: 'Apache-2.0', text: 'See schema/oci/SOURCE.' },
  ];
  const line = '='.repeat(80);
  return `pocker-runc contains code of these projects.\n\n${all.map(({ name, licence, text }) => `${line}\n${name}\n${licence}\n${line}\n\n${text}\n`).join('\n')}`;
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(process.argv[2] ?? join(root, 'dist/THIRD-PARTY-NOTICES'), await notices());
