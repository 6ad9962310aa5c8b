// A mount step as a command line of mount(8), which people can read, and try by hand.
import { attributeNames, mountFlagNames, propagationNames } from './words.js';
import { MountAttributesT, MountBindT, MountFilesystemT, type Step } from '../step.js';

function optionList(names: readonly string[], data: readonly string[] = []): string {
  const options = [...new Set(names.flatMap((text) => text.split(','))), ...data].filter((name) => name !== 'none');
  return options.length === 0 ? '' : ` -o ${options.join(',')}`;
}

/** Not every cleared attribute has a word. For the access time, clearing is only the mask that makes room for a new value. */
const cleared = (attributes: bigint): string[] =>
  attributeNames(attributes)
    .split(',')
    .filter((name) => !name.includes('atime') && name !== 'none')
    .map((name) => (name === 'ro' ? 'rw' : name.replace(/^no/, '')));

function ofFilesystem(operation: MountFilesystemT): string {
  const { type, source, target, flags, attributesSet, data } = operation;
  const options = optionList([mountFlagNames(flags), attributeNames(attributesSet)], data);
  return `mount -t ${String(type)}${options} ${source ?? 'none'} ${String(target)}`;
}

function ofBind({ source, target, recursive, attributesSet, attributesClear }: MountBindT): string {
  const options = optionList([attributeNames(attributesSet), ...cleared(attributesClear)]);
  return `mount --${recursive ? 'rbind' : 'bind'}${options} ${String(source)} ${String(target)}`;
}

function ofChange({ target, flags, attributesSet, attributesClear, propagation, data }: MountAttributesT): string {
  if (propagation !== 0) return `mount --make-${propagationNames(propagation)} ${String(target)}`;
  const names = ['remount', mountFlagNames(flags), attributeNames(attributesSet), ...cleared(attributesClear)];
  return `mount${optionList(names, data)} ${String(target)}`;
}

/** Undefined: the step mounts nothing. */
export function mountLine({ operation }: Step): string | undefined {
  if (operation instanceof MountFilesystemT) return ofFilesystem(operation);
  if (operation instanceof MountBindT) return ofBind(operation);
  return operation instanceof MountAttributesT ? ofChange(operation) : undefined;
}
