// Judges a config by the OCI schema with the validator that was compiled at build time.
import type { Source } from '../json/json.js';
import type { SchemaError, Validator } from '../generated/validate.js';
import { validateConfig } from '../generated/validate.js';
import type { Spec } from '../generated/spec.js';
import { describeError } from './describe.js';
import { dropNulls } from './nulls.js';
import { violationError, type Violation } from './violation.js';

/** Values outside the schema that Docker, containerd and Podman write, and every runtime takes. */
const tolerated: readonly { readonly pointer: string; readonly values: readonly unknown[] }[] = [
  { pointer: '/linux/rootfsPropagation', values: ['', 'rprivate', 'rshared', 'rslave', 'runbindable'] },
];

function valueAt(source: Source, pointer: string): unknown {
  const raw = source.raw(pointer);
  return raw === undefined ? undefined : (JSON.parse(raw) as unknown);
}

function isTolerated(source: Source, { keyword, instancePath }: SchemaError): boolean {
  if (keyword !== 'enum') return false;
  const row = tolerated.find(({ pointer }) => pointer === instancePath);
  return row?.values.includes(valueAt(source, instancePath)) ?? false;
}

/** Each once: a definition that is referred to from two places, or by two branches, complains twice about the same. */
function distinct(violations: readonly Violation[]): Violation[] {
  const seen = new Map<string, Violation>();
  for (const violation of violations) seen.set(`${violation.pointer}\n${violation.message}`, violation);
  return [...seen.values()];
}

/** The branches' own errors say more than the choice between them: those of "anyOf" and "oneOf" stand aside for them. */
function withoutChoices(errors: readonly SchemaError[]): SchemaError[] {
  const isChoice = ({ keyword }: SchemaError) => keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf';
  const special = errors.filter((error) => !isChoice(error));
  const explained = (pointer: string) =>
    special.some(({ instancePath }) => instancePath === pointer || instancePath.startsWith(`${pointer}/`));
  return errors.filter((error) => !isChoice(error) || !explained(error.instancePath));
}

/**
 * The source's value, of the kind that the validator is for; E_CONFIG_SCHEMA with all violations otherwise. An optional field that is
 * null is left out.
 */
export function validatePart(source: Source, validator: Validator): unknown {
  const context = { instancePath: source.base };
  do if (validator(source.value, context)) return source.value;
  while (dropNulls(validator.errors ?? [], source));
  const wrong = withoutChoices(validator.errors ?? []).filter((error) => !isTolerated(source, error));
  const violations = distinct(wrong.map((error) => describeError(source, error)));
  if (violations.length > 0) throw violationError('E_CONFIG_SCHEMA', source, violations);
  return source.value;
}

export function validate(source: Source): Spec {
  return validatePart(source, validateConfig) as Spec;
}
