// mounts[].options: sorts the words for the kernel's mount calls.
import { ATTR, mountOptions, MS, TIME, type MountOption } from '../../tables/mounts.js';

/** The options of one mount, judged one by one in order: a later one overrides an earlier one. */
export interface ParsedOptions {
  bind: boolean;
  recursive: boolean;
  remount: boolean;
  copyUp: boolean;
  copySymlink: boolean;
  srcNofollow: boolean;
  destNofollow: boolean;
  idmap: 'none' | 'idmap' | 'ridmap';
  /** MS_* of the superblock; what to clear matters only to a remount. */
  flags: number;
  flagsClear: number;
  /** MOUNT_ATTR_* of the mount. */
  set: number;
  clear: number;
  /** Flags that no option names, which mount(2) clears on an existing mount. */
  unnamed: number;
  /** MOUNT_ATTR_NOATIME, MOUNT_ATTR_STRICTATIME: to clear if the mount has them. */
  timesClear: number;
  /** MOUNT_ATTR_* for the whole tree. */
  recursiveSet: number;
  recursiveClear: number;
  /** In order; each may include MS_REC. */
  propagation: number[];
  /** Parameters for the filesystem. */
  data: string[];
}

export function noOptions(): ParsedOptions {
  return {
    bind: false,
    recursive: false,
    remount: false,
    copyUp: false,
    copySymlink: false,
    srcNofollow: false,
    destNofollow: false,
    idmap: 'none',
    flags: 0,
    flagsClear: 0,
    set: 0,
    clear: 0,
    unnamed: 0,
    timesClear: 0,
    recursiveSet: 0,
    recursiveClear: 0,
    propagation: [],
    data: [],
  };
}

type Bits = readonly [set: number, clear: number];

function changed(set: number, clear: number, { value, clear: takes }: MountOption): Bits {
  return takes ? [set & ~value, clear | value] : [set | value, clear & ~value];
}

/** For the whole tree, one of three values: clearing one leaves the kernel's default, relatime. */
function changedAtime(set: number, clear: number, { value, clear: takes }: MountOption): Bits {
  if (takes && (set & ATTR.ATIME) !== 0 && (set & ATTR.ATIME) !== value) return [set, clear];
  return [(set & ~ATTR.ATIME) | (takes ? ATTR.RELATIME : value), clear | ATTR.ATIME];
}

/** TIME flags to set and to clear. */
interface Times {
  set: number;
  clear: number;
}

/** As in mount(2): naming one of them decides about all, and the strictest of several wins. */
function applyTimes(parsed: ParsedOptions, { set, clear }: Times): void {
  if (set !== 0) {
    const value = (set & TIME.STRICTATIME) !== 0 ? ATTR.STRICTATIME : (set & TIME.NOATIME) !== 0 ? ATTR.NOATIME : ATTR.RELATIME;
    parsed.set |= value | ((set & TIME.NODIRATIME) !== 0 ? ATTR.NODIRATIME : 0);
    parsed.clear |= ATTR.ATIME | ((set & TIME.NODIRATIME) !== 0 ? 0 : ATTR.NODIRATIME);
    return;
  }
  if ((clear & TIME.NODIRATIME) !== 0) parsed.clear |= ATTR.NODIRATIME;
  if ((clear & TIME.NOATIME) !== 0) parsed.timesClear |= ATTR.NOATIME;
  if ((clear & TIME.STRICTATIME) !== 0) parsed.timesClear |= ATTR.STRICTATIME;
}

const plain = ATTR.RDONLY | ATTR.NOSUID | ATTR.NODEV | ATTR.NOEXEC | ATTR.NOSYMFOLLOW;

/** A bind mount without any flag stays like its source: as in runc and, unlike mount(8), even if the flag is "rw". */
function unnamed(parsed: ParsedOptions, { set, clear }: Times): number {
  const named = parsed.flags | parsed.flagsClear | parsed.set | parsed.clear | set | clear;
  return named !== 0 || parsed.remount ? plain & ~(parsed.set | parsed.clear) : 0;
}

function applyWord(parsed: ParsedOptions, word: MountOption['kind']): void {
  if (word === 'bind') parsed.bind = true;
  else if (word === 'rbind') parsed.bind = parsed.recursive = true;
  else if (word === 'remount') parsed.remount = true;
  else if (word === 'tmpcopyup') parsed.copyUp = true;
  else if (word === 'copy-symlink') parsed.copySymlink = true;
  else if (word === 'src-nofollow') parsed.srcNofollow = true;
  else if (word === 'dest-nofollow') parsed.destNofollow = true;
  else if (word === 'idmap' || word === 'ridmap') parsed.idmap = word;
}

function applyOption(parsed: ParsedOptions, times: Times, option: MountOption): void {
  switch (option.kind) {
    case 'superblock':
      [parsed.flags, parsed.flagsClear] = changed(parsed.flags, parsed.flagsClear, option);
      return;
    case 'attribute':
      [parsed.set, parsed.clear] = changed(parsed.set, parsed.clear, option);
      return;
    case 'time':
      [times.set, times.clear] = changed(times.set, times.clear, option);
      return;
    case 'recursive':
      [parsed.recursiveSet, parsed.recursiveClear] = changed(parsed.recursiveSet, parsed.recursiveClear, option);
      return;
    case 'recursiveAtime':
      [parsed.recursiveSet, parsed.recursiveClear] = changedAtime(parsed.recursiveSet, parsed.recursiveClear, option);
      return;
    case 'propagation':
      parsed.propagation.push(option.value);
      return;
    default:
      applyWord(parsed, option.kind);
  }
}

/** mount(2) splits its data at commas, except those that overlayfs and SELinux protect with a backslash or quotes. */
function splitOption(option: string): readonly string[] {
  return option.includes(',') ? (option.match(/(?:"[^"]*"|\\.|[^,])+/gs) ?? []) : [option];
}

/** Sorts the options. An unknown option is a parameter of the filesystem. */
export function parseOptions(options: readonly string[]): ParsedOptions {
  const parsed = noOptions();
  const times = { set: 0, clear: 0 };
  for (const name of options.flatMap(splitOption)) {
    const option = mountOptions.get(name);
    if (option !== undefined) applyOption(parsed, times, option);
    else if (name !== '') parsed.data.push(name);
  }
  parsed.unnamed = unnamed(parsed, times);
  applyTimes(parsed, times);
  return parsed;
}

/** The first propagation of a mount, which its own operation sets. */
export function firstPropagation(parsed: ParsedOptions): { propagation: number; propagationRecursive: boolean } {
  const value = parsed.propagation[0] ?? 0;
  return { propagation: value & ~MS.REC, propagationRecursive: (value & MS.REC) !== 0 };
}
