// The Debian package: executables, man pages, completions, notices.
//   node scripts/release/package-deb.mjs [DIRECTORY]      after a build; prints the package's path
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeManPages } from './man.mjs';
import { notices } from './notices.mjs';
import { fail, output, root, run } from '../run.mjs';

const name = 'pocker-runc';
const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const maintainer = `${name} maintainers <${process.env['DEBEMAIL'] ?? `${name}@users.noreply.github.com`}>`;

const directory = resolve(process.argv[2] ?? join(root, 'build/release'));
const tree = join(root, 'build/deb');

/** Adds a file to the package. Directories are 0755 whatever the umask. */
function put(path, content, mode = 0o644) {
  const target = join(tree, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  chmodSync(target, mode);
}

function putProgram(program) {
  const built = join(root, 'dist', program);
  if (!existsSync(built)) fail(`dist/${program} is missing: npm run build`);
  put(`usr/bin/${program}`, '', 0o755);
  copyFileSync(built, join(tree, 'usr/bin', program));
  chmodSync(join(tree, 'usr/bin', program), 0o755);
}

const compressed = (text) => gzipSync(text, { level: 9 });

function putCompletions(program) {
  const completions = {
    bash: `bash-completion/completions/${program}`,
    zsh: `zsh/vendor-completions/_${program}`,
    fish: `fish/vendor_completions.d/${program}.fish`,
  };
  for (const [shell, path] of Object.entries(completions)) {
    const script = output(join(root, 'dist', program), ['completion', shell]) ?? fail(`${program}: no completion for ${shell}`);
    put(`usr/share/${path}`, `${script}\n`);
  }
}

async function putDocuments() {
  const pages = join(root, 'build/man');
  rmSync(pages, { recursive: true, force: true });
  for (const page of await writeManPages(pages)) put(`usr/share/man/${page}.gz`, compressed(readFileSync(join(pages, page))));
  [name, 'pocker'].forEach(putCompletions);
  const date = output('git', ['log', '-1', '--format=%cD']) ?? new Date().toUTCString().replace('GMT', '+0000');
  put(
    `usr/share/doc/${name}/changelog.gz`,
    compressed(`${name} (${version}) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n -- ${maintainer}  ${date}\n`),
  );
  put(`usr/share/doc/${name}/CHANGELOG.md.gz`, compressed(readFileSync(join(root, 'CHANGELOG.md'))));
  put(`usr/share/doc/${name}/copyright`, `${copyright}\n${await notices()}`);
}

const copyright = `${name} is licensed under the Apache License, version 2.0: /usr/share/common-licenses/Apache-2.0.
`;

const overrides = `# One file that runs on every distribution, and starts without a dynamic linker.
${name}: statically-linked-binary [usr/bin/${name}]
${name}: statically-linked-binary [usr/bin/pocker]
`;

// The linked libraries are those of the build system.
function dependencies() {
  const libraries = (output('dpkg-query', ['-W', '-f', '\${Version}', 'libsystemd0']) ?? '0').replace(/[-~+].*/, '');
  return `libc6 (>= 2.36), libsystemd0 (>= ${libraries})`;
}

function control(architecture) {
  const programs = [name, 'pocker'].map((program) => statSync(join(root, 'dist', program)).size);
  const kilobytes = Math.ceil((programs.reduce((sum, size) => sum + size, 0) + 500_000) / 1024);
  return `Package: ${name}
Version: ${version}
Section: admin
Priority: optional
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kilobytes}
Depends: ${dependencies()}
Recommends: uidmap
Suggests: aardvark-dns, conmon, criu, iptables, skopeo, slirp4netns
Description: ${description.replace(/^An? /, '')}
 A low-level container runtime and drop-in for runc: it creates, starts and
 deletes containers from OCI bundles, for containerd, Docker, Podman and
 Kubernetes, or by hand.
 .
 With it comes pocker, a small engine with docker's commands.
`;
}

rmSync(tree, { recursive: true, force: true });
process.umask(0o022);
putProgram(name);
putProgram('pocker');
putProgram('pocker-systemd');
await putDocuments();
put(`usr/share/lintian/overrides/${name}`, overrides);
const architecture = output('dpkg', ['--print-architecture']) ?? fail('dpkg is missing');
put('DEBIAN/control', control(architecture));
mkdirSync(directory, { recursive: true });
const file = join(directory, `${name}_${version}_${architecture}.deb`);
run('dpkg-deb', ['--root-owner-group', '--build', tree, file], { stdio: ['ignore', 'ignore', 'inherit'] });
process.stdout.write(`${file}\n`);
