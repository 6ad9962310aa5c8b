// version, in docker's layout: client and server are one program.
import { version } from '../../../../generated/version.js';
import type { Call } from '../../command.js';
import { json } from '../../format/go-values.js';
import { template } from '../../format/template.js';

/** The version of docker's API whose commands these are. */
const apiVersion = '1.50';

export function run({ engine: { host }, values }: Call): number {
  const format = values['format'];
  const part = { Version: version, ApiVersion: apiVersion, Os: 'linux' };
  const found = { Client: part, Server: part };
  if (typeof format === 'string' && format !== '')
    host.write(1, `${format === 'json' ? json(found) : template(format)(found)}\n`);
  else
    host.write(
      1,
      ['Client', 'Server']
        .map((side) => `${side}:\n Version:     ${version}\n API version: ${apiVersion}\n OS:          linux\n`)
        .join('\n'),
    );
  return 0;
}
