import { checkpointContainer } from '../../runtime/checkpoint.js';
import type { DumpFlags } from '../../criu/options.js';
import type { Invocation } from '../invocation.js';
import { usageError } from '../parse.js';
import { criuFlags, criuPaths, isOn, textOf } from './criu-options.js';

const portLimit = 65_535;

/** "10.0.0.1:9876", "[fe80::1]:9876". */
function pageServer(text: string | null): DumpFlags['pageServer'] {
  if (text === null) return null;
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined) throw usageError('Use --page-server ADDRESS:PORT to specify page server');
  if (Number(digits) === 0 || Number(digits) > portLimit) throw usageError(`Invalid port number ${digits}`);
  return { address, port: Number(digits) };
}

export function run(invocation: Invocation): number {
  const { host, log, globals, values, args } = invocation;
  checkpointContainer(host, {
    ...criuPaths(invocation),
    root: globals.root,
    id: args[0] ?? '',
    flags: {
      ...criuFlags(invocation),
      leaveRunning: isOn(invocation, 'leave-running'),
      preDump: isOn(invocation, 'pre-dump'),
      tcpSkipInFlight: isOn(invocation, 'tcp-skip-in-flight'),
      linkRemap: isOn(invocation, 'link-remap'),
      pageServer: pageServer(textOf(invocation, 'page-server')),
      parentPath: textOf(invocation, 'parent-path'),
    },
    statusFd: Number(values['status-fd'] ?? -1),
    warn: (text) => log.warn(text),
  });
  return 0;
}
