// Turns the flags that checkpoint and restore share into what the lifecycle takes.
import type { CriuPaths } from '../../criu/paths.js';
import type { CriuFlags } from '../../criu/options.js';
import { absolute, type Invocation } from '../invocation.js';
import { usageError } from '../parse.js';

export function isOn({ values }: Invocation, name: string): boolean {
  return values[name] === true;
}

/** null if the flag was not given. */
export function textOf({ values }: Invocation, name: string): string | null {
  const value = values[name];
  return value === undefined || value === '' ? null : String(value);
}

export function criuPaths(invocation: Invocation): CriuPaths {
  const workPath = textOf(invocation, 'work-path');
  return {
    imagePath: absolute(invocation.host, textOf(invocation, 'image-path') ?? 'checkpoint'),
    workPath: workPath === null ? '' : absolute(invocation.host, workPath),
    parentPath: textOf(invocation, 'parent-path'),
  };
}

export function criuFlags(invocation: Invocation): CriuFlags {
  const namespaces = [invocation.values['empty-ns'] ?? []].flat().map(String);
  const unknown = namespaces.find((name) => name !== 'network');
  if (unknown !== undefined) throw usageError(`namespace ${JSON.stringify(unknown)} is not supported`, 'Use --empty-ns network');
  return {
    tcpEstablished: isOn(invocation, 'tcp-established'),
    tcpClose: isOn(invocation, 'tcp-close'),
    extUnixSk: isOn(invocation, 'ext-unix-sk'),
    shellJob: isOn(invocation, 'shell-job'),
    fileLocks: isOn(invocation, 'file-locks'),
    autoDedup: isOn(invocation, 'auto-dedup'),
    lazyPages: isOn(invocation, 'lazy-pages'),
    cgroupMode: (textOf(invocation, 'manage-cgroups-mode') ?? '') as CriuFlags['cgroupMode'],
    networkLock: textOf(invocation, 'network-lock') as CriuFlags['networkLock'],
  };
}
