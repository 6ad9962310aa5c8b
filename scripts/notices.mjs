// THIRD-PARTY-NOTICES: whose code the executables and the npm package contain, and under which terms.
//   node scripts/notices.mjs FILE
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { find, output, root } from './run.mjs';

/** npm packages with code in the bundles, according to esbuild. */
async function bundledPackages() {
  const { metafile } = await build({
    entryPoints: ['src/entry.quickjs.ts', 'src/entry.node.ts', 'src/api.ts'],
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
    plugins: [
      { name: 'web', setup: (builder) => builder.onResolve({ filter: /^https:/ }, () => ({ path: 'web', external: true })) },
    ],
  });
  const names = Object.keys(metafile.inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  // What yargs's build for browsers refers to by URL (scripts/bundle.mjs).
  return [...new Set([...names, 'cliui', 'yargs-parser'])].sort();
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

/** The whole text. */
export async function notices() {
  const all = [
    ...(await bundledPackages()).map(npmNotice),
    quickjsNotice(),
    debianNotice('FlatBuffers (headers)', 'libflatbuffers-dev', 'Apache-2.0'),
    debianNotice('libseccomp', 'libseccomp-dev', 'LGPL-2.1', relink),
    debianNotice(
      'GNU C Library',
      'libc6-dev',
      'LGPL-2.1-or-later',
      relink.replaceAll('libseccomp', 'glibc').replace('glibc.a', 'libc.a'),
    ),
    debianNotice('GCC runtime libraries', 'libstdc++-12-dev', 'GPL-3.0-or-later WITH GCC-exception-3.1'),
    { name: 'OCI runtime-spec schemas', licence: 'Apache-2.0', text: 'See schema/oci/SOURCE.' },
  ];
  const line = '='.repeat(80);
  return `pocker-runc contains code of these projects.\n\n${all.map(({ name, licence, text }) => `${line}\n${name}\n${licence}\n${line}\n\n${text}\n`).join('\n')}`;
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(process.argv[2] ?? join(root, 'dist/THIRD-PARTY-NOTICES'), await notices());
