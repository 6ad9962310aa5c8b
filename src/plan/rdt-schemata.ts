// Lines of resctrl's "schemata" files: "L3:0=7f0;1=1f" gives a bit mask or a bandwidth for each domain of a resource.

interface Schema {
  readonly resource: string;
  readonly domains: ReadonlyMap<string, bigint>;
}

/** The kernel writes numbers with leading blanks and zeros. Undefined: not such a line. */
function parseLine(line: string): Schema | undefined {
  const [resource = '', rest = '', more] = line.split(':').map((part) => part.trim());
  if (more !== undefined || resource === '' || rest === '') return undefined;
  const domains = new Map<string, bigint>();
  for (const domain of rest.split(';')) {
    const [id = '', value = ''] = domain.split('=').map((part) => part.trim());
    // Bandwidths ("MB") are decimal, masks are hexadecimal.
    const digits = resource === 'MB' ? /^\d+$/ : /^[\da-fA-F]+$/;
    if (!/^\d+$/.test(id) || !digits.test(value)) return undefined;
    domains.set(String(Number(id)), BigInt(resource === 'MB' ? value : `0x${value}`));
  }
  return { resource, domains };
}

/** When a bandwidth is written, it is rounded up to the next step. */
function agrees(wanted: bigint, present: bigint, step: bigint): boolean {
  return present >= wanted && present - wanted < step;
}

/** Whether a group whose "schemata" reads `present` has what the line `wanted` asks for. `step`: info/MB/bandwidth_gran. */
export function schemataAgree(wanted: string, present: string, step: number): boolean {
  const line = parseLine(wanted);
  if (line === undefined) return false;
  const found = present
    .split('\n')
    .map(parseLine)
    .find((one) => one?.resource === line.resource);
  if (found === undefined) return false;
  return [...line.domains].every(([id, value]) => {
    const there = found.domains.get(id);
    return there !== undefined && agrees(value, there, line.resource === 'MB' ? BigInt(step) : 1n);
  });
}

/** The resource of a line, e.g. "L3". */
export function resourceOf(line: string): string {
  return line.split(':')[0]!.trim();
}
