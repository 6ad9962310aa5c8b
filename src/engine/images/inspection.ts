// An image as docker inspect shows it.
import type { Engine } from '../engine.js';
import { layerPath } from '../records/image-store.js';
import type { Image } from '../records/image.js';

export function inspectImage(engine: Engine, image: Image): Readonly<Record<string, unknown>> {
  const { id, names, digests, config, created, author, comment, architecture, variant, os, size, diffIds } = image;
  const [top, ...lower] = diffIds.map((diffId) => layerPath(engine, diffId)).reverse();
  return {
    Id: id,
    RepoTags: names,
    RepoDigests: digests,
    Parent: '',
    Comment: comment,
    Created: created,
    DockerVersion: '',
    Author: author,
    Config: {
      Cmd: null,
      Entrypoint: null,
      Env: null,
      Volumes: null,
      WorkingDir: '',
      User: '',
      OnBuild: null,
      Labels: null,
      ...config,
    },
    Architecture: architecture,
    ...(variant === '' ? {} : { Variant: variant }),
    Os: os,
    Size: size,
    GraphDriver: {
      Data: { UpperDir: top ?? '', ...(lower.length === 0 ? {} : { LowerDir: lower.join(':') }) },
      Name: 'overlay2',
    },
    RootFS: { Type: 'layers', Layers: diffIds },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
  };
}
