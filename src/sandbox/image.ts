// A root filesystem from an OCI image layout, which umoci unpacks: once for each image and program.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { geteuid } from 'node:process';
import { promisify } from 'node:util';
import { usage } from '../api/options.js';
import { PockerError } from '../errors.js';

const reference = 'org.opencontainers.image.ref.name';

export interface Image {
  readonly layout: string;
  /** undefined: its only one. */
  readonly tag: string | undefined;
}

const isLayout = (directory: string): boolean => existsSync(join(directory, 'oci-layout'));

/** "DIRECTORY" or "DIRECTORY:TAG" of an image layout; null: a root filesystem. */
export function imageOf(rootfs: string): Image | null {
  if (isLayout(rootfs)) return { layout: resolve(rootfs), tag: undefined };
  const [, layout, tag] = /^(.+):([^:/]+)$/.exec(rootfs) ?? [];
  return layout !== undefined && isLayout(layout) ? { layout: resolve(layout), tag } : null;
}

async function tagsOf(layout: string): Promise<string[]> {
  const text = await readFile(join(layout, 'index.json'), 'utf8');
  const { manifests = [] } = JSON.parse(text) as { manifests?: { annotations?: Record<string, string> }[] };
  return manifests.map(({ annotations }) => annotations?.[reference]).filter((tag) => tag !== undefined);
}

/** Unpacks it below `directory`, which is new, and returns its root filesystem. */
export async function unpack({ layout, tag }: Image, directory: string): Promise<string> {
  const tags = await tagsOf(layout);
  const [chosen = ''] = tag === undefined ? tags : tags.filter((one) => one === tag);
  if (chosen === '' || (tag === undefined && tags.length > 1))
    throw usage(`rootfs: ${layout}: which image? Expected one of ${tags.map((one) => `${layout}:${one}`).join(', ')}`);
  const bundle = join(directory, 'bundle');
  const asUser = geteuid?.() === 0 ? [] : ['--rootless'];
  try {
    await promisify(execFile)('umoci', ['unpack', ...asUser, '--image', `${layout}:${chosen}`, bundle]);
  } catch (cause) {
    const { code, stderr = '' } = cause as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT')
      throw new PockerError('E_UNSUPPORTED', 'rootfs: umoci is needed to unpack an image', { hint: 'Install umoci', cause });
    throw new PockerError('E_BUNDLE', `umoci cannot unpack ${layout}:${chosen}: ${stderr.trim()}`, { path: layout, cause });
  }
  return join(bundle, 'rootfs');
}
