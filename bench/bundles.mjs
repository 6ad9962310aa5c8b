// The bundles to measure: busybox, with the configs of configs/ (configs/SOURCE.md says where they come from).
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const configs = fileURLToPath(new URL('configs/', import.meta.url));

/** Their names. */
export const configNames = readdirSync(configs)
  .filter((name) => name.endsWith('.json'))
  .map((name) => basename(name, '.json'))
  .sort();

function makeRoot(rootfs) {
  for (const folder of ['bin', 'dev', 'proc', 'sys', 'etc']) mkdirSync(join(rootfs, folder), { recursive: true });
  copyFileSync(existsSync('/bin/busybox') ? '/bin/busybox' : '/usr/bin/busybox', join(rootfs, 'bin/busybox'));
  for (const applet of ['true', 'sleep']) symlinkSync('busybox', join(rootfs, 'bin', applet));
}

/** Makes a bundle below `directory` with the config of that name, as changed by `change`, and the program `args`; returns its path. */
export function makeBundle(directory, name, args, { suffix = '', change = () => undefined } = {}) {
  const bundle = join(directory, `${name}-${args[0]}${suffix}`);
  makeRoot(join(bundle, 'rootfs'));
  mkdirSync(join(bundle, 'files'));
  const config = JSON.parse(readFileSync(join(configs, `${name}.json`), 'utf8'));
  // The oldest peers refuse a newer version.
  config.ociVersion = '1.0.2';
  config.process = { ...config.process, terminal: false, args };
  for (const mount of config.mounts.filter(({ source }) => source?.startsWith('files/'))) {
    mount.source = join(bundle, mount.source);
    writeFileSync(mount.source, '');
  }
  change(config);
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  return bundle;
}
