// How to write the fields of a table of schema/plan.fbs, in the order of the schema, which is that of the vtable's slots.

/** The size of these is 1 << kind. */
export const byte = 0;
export const short = 1;
export const int = 2;
export const long = 3;
/** From here on, the field refers to something that follows its table. */
export const text = 4;
export const texts = 5;
export const bytes = 6;
export const ints = 7;
export const longs = 8;
/** A list of tables that all have the first of `TableLayout.inner`. */
export const tables = 9;
/** A table that has the one of `TableLayout.inner` whose index is the field `type`. */
export const union = 10;
export const kindMask = 0x0f;

/** It is an error if the field is not set. */
export const required = 0x20;

/** Alternates the name and the kind (one of the above, with a flag) of each field. */
export type FieldTypes = readonly (string | number)[];

export interface Field {
  readonly name: string;
  readonly kind: number;
  readonly required: boolean;
  /** From the beginning of the table. */
  readonly offset: number;
}

/** The offsets of a table's fields: the same whether a field is set or not. */
export interface TableLayout {
  readonly values: readonly Field[];
  readonly references: readonly Field[];
  /** All fields, in the vtable's order. */
  readonly fields: readonly Field[];
  readonly size: number;
  /** The layouts of tables in this one. */
  readonly inner: readonly TableLayout[];
}

/** A table begins with the distance to its vtable. */
const tableHead = 4;

export function layoutOf(types: FieldTypes, inner: readonly TableLayout[] = []): TableLayout {
  const fields: Field[] = [];
  let size = tableHead;
  for (let index = 0; index < types.length; index += 2) {
    const flags = types[index + 1] as number;
    const kind = flags & kindMask;
    const width = kind >= text ? 1 << int : 1 << kind;
    const offset = (size + width - 1) & -width;
    size = offset + width;
    fields.push({ name: types[index] as string, kind, required: (flags & required) !== 0, offset });
  }
  return {
    values: fields.filter(({ kind }) => kind < text),
    references: fields.filter(({ kind }) => kind >= text),
    fields,
    size,
    inner,
  };
}
