// As much of an ELF header as error messages need: elf(5).

const PT_INTERP = 3;

/** e_machine, named as `uname -m` and image registries name it. */
const machines: Readonly<Record<number, string>> = {
  3: 'i386 (386)',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x86_64 (amd64)',
  183: 'aarch64 (arm64)',
  243: 'riscv64',
  258: 'loongarch64',
};

export function machineName(machine: number): string {
  return machines[machine] ?? `machine ${machine} of elf.h`;
}

interface Header {
  readonly view: DataView;
  readonly little: boolean;
  readonly wide: boolean;
}

function headerOf(head: Uint8Array): Header | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 52 || view.getUint32(0) !== 0x7f45_4c46) return undefined;
  const wide = head[4] === 2;
  return wide && head.length < 64 ? undefined : { view, wide, little: head[5] === 1 };
}

/** undefined: not an ELF header. */
export function elfMachine(head: Uint8Array): number | undefined {
  const header = headerOf(head);
  return header?.view.getUint16(18, header.little);
}

/** The path in the program header PT_INTERP; undefined if there is none, or if it is beyond `head`. */
export function elfInterpreter(head: Uint8Array): string | undefined {
  const header = headerOf(head);
  if (header === undefined) return undefined;
  const { view, little, wide } = header;
  const word = (at: number): number => (wide ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
  const first = word(wide ? 32 : 28);
  const size = view.getUint16(wide ? 54 : 42, little);
  const count = view.getUint16(wide ? 56 : 44, little);
  const smallest = wide ? 56 : 32;
  for (let at = first, left = count; left > 0 && size >= smallest && at + size <= head.length; at += size, left--) {
    if (view.getUint32(at, little) !== PT_INTERP) continue;
    const begin = word(at + (wide ? 8 : 4));
    const text = head.subarray(begin, begin + word(at + (wide ? 32 : 16)) - 1);
    return text.length === 0 ? undefined : String.fromCharCode(...text);
  }
  return undefined;
}
