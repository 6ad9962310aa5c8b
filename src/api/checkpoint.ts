// Options of checkpoint and restore (criu(8)).
import { resolve } from 'node:path';
import type { CriuFlags, DumpFlags, RestoreFlags } from '../criu/options.js';
import type { CheckpointPaths, Verbs } from '../server/messages.js';
import { check, checkOne, usage } from './options.js';

export interface CriuOptions {
  /** Directory of the images. */
  readonly imagePath: string;
  /** Directory of criu's log; if not given, that of the images. */
  readonly workPath?: string;
  readonly tcpEstablished?: boolean;
  readonly tcpClose?: boolean;
  readonly extUnixSk?: boolean;
  readonly shellJob?: boolean;
  readonly fileLocks?: boolean;
  readonly autoDedup?: boolean;
  readonly lazyPages?: boolean;
  readonly manageCgroupsMode?: 'soft' | 'full' | 'strict' | 'ignore';
  readonly signal?: AbortSignal;
}

export interface CheckpointOptions extends CriuOptions {
  readonly leaveRunning?: boolean;
  /** Store only its memory; it goes on running. */
  readonly preDump?: boolean;
  /** Directory of an earlier preDump, relative to imagePath. */
  readonly parentPath?: string;
  readonly tcpSkipInFlight?: boolean;
  readonly linkRemap?: boolean;
}

export const criuKinds = {
  imagePath: 'string',
  workPath: 'string',
  tcpEstablished: 'boolean',
  tcpClose: 'boolean',
  extUnixSk: 'boolean',
  shellJob: 'boolean',
  fileLocks: 'boolean',
  autoDedup: 'boolean',
  lazyPages: 'boolean',
  manageCgroupsMode: 'string',
  signal: 'AbortSignal',
} as const;

const cgroupModes = ['soft', 'full', 'strict', 'ignore'];

function flagsOf(options: CriuOptions): CriuFlags {
  const mode = options.manageCgroupsMode;
  if (mode !== undefined && !cgroupModes.includes(mode))
    throw usage(`manageCgroupsMode: expected one of ${cgroupModes.join(', ')}`);
  return {
    tcpEstablished: options.tcpEstablished === true,
    tcpClose: options.tcpClose === true,
    extUnixSk: options.extUnixSk === true,
    shellJob: options.shellJob === true,
    fileLocks: options.fileLocks === true,
    autoDedup: options.autoDedup === true,
    lazyPages: options.lazyPages === true,
    cgroupMode: mode ?? '',
    networkLock: null,
  };
}

function pathsOf({ imagePath, workPath, parentPath }: CriuOptions & { readonly parentPath?: string }): CheckpointPaths {
  checkOne('imagePath', imagePath, 'string');
  return {
    imagePath: resolve(imagePath),
    workPath: workPath === undefined ? '' : resolve(workPath),
    parentPath: parentPath ?? null,
  };
}

export function checkpointRequest(options: CheckpointOptions): Omit<Verbs['checkpoint']['takes'], 'id'> {
  const more = {
    leaveRunning: 'boolean',
    preDump: 'boolean',
    parentPath: 'string',
    tcpSkipInFlight: 'boolean',
    linkRemap: 'boolean',
  } as const;
  check('options of checkpoint', options, { ...criuKinds, ...more });
  const flags: DumpFlags = {
    ...flagsOf(options),
    leaveRunning: options.leaveRunning === true,
    preDump: options.preDump === true,
    tcpSkipInFlight: options.tcpSkipInFlight === true,
    linkRemap: options.linkRemap === true,
    pageServer: null,
    parentPath: options.parentPath ?? null,
  };
  return { ...pathsOf(options), flags };
}

export function restoreRequest(options: CriuOptions): CheckpointPaths & { readonly flags: RestoreFlags } {
  return { ...pathsOf(options), flags: { ...flagsOf(options), lsmProfile: null, lsmMountContext: null } };
}
