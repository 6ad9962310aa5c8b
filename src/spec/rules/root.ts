// Rules on the root filesystem and the paths hidden in it (config.md, Root; config-linux.md, Masked and Readonly Paths).
import { quoteText } from '../../json/quote.js';
import { forEach, isAbsolute, namespaceOf, when, type Rule, type Spec } from '../rule.js';
import type { Violation } from '../violation.js';

function checkPaths(spec: Spec, field: 'maskedPaths' | 'readonlyPaths'): Violation[] {
  const paths = spec.linux?.[field];
  if (paths === undefined || paths.length === 0) return [];
  return [
    ...when(
      namespaceOf(spec, 'mount') === undefined,
      `/linux/${field}`,
      'needs a mount namespace: {"type": "mount"} in linux.namespaces',
    ),
    ...forEach(paths, `/linux/${field}`, (path, at) =>
      when(!isAbsolute(path), at, () => `found ${quoteText(path, 60)}, expected an absolute path`),
    ),
  ];
}

export const rootRules: readonly Rule[] = [
  {
    name: 'root-required',
    section: 'config.md, Root: "On all other platforms, this field is REQUIRED"',
    check: ({ root }) => [
      ...when(root === undefined, '/root', 'is missing, but required: {"path": "rootfs"}'),
      ...when(root?.path === '', '/root/path', 'is empty'),
    ],
  },
  {
    name: 'masked-paths',
    section: 'config-linux.md, Masked Paths: "The values MUST be absolute paths"; runc for the namespace',
    check: (spec) => checkPaths(spec, 'maskedPaths'),
  },
  {
    name: 'readonly-paths',
    section: 'config-linux.md, Readonly Paths: "The values MUST be absolute paths"; runc for the namespace',
    check: (spec) => checkPaths(spec, 'readonlyPaths'),
  },
];
