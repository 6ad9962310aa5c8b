// Where the validation suite's sources, binaries and logs are in this repository.
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** This folder, which contains go.mod, expected.json and peers.json. */
export const suiteFolder = path.dirname(fileURLToPath(import.meta.url));
export const repository = path.resolve(suiteFolder, '..', '..');
export const buildFolder = path.join(repository, 'build', 'conformance', 'runtime-tools');
export const binFolder = path.join(buildFolder, 'bin');
export const logFolder = path.join(buildFolder, 'logs');
/** The root filesystem that every program unpacks; Go's names of architectures. */
export const rootfsName = `rootfs-${{ x64: 'amd64', ia32: '386' }[process.arch] ?? process.arch}.tar.gz`;
