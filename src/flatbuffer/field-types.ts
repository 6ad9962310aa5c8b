// How the fields of a table of schema/plan.fbs are written: in the order of the schema, which is that of the vtable's slots.

/** The size of these is 1 << kind. */
export const byte = 0;
export const short = 1;
export const int = 2;
export const long = 3;
/** From here on the field holds the offset of something that was written before its table. */
export const text = 4;
export const texts = 5;
export const bytes = 6;
export const ints = 7;
export const longs = 8;
/** The value is that offset itself. */
export const offset = 9;
export const kindMask = 0x0f;

/** Its default is not zero, so that a zero has to be written. */
export const always = 0x10;
/** Unset is an error. */
export const required = 0x20;

/** Name and kind (one of the above, with a flag) of each field in turn. */
export type FieldTypes = readonly (string | number)[];
