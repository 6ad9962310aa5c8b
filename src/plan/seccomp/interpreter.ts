// Runs a seccomp program as the kernel would: classic BPF, as far as libseccomp and we use it.

export interface Call {
  /** AUDIT_ARCH_*. */
  readonly architecture: number;
  readonly number: number;
  /** Without arguments, there is no answer if the program reads them. */
  readonly args?: readonly bigint[];
}

const limit = 4096;

/** Offset of the arguments in struct seccomp_data. */
const argumentsOffset = 16;

/** struct seccomp_data. */
function dataOf({ architecture, number, args = [] }: Call): DataView {
  const view = new DataView(new ArrayBuffer(64));
  view.setUint32(0, number, true);
  view.setUint32(4, architecture, true);
  args.forEach((value, index) => {
    view.setBigUint64(argumentsOffset + index * 8, value, true);
  });
  return view;
}

/** The program's result: SECCOMP_RET_* with its data; undefined if it cannot be told. */
export function runFilter(program: Uint8Array, call: Call): number | undefined {
  const code = new DataView(program.buffer, program.byteOffset, program.byteLength);
  const data = dataOf(call);
  let accumulator = 0;
  if (program.length % 8 !== 0 || program.length / 8 > limit) throw new Error(`${program.length} bytes are not a program`);
  for (let at = 0; at < program.length; at += 8) {
    const [operation, yes, no] = [code.getUint16(at, true), code.getUint8(at + 2), code.getUint8(at + 3)];
    const value = code.getUint32(at + 4, true);
    const jump = (condition: boolean): number => (condition ? yes : no) * 8;
    if (operation === 0x20 && value >= argumentsOffset && call.args === undefined) return undefined;
    if (operation === 0x20) accumulator = data.getUint32(value, true);
    else if (operation === 0x54) accumulator = (accumulator & value) >>> 0;
    else if (operation === 0x05) at += value * 8;
    else if (operation === 0x15) at += jump(accumulator === value);
    else if (operation === 0x25) at += jump(accumulator > value);
    else if (operation === 0x35) at += jump(accumulator >= value);
    else if (operation === 0x45) at += jump((accumulator & value) !== 0);
    else if (operation === 0x06) return value;
    else throw new Error(`no such instruction: ${operation}`);
  }
  throw new Error('the program has no end');
}
