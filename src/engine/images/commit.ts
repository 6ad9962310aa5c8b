// Makes images from a container's changes or from a tar file.
import { fromHost } from '../../errors.js';
import type { ContainerConfig, ContainerRecord } from '../records/container.js';
import type { Engine } from '../engine.js';
import { engineError } from '../errors.js';
import { packUpper } from '../layers/pack.js';
import { decompressor } from '../layers/unpack.js';
import { runTool } from '../programs.js';
import { addParts, layersOf, stageLayer } from './build.js';
import { ownPlatform, type Platform } from './registry/platform.js';
import { readRecord } from '../records/image-store.js';
import type { ConfigFile, Descriptor, HistoryEntry, ImageConfig, ImageRecord } from '../records/image.js';

export interface Labels {
  /** Canonical names. */
  readonly names: readonly string[];
  readonly author?: string;
  readonly message?: string;
}

function historyEntry(created: string, by: string, { author, message }: Labels): HistoryEntry {
  return {
    created,
    created_by: by,
    ...(author === undefined ? {} : { author }),
    ...(message === undefined ? {} : { comment: message }),
  };
}

/** The new image's defaults: the settings of this container. */
export function configOfContainer(config: ContainerConfig): ImageConfig {
  const { Env, Cmd, Entrypoint, WorkingDir, User, ExposedPorts, Volumes, Labels, StopSignal, Healthcheck } = config;
  return {
    Env,
    Cmd,
    ...(Entrypoint === null || Entrypoint.length === 0 ? {} : { Entrypoint }),
    ...(WorkingDir === '' ? {} : { WorkingDir }),
    ...(User === '' ? {} : { User }),
    ...(Object.keys(ExposedPorts).length === 0 ? {} : { ExposedPorts }),
    ...(Object.keys(Volumes).length === 0 ? {} : { Volumes }),
    ...(Object.keys(Labels).length === 0 ? {} : { Labels }),
    ...(StopSignal === '' ? {} : { StopSignal }),
    ...(Healthcheck === undefined ? {} : { Healthcheck }),
  };
}

/** What the container wrote, as a layer on top of its image. */
export function commitContainer(
  engine: Engine,
  record: ContainerRecord,
  config: ImageConfig,
  labels: Labels,
  staging: string,
): ImageRecord {
  const base = readRecord(engine, record.image);
  if (base === null) throw engineError(`No such image: ${record.image}`, "Pull or load the container's image again");
  const created = new Date(engine.host.now()).toISOString();
  try {
    const digest = packUpper(engine, record.id, staging, `${staging}/layer.tar`);
    const layer = stageLayer(engine, staging, `${staging}/layer.tar`, digest);
    const file: ConfigFile = {
      created,
      ...(labels.author === undefined ? {} : { author: labels.author }),
      architecture: base.architecture,
      ...(base.variant === '' ? {} : { variant: base.variant }),
      os: base.os,
      config,
      rootfs: { type: 'layers', diff_ids: [...base.diffIds, layer.digest] },
      history: [...base.history, historyEntry(created, [record.path, ...record.args].join(' '), labels)],
    };
    return addParts(engine, { staging, config: file, layers: [...layersOf(engine, base), layer], names: labels.names });
  } catch (caught) {
    throw fromHost('E_ENGINE', 'cannot commit', caught);
  }
}

/** The tar file as a layer: uncompressed, so that its digest is that of what is unpacked. */
function plainTar(engine: Engine, file: string, staging: string): Descriptor {
  const { host } = engine;
  const tool = decompressor(engine, file);
  const plain = `${staging}/layer.tar`;
  if (tool !== null) runTool(engine, tool, ['-dc', '--', file], { stdout: plain, endsWithUs: true });
  else if (file.startsWith(`${staging}/`)) host.rename(file, plain);
  else runTool(engine, 'cp', ['--reflink=auto', '--', file, plain], { endsWithUs: true });
  return stageLayer(engine, staging, plain);
}

/** An image with one layer. */
export function importImage(
  engine: Engine,
  file: string,
  options: Labels & { readonly config: ImageConfig; readonly platform?: Platform; readonly source: string },
  staging: string,
): ImageRecord {
  const created = new Date(engine.host.now()).toISOString();
  const layer = plainTar(engine, file, staging);
  const { os, architecture, variant } = options.platform ?? ownPlatform(engine);
  const config: ConfigFile = {
    created,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    os,
    config: options.config,
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
    history: [historyEntry(created, '', { ...options, message: options.message ?? `Imported from ${options.source}` })],
  };
  return addParts(engine, { staging, config, layers: [layer], names: options.names });
}
