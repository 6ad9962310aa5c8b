// mounts[].options: words sorted into what the kernel's mount calls want.
import { ATTR, mountOptions, MS, TIME, type MountOption } from '../tables/mounts.js';

/** Options of one mount, judged one by one in their order: a later one overrides an earlier one. */
export interface ParsedOptions {
  bind: boolean;
  recursive: boolean;
  remount: boolean;
  copyUp: boolean;
  copySymlink: boolean;
  srcNofollow: boolean;
  destNofollow: boolean;
  idmap: 'none' | 'idmap' | 'ridmap';
  /** MS_* of the superblock; what is to be cleared matters to a remount alone. */
  flags: number;
  flagsClear: number;
  /** MOUNT_ATTR_* of the mount. */
  set: number;
  clear: number;
  /** Those that no option names, which mount(2) takes away from a mount that is there already. */
  unnamed: number;
  /** MOUNT_ATTR_NOATIME, MOUNT_ATTR_STRICTATIME: to be taken away where that is what the mount has. */
  timesClear: number;
  /** MOUNT_ATTR_* of the whole tree. */
  recursiveSet: number;
  recursiveClear: number;
  /** In order; each may carry MS_REC. */
  propagation: number[];
  /** Parameters of the filesystem. */
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

/** Of the whole tree, one of three values: what takes one away leaves the kernel's default, relatime. */
function changedAtime(set: number, clear: number, { value, clear: takes }: MountOption): Bits {
  if (takes && (set & ATTR.ATIME) !== 0 && (set & ATTR.ATIME) !== value) return [set, clear];
  return [(set & ~ATTR.ATIME) | (takes ? ATTR.RELATIME : value), clear | ATTR.ATIME];
}

/** TIME flags that are to be set, and those to be cleared. */
interface Times {
  set: number;
  clear: number;
}

/** As mount(2) does: whoever names one of them decides about all, and of several the strictest holds. */
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

/** A bind mount without any flag stays as its source is: as runc does, and unlike mount(8) also if the flag is "rw". */
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

/** mount(2) splits its data at commas, save those that a backslash or quotes protect, of overlayfs and SELinux. */
function splitOption(option: string): readonly string[] {
  return option.includes(',') ? (option.match(/(?:"[^"]*"|\\.|[^,])+/gs) ?? []) : [option];
}

/** Sorts the options; one that is no known option is a parameter of the filesystem. */
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

/** First propagation of a mount as its own operation carries it. */
export function firstPropagation(parsed: ParsedOptions): { propagation: number; propagationRecursive: boolean } {
  const value = parsed.propagation[0] ?? 0;
  return { propagation: value & ~MS.REC, propagationRecursive: (value & MS.REC) !== 0 };
}
