// Rules on sysctl (config-linux.md, Sysctl): only parameters that belong to a namespace of the container.
import { joinPointer } from '../../json/pointer.js';
import { quoteText } from '../../json/quote.js';
import { namespaceOf, when, type Rule, type Spec } from '../rule.js';
import { sysctlNamespace, sysctlParts } from '../sysctl.js';
import type { Violation } from '../violation.js';

function checkKey(spec: Spec, key: string): Violation[] {
  const pointer = joinPointer('/linux/sysctl', key);
  const parts = sysctlParts(key);
  const shown = `sysctl ${quoteText(key, 100)}`;
  // ".", ".." and "//" could lead anywhere. Dots are separators, too, so all of these leave an empty name.
  const leaves = parts.length < 2 || key.includes('\0') || key.split(/[./]/).includes('');
  if (leaves) return [{ pointer, message: `${shown} is not the name of a kernel parameter` }];
  const type = sysctlNamespace(parts);
  if (type === undefined)
    return [{ pointer, message: `${shown} is not in a separate kernel namespace: it would change the host` }];
  if (namespaceOf(spec, type) === undefined)
    return [{ pointer, message: `${shown} is not allowed in the host's ${type} namespace` }];
  if (parts[1] === 'hostname') return [{ pointer, message: `${shown} conflicts with the field "hostname"` }];
  return [];
}

export const kernelRules: readonly Rule[] = [
  {
    name: 'sysctl-namespaced',
    section: 'config-linux.md, Sysctl; namespaces(7); runc',
    check: (spec) => Object.keys(spec.linux?.sysctl ?? {}).flatMap((key) => checkKey(spec, key)),
  },
];

const domainnameKeys = ['kernel.domainname', 'kernel/domainname'];

export const kernelAdvice: readonly Rule[] = [
  {
    name: 'domainname-sysctl',
    section: 'config.md, Domainname; proc(5), /proc/sys/kernel/domainname: one name; runc sets the sysctl last',
    check: ({ domainname = '', linux }) =>
      domainnameKeys.flatMap((key) => {
        const value = linux?.sysctl?.[key] ?? domainname;
        const differs = domainname !== '' && value !== domainname;
        return when(differs, '/domainname', () => `has no effect: linux.sysctl has ${quoteText(value, 60)} for ${key}`);
      }),
  },
];
