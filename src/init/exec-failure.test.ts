import t from 'tap';
import { execFailure } from './exec-failure.js';

const ELF_64 = 2;
const LITTLE = 1;
const PT_INTERP = 3;

/** An ELF header with one program header, followed by the path of its interpreter. */
function elf(machine: number, interpreter = ''): Buffer {
  const bytes = Buffer.alloc(64 + 56 + interpreter.length + 1);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, ELF_64, LITTLE]);
  bytes.writeUInt16LE(machine, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(PT_INTERP, 64);
  bytes.writeBigUInt64LE(120n, 72);
  bytes.writeBigUInt64LE(BigInt(interpreter.length + 1), 96);
  bytes.write(interpreter, 120, 'latin1');
  return bytes;
}

const x86_64 = 62;
const found = (head: Buffer | string, more = ''): string =>
  `execve\nhead ${Buffer.from(head as string, 'latin1').toString('hex')}\nmachine ${x86_64}${more}`;

function failure(number: number, text: string): { message: string; hint: string } {
  const error = execFailure(
    { message: 'failed', step: 0, number, text, path: '/p', fd: -1 },
    { operation: 'execve', errno: number },
  );
  return { message: error.message, hint: error.details.hint ?? '' };
}

t.test('what the file reveals', (t) => {
  const rows: readonly (readonly [errno: number, text: string, message: RegExp])[] = [
    [2, found('#! \t/no/sh -e\n'), /^exec: "\/p": its interpreter "\/no\/sh", .*: no such file or directory$/],
    [2, found(elf(x86_64, '/lib/ld.so')), /its interpreter "\/lib\/ld.so", the dynamic linker: no such file or directory$/],
    [2, found('garbage'), /^exec: "\/p": it or its interpreter: no such file or directory$/],
    [2, found(elf(x86_64).subarray(0, 20)), /it or its interpreter/],
    [8, found(''), /^exec: "\/p": exec format error: the file is empty$/],
    [8, found(elf(183)), /it is a program for aarch64 \(arm64\), and this machine is x86_64 \(amd64\)$/],
    [8, found(elf(999)), /it is a program for machine 999 of elf.h/],
    [8, found(elf(x86_64)), /its ELF header/],
    [8, found('#!\n'), /names no interpreter/],
    [8, found('\xef\xbb\xbf#!/bin/sh'), /byte order mark/],
    [8, found('MZ\x90'), /Windows/],
    [8, found('\xcf\xfa\xed\xfe'), /macOS/],
    [8, 'execve', /^exec: "\/p": exec format error$/],
    [13, found('#!/x', '\nnoexec'), /mounted noexec: permission denied$/],
    [13, found('#!/x'), /it or its interpreter "\/x": permission denied$/],
    [13, 'exec', /^exec: "\/p": permission denied$/],
    [13, 'exec\nis a directory', /^exec: "\/p": is a directory: permission denied$/],
    [2, 'stat', /^exec: "\/p": stat \/p: no such file or directory$/],
    [2, 'exec\nexecutable file not found in $PATH', /^exec: "\/p": executable file not found in \$PATH$/],
    [7, found('#!/x'), /^exec: "\/p": argument list too long$/],
  ];
  for (const [errno, text, message] of rows) t.match(failure(errno, text).message, message);
  t.end();
});

t.test('hints', (t) => {
  t.match(failure(2, found('#!/bin/sh\r\n')), { message: /"\/bin\/sh\\r"/, hint: /Windows/ });
  t.match(failure(1, 'execve').hint, /seccomp/);
  t.match(failure(2, 'stat').hint, /PATH/);
  t.notMatch(failure(8, found('')).hint, /PATH/);
  t.end();
});
