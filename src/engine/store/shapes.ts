// Checks the content of JSON files before anything relies on it.

/**
 * What a value must be. A name ending with "!" is required; one ending with "?" may be missing, but not null; any other may be
 * missing or null.
 */
export type Shape = 'string' | 'number' | 'boolean' | 'object' | readonly [Shape] | { readonly [name: string]: Shape };

/** The shape of every value of a map with arbitrary keys. */
export const any = '*';

type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON pointer of the first value that does not fit; undefined: all fit. */
export type Check = (value: unknown) => string | undefined;

/** Compiled once per shape: a listing checks hundreds of records, and nearly all fit. */
export function checkOf(shape: Shape): Check {
  if (shape === 'object') return (value) => (isObject(value) ? undefined : '');
  if (typeof shape === 'string') return (value) => (typeof value === shape ? undefined : '');
  if (isList(shape)) return shape[0] === 'string' ? stringsMisfit : listCheck(checkOf(shape[0]));
  return any in shape ? mapCheck(checkOf(shape[any])) : objectCheck(shape);
}

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape);

/** Nothing is called in what follows that need not be: `ps` checks hundreds of records before it shows a line. */
export function stringsMisfit(value: unknown): string | undefined {
  if (!Array.isArray(value)) return '';
  for (let index = 0; index < value.length; ++index) if (typeof value[index] !== 'string') return `/${index}`;
  return undefined;
}

function listCheck(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return '';
    for (let index = 0; index < value.length; ++index) {
      const found = check(value[index]);
      if (found !== undefined) return `/${index}${found}`;
    }
    return undefined;
  };
}

function mapCheck(check: Check): Check {
  return (value) => {
    if (!isObject(value)) return '';
    for (const name of Object.keys(value)) {
      const found = check(value[name]);
      if (found !== undefined) return `/${name}${found}`;
    }
    return undefined;
  };
}

/** For each field of a shape: its name, its type if it is a plain value, and its check. */
interface Field {
  readonly name: string;
  readonly type: string;
  readonly check: Check;
}

/** Checks required fields, then those present, which may be far fewer than the shape has. Fast, because nearly all fit. */
function objectCheck(shape: Readonly<Record<string, Shape>>): Check {
  const required: Field[] = [];
  const optional = new Map<string, Check>();
  for (const [said, inner] of Object.entries(shape)) {
    const name = said.replace(/[!?]$/, '');
    const check = checkOf(inner);
    const type = typeof inner === 'string' && inner !== 'object' ? inner : '';
    if (said.endsWith('!')) required.push({ name, type, check });
    else optional.set(name, said === name ? nullOr(check) : check);
  }
  return (value) => {
    if (!isObject(value)) return '';
    for (const { name, type, check } of required) {
      const own = value[name];
      const found = typeof own === type ? undefined : check(own);
      if (found !== undefined) return `/${name}${found}`;
    }
    return optional.size === 0 ? undefined : optionalMisfit(value, optional);
  };
}

function optionalMisfit(value: Fields, optional: ReadonlyMap<string, Check>): string | undefined {
  for (const name of Object.keys(value)) {
    const found = optional.get(name)?.(value[name]);
    if (found !== undefined) return `/${name}${found}`;
  }
  return undefined;
}

const nullOr =
  (check: Check): Check =>
  (value) =>
    value === null ? undefined : check(value);
