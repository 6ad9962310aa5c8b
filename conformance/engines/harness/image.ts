// The image that every engine runs: busybox, as a tar file of its root filesystem or as an OCI image.
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { makeRootfs } from '../../harness/rootfs.js';
import { describe } from './engine.js';
import type { Site } from './site.js';

export const imageName = 'localhost/busybox:test';

/** A pod's sandbox gets no program other than the image's. */
const config = ['--config.cmd', 'sleep', '--config.cmd', '1000000', '--config.env', 'PATH=/bin'];

async function must(site: Site, program: string, ...args: string[]): Promise<void> {
  const result = await site.command(program, args);
  if (result.code !== 0) throw new Error(`${program} ${args.join(' ')}: ${describe(result)}`);
}

/** A busybox root filesystem; returns its directory. */
export function busyboxRootfs(site: Site): string {
  const rootfs = site.path('rootfs');
  copyFileSync('/bin/busybox', site.path('busybox'));
  chmodSync(site.path('busybox'), 0o755);
  makeRootfs(rootfs, site.path('busybox'));
  writeFileSync(site.path('rootfs/etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000::/tmp:/bin/sh\n');
  writeFileSync(site.path('rootfs/etc/group'), 'root:x:0:\nguest:x:1000:\n');
  return rootfs;
}

/** The root filesystem as a tar file, for `docker import`. */
export async function rootfsTar(site: Site): Promise<string> {
  const tar = site.path('rootfs.tar');
  await must(site, 'tar', '-C', busyboxRootfs(site), '-cf', tar, '.');
  return tar;
}

/** The image as a tar file in OCI layout, for `ctr image import`; made by umoci. */
export async function imageTar(site: Site): Promise<string> {
  const rootfs = busyboxRootfs(site);
  const layout = site.path('image');
  await must(site, 'umoci', 'init', '--layout', layout);
  await must(site, 'umoci', 'new', '--image', `${layout}:test`);
  await must(site, 'umoci', 'insert', '--image', `${layout}:test`, rootfs, '/');
  await must(site, 'umoci', 'config', '--image', `${layout}:test`, ...config);
  await must(site, 'tar', '-C', layout, '-cf', site.path('image.tar'), '.');
  return site.path('image.tar');
}
