// linux.cgroupsPath for systemd: "slice:prefix:name" stands for the scope prefix-name.scope in that slice.
import { refuse, type Draft } from '../../draft.js';

const pointer = '/linux/cgroupsPath';

/** systemd.unit(5): the characters of a unit's name, and its maximum length. */
const validName = /^[\w:.\\@-]+$/;
const nameMax = 255;

export interface UnitName {
  readonly slice: string;
  readonly name: string;
}

/** "a-b.slice" is inside "a.slice": the path "/a.slice/a-b.slice". "-.slice" is the root, "". */
export function slicePath(slice: string): string {
  if (slice === '-.slice') return '';
  const parts = slice.slice(0, -'.slice'.length).split('-');
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('-')}.slice`).join('');
}

function checkSlice(slice: string): void {
  const stem = slice.slice(0, -'.slice'.length);
  const isSlice = slice.endsWith('.slice') && validName.test(slice) && slice.length <= nameMax;
  if (isSlice && (stem === '-' || stem.split('-').every((part) => part !== ''))) return;
  refuse(
    pointer,
    `${JSON.stringify(slice)} is not the name of a slice`,
    'Use a name such as "system.slice" or "a-b.slice" (in a.slice)',
  );
}

function checkScope(name: string): void {
  if (validName.test(name) && name.length <= nameMax) return;
  const hint = `Use letters, digits and ":-_.\\@", at most ${nameMax} characters`;
  refuse(pointer, `${JSON.stringify(name)} is not the name of a unit`, hint);
}

/** For a container without cgroupsPath. An id may contain "+", which is escaped as in systemd-escape(1). */
function defaultName(id: string): string {
  return `pocker-runc-${id.replaceAll('+', '\\x2b')}.scope`;
}

/** As in runc: an empty slice is system.slice, or user.slice with a user's own manager. */
export function readUnitName({ spec, options }: Draft, user: boolean): UnitName {
  const path = spec.linux?.cgroupsPath ?? '';
  const defaultSlice = user ? 'user.slice' : 'system.slice';
  if (path === '') return { slice: defaultSlice, name: defaultName(options.id) };
  const parts = path.split(':');
  if (parts.length !== 3)
    refuse(
      pointer,
      `expected "slice:prefix:name" for systemd cgroups, found ${JSON.stringify(path)}`,
      'Use that form, or omit --systemd-cgroup',
    );
  const [slice = '', prefix = '', name = ''] = parts;
  if (name.endsWith('.slice'))
    refuse(pointer, `"${name}" is a slice, but a container needs a scope`, 'Drop ".slice" from the name');
  const unit = { slice: slice === '' ? defaultSlice : slice, name: `${prefix}-${name}.scope` };
  checkSlice(unit.slice);
  checkScope(unit.name);
  return unit;
}
