import { containerProcesses, processTable } from '../../runtime/ps.js';
import type { Invocation } from '../invocation.js';

const usual = ['-ef'];

/** Engines read standard output and standard error as one, so print nothing but the list. */
export function run({ host, globals, values, args }: Invocation): number {
  const [id = '', ...psOptions] = args;
  const pids = containerProcesses(host, globals.root, id);
  const asJson = values['format'] === 'json';
  host.write(1, asJson ? `${JSON.stringify(pids)}\n` : processTable(host, pids, psOptions.length === 0 ? usual : psOptions));
  return 0;
}
