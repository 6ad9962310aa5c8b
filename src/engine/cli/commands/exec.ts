import { PockerError } from '../../../errors.js';
import { execProgram, execRequest, requireRunning } from '../../containers/exec.js';
import { assertTerminal } from '../../containers/foreground.js';
import { attributesOf } from '../../records/container-store.js';
import { Exit, failureCode } from '../../errors.js';
import { emit } from '../../records/events.js';
import type { Call } from '../command.js';

const CANNOT_EXECUTE = 126;

export function run({ engine, values, args }: Call): number {
  const { host } = engine;
  const [name = '', ...program] = args;
  const container = requireRunning(engine, name);
  const request = execRequest(engine, values, program);
  const input = values['interactive'] === true;
  if (!request.detached) assertTerminal(engine, request.terminal, input);
  const { record } = container;
  const action = `exec_start: ${program.join(' ')}`;
  emit(engine, { Type: 'container', Action: action, id: record.id, attributes: attributesOf(record) });
  // The program gets our standard input only with --interactive.
  if (!input && !request.terminal) host.duplicate(host.openFile('/dev/null'), 0);
  try {
    const code = execProgram(engine, container, request);
    if (code >= 0) return code;
    // docker's text and code.
    host.write(2, 'read escape sequence\n');
    return 1;
  } catch (caught) {
    // docker's code for everything else that stops the program from running, such as a missing directory or user.
    if (!(caught instanceof PockerError)) throw caught;
    engine.log.error(caught);
    throw new Exit(Math.max(failureCode(caught), CANNOT_EXECUTE));
  }
}
