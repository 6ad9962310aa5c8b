// Options of the build that no other test builds with: what they change in our sources compiles, and what they link is in order.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { root } from './run.mjs';

const database = join(root, 'build/native/compile_commands.json');
const sources = (existsSync(database) ? JSON.parse(readFileSync(database, 'utf8')) : [])
  .filter(({ file }) => /\/addon\/(quickjs|host)\//.test(file))
  .map((entry) => ({ ...entry, text: readFileSync(entry.file, 'utf8') }));
const skip = sources.length > 0 ? false : 'the standalone executable was not built';

/** Compiles those that ask for it with another definition, and returns what the compiler said. */
function complaints(definition, change) {
  const affected = sources.filter(({ text }) => text.includes(`#ifdef ${definition}\n`));
  return affected.map(({ command, directory }) => {
    const changed = change(command).replace(/ -o \S+/, ' -fsyntax-only');
    return spawnSync('sh', ['-c', changed], { cwd: directory, encoding: 'utf8' }).stderr;
  });
}

t.test('with an installed QuickJS, which counts all references', { skip }, (t) => {
  const said = complaints('POCKER_IMMORTAL', (command) => command.replace(/ -DPOCKER_IMMORTAL\b/, ''));
  t.ok(said.length > 0);
  t.same(said.join(''), '');
  t.end();
});

t.test('POCKER_SNAPSHOT=OFF', { skip }, (t) => {
  const said = complaints('POCKER_BUNDLE', (command) => command.replace(' -o ', ' -DPOCKER_BUNDLE -o '));
  t.ok(said.length > 0);
  t.same(said.join(''), '');
  t.end();
});

/** The file's bytes in the segment that can be written. */
function writableSegment(path) {
  const file = readFileSync(path);
  const [PT_LOAD, PF_W] = [1, 2];
  const first = Number(file.readBigUInt64LE(32));
  const headers = Array.from({ length: file.readUInt16LE(56) }, (_, index) => file.subarray(first + index * 56));
  const header = headers.find((one) => one.readUInt32LE(0) === PT_LOAD && (one.readUInt32LE(4) & PF_W) !== 0);
  const [offset, size] = [8, 32].map((at) => Number(header.readBigUInt64LE(at)));
  return file.subarray(offset, offset + size);
}

t.test("POCKER_MUSL=OFF: nothing of the compiler's own C library is behind the snapshot's array", (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pocker-options-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [program, script] = [join(folder, 'program'), join(root, 'cmake/snapshot.ld')];
  const input = 'char array[] __attribute__((section("snapshot_array"))) = "the end"; int main(void) { return array[0]; }';
  const compiled = spawnSync('cc', ['-static', '-no-pie', '-x', 'c', '-', '-o', program, `-Wl,-T,${script}`], { input });
  t.equal(compiled.status, 0, String(compiled.stderr));
  t.equal(writableSegment(program).subarray(-8).toString(), 'the end\0');
  t.end();
});
