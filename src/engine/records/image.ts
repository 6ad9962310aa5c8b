// Images: what is stored of them, in OCI's and docker's words.
import type { Healthcheck } from './container.js';

/** Defaults for its containers, with docker's names. */
export interface ImageConfig {
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>> | null;
  readonly Volumes?: Readonly<Record<string, object>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly StopSignal?: string;
  readonly Healthcheck?: Partial<Healthcheck> | null;
  readonly OnBuild?: readonly string[] | null;
  readonly Shell?: readonly string[] | null;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** OCI's image config, the file whose digest is the image's id. */
export interface ConfigFile {
  readonly created?: string;
  readonly author?: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly os: string;
  readonly config?: ImageConfig | null;
  readonly rootfs: { readonly type: string; readonly diff_ids: readonly string[] };
  readonly history?: readonly HistoryEntry[] | null;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly architecture: string; readonly os: string; readonly variant?: string };
}

export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** A list of manifests, and the store's index.json. */
export interface Index {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly manifests: readonly Descriptor[];
}

/** Kept next to the blobs, so that manifest and config need not be read. */
export interface ImageRecord {
  readonly version: 1;
  /** "sha256:…", the digest of its config. */
  readonly id: string;
  /** "sha256:…" */
  readonly manifest: string;
  readonly created: string;
  readonly author: string;
  readonly comment: string;
  readonly architecture: string;
  readonly variant: string;
  readonly os: string;
  readonly config: ImageConfig;
  /** Digests of the layers' tar files, lowest first: each is unpacked in the directory of that name. */
  readonly diffIds: readonly string[];
  /** Bytes of all its files; and per layer. */
  readonly size: number;
  readonly layerSizes: readonly number[];
  readonly history: readonly HistoryEntry[];
}

export interface Image extends ImageRecord {
  /** As docker shows them: "busybox:latest"; none for a dangling image. */
  readonly names: readonly string[];
  /** Where it was pulled from or pushed to: "busybox@sha256:…". */
  readonly digests: readonly string[];
}

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;
