import t from 'tap';
import { PockerError } from '../errors.js';
import { parseJson } from '../json/json.js';
import { joinPointer } from '../json/pointer.js';
import { judge } from '../spec/judge.js';
import { validate } from '../spec/validate.js';
import { schemaFields, type SchemaField } from '../../conformance/harness/schema/fields.js';
import { factsOf, options, specOf } from './fixtures.js';
import { planToJson } from './print/print.js';
import { resolve } from './resolve.js';

const pointerOf = ({ path }: SchemaField): string => path.reduce<string>(joinPointer, '');

/** A config that can be planned, with its own sections replaced by the field's. */
function configWith(field: SchemaField, value: unknown): string {
  const base: Record<string, unknown> = { ...specOf() };
  for (const [key, section] of Object.entries(field.around(value))) {
    const isSection = key === 'linux' || key === 'process';
    if (!isSection || section === null || section === undefined) base[key] = section;
    else base[key] = { ...(base[key] as object), ...(section as object) };
  }
  return JSON.stringify(base);
}

/** The position in an error depends on the text; nothing else does. */
const withoutPlaces = (message: string): string => message.replaceAll(/ \(line \d+, column \d+\)/g, '');

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof PockerError)) throw error;
    return { code: error.code, message: withoutPlaces(error.message), pointer: error.details.pointer };
  }
}

const planned = (text: string): unknown =>
  outcome(() => planToJson(resolve(judge(parseJson('config.json', text)).spec, factsOf('hybrid'), options)));
const validated = (text: string): unknown => outcome(() => validate(parseJson('config.json', text)));

const fields = schemaFields();

t.test('null for an optional field means that it is left out', (tt) => {
  const optional = fields.filter(({ kind }) => kind === 'optional');
  tt.ok(optional.length > 150, `${optional.length} fields`);
  for (const field of optional) {
    const [withNull, without] = [configWith(field, null), configWith(field, undefined)];
    tt.not(withNull, without);
    tt.strictSame(validated(withNull), JSON.parse(without), pointerOf(field));
    tt.strictSame(planned(withNull), planned(without), `${pointerOf(field)}: the plan`);
  }
  tt.end();
});

t.test('null for a required field, in a list or in a map is an error with its position', (tt) => {
  const others = fields.filter(({ kind }) => kind !== 'optional');
  tt.ok(others.length > 50, `${others.length} fields`);
  for (const field of others) {
    const pointer = pointerOf(field);
    const found = validated(configWith(field, null)) as { code?: string; message?: string };
    tt.equal(found.code, 'E_CONFIG_SCHEMA', pointer);
    tt.ok(
      found.message?.includes(`${pointer}: ${field.kind === 'required' ? 'is null, but required' : 'found null, '}`),
      pointer,
      {
        found,
      },
    );
  }
  tt.end();
});

t.test('all optional fields null at once, together with 64-bit numbers', (tt) => {
  const limit = '{"resources": {"memory": {"limit": 9223372036854775807, "swap": null}, "pids": null}, "sysctl": null}';
  const text = `{"ociVersion": "1.3.0", "root": null, "process": null, "hooks": null, "mounts": null, "linux": ${limit}}`;
  tt.strictSame(validated(text), { ociVersion: '1.3.0', linux: { resources: { memory: { limit: 9223372036854775807n } } } });
  tt.end();
});

t.test('other errors are reported together with nulls, with their positions', (tt) => {
  const text = '{"ociVersion": null,\n "hostname": null,\n "process": {"cwd": "/", "args": null, "env": [null], "terminal": 5}}';
  const { message } = outcome(() => validate(parseJson('c', text))) as { message: string };
  tt.equal(
    message,
    [
      'c: /ociVersion: is null, but required (1 of 3)',
      '  /process/env/0: found null, expected a string',
      '  /process/terminal: found the number 5, expected true or false',
    ].join('\n'),
  );
  tt.end();
});
