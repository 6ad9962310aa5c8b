// Judges a config by the OCI schema, with the validator that was compiled at build time.
import { parseJson, type Source } from '../json/json.js';
import type { SchemaError, Validator } from '../generated/validate.js';
import { validateConfig } from '../generated/validate.js';
import type { Spec } from '../generated/spec.js';
import { describeError } from './describe.js';
import { dropNulls } from './nulls.js';
import { violationError, type Violation } from './violation.js';

/** Values outside the schema that Docker, containerd and Podman write and every runtime accepts. */
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

/** Removes duplicates: a definition that is used in two places, or by two branches, complains twice about the same thing. */
function distinct(violations: readonly Violation[]): Violation[] {
  const seen = new Map<string, Violation>();
  for (const violation of violations) seen.set(`${violation.pointer}\n${violation.message}`, violation);
  return [...seen.values()];
}

/** Drops the errors of "anyOf" and "oneOf" where the branches have errors of their own, which say more. */
function withoutChoices(errors: readonly SchemaError[]): SchemaError[] {
  const isChoice = ({ keyword }: SchemaError) => keyword === 'anyOf' || keyword === 'oneOf' || keyword === 'allOf';
  const special = errors.filter((error) => !isChoice(error));
  const explained = (pointer: string) =>
    special.some(({ instancePath }) => instancePath === pointer || instancePath.startsWith(`${pointer}/`));
  return errors.filter((error) => !isChoice(error) || !explained(error.instancePath));
}

/**
 * Returns the source's value, of the type that the validator is for; throws E_CONFIG_SCHEMA with all violations. Optional fields
 * that are null are left out.
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

/** The config that a container was made from. Create has checked the rules; E_CONFIG_* if somebody has damaged it since. */
export function validateStored(text: string): Spec {
  return validate(parseJson('the config of the container', text));
}
