// TypeScript types of JSON schemas (draft-04), as far as the OCI schemas need: every definition becomes a named type.

const nameOf = (file, key) =>
  [file.replace(/-schema\.json$|\.json$/, '').replace(/^defs$|^defs-linux$/, ''), key]
    .join('-')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');

/** The integers that JSON.parse would round: beyond 2^53 they are bigints (src/json/json.ts). */
const wide = new Set(['int64', 'uint64']);

class Printer {
  constructor(schemas) {
    this.schemas = schemas;
    this.named = new Map();
  }

  reference(ref, file) {
    const [target, pointer = ''] = ref.split('#');
    const where = target || file;
    const key = pointer.split('/').pop() ?? '';
    if (wide.has(key)) return 'number | bigint';
    const name = nameOf(where, key || 'root');
    if (!this.named.has(name)) {
      this.named.set(name, '');
      const schema = pointer
        .split('/')
        .filter(Boolean)
        .reduce((at, part) => at[part], this.schemas.get(where));
      this.named.set(name, this.type(schema, where));
    }
    return name;
  }

  object(schema, file) {
    const required = new Set(schema.required ?? []);
    const patterns = Object.values(schema.patternProperties ?? {});
    const rest = patterns[0] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
    if (!schema.properties) return `Record<string, ${rest ? this.type(rest, file) : 'unknown'}>`;
    const fields = Object.entries(schema.properties).map(
      ([key, value]) =>
        `${/^\w+$/.test(key) ? key : JSON.stringify(key)}${required.has(key) ? '' : '?'}: ${this.type(value, file)};`,
    );
    return `{ ${fields.join(' ')} }`;
  }

  type(schema, file) {
    if (schema.$ref) return this.reference(schema.$ref, file);
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices && !schema.properties) return choices.map((choice) => this.type(choice, file)).join(' | ');
    if (schema.allOf && !schema.properties) return schema.allOf.map((part) => `(${this.type(part, file)})`).join(' & ');
    const kind = Array.isArray(schema.type)
      ? schema.type
      : [schema.type ?? (schema.properties || schema.patternProperties ? 'object' : undefined)];
    return kind.map((one) => this.plain(one, schema, file)).join(' | ');
  }

  plain(kind, schema, file) {
    switch (kind) {
      case 'string':
        return 'string';
      case 'boolean':
        return 'boolean';
      case 'number':
        return 'number';
      case 'integer':
        return schema.maximum > Number.MAX_SAFE_INTEGER ? 'number | bigint' : 'number';
      case 'null':
        return 'null';
      case 'array':
        return `Array<${schema.items ? this.type(schema.items, file) : 'unknown'}>`;
      case 'object':
        return this.object(schema, file);
      default:
        return 'unknown';
    }
  }
}

/** Source text that exports each of `roots` ({ TypeName: file }) and every definition that they lead to. */
export function typesOf(schemas, roots) {
  const printer = new Printer(schemas);
  const exported = Object.entries(roots).map(([name, file]) => [name, printer.type(schemas.get(file), file)]);
  return [...printer.named, ...exported].map(([name, type]) => `export type ${name} = ${type};\n`).join('');
}
