// Rules on devices and network devices (config-linux.md, Devices, Network Devices).
import { joinPointer } from '../../json/pointer.js';
import { quoteText } from '../../json/quote.js';
import { forEach, isAbsolute, namespaceOf, when, type Rule } from '../rule.js';
import type { Violation } from '../violation.js';

/** makedev(3). */
const lastNumber = 0xffff_ffff;

export const deviceRules: readonly Rule[] = [
  {
    name: 'device-numbers',
    section: 'config-linux.md, Devices: major, minor "REQUIRED unless type is p"',
    check: ({ linux }) =>
      forEach(linux?.devices, '/linux/devices', ({ type, major, minor }, at) => {
        if (type === 'p') return [];
        return Object.entries({ major, minor }).flatMap(([name, number]) => [
          ...when(number === undefined, `${at}/${name}`, `is missing, but required for type "${type}"`),
          ...when(
            number !== undefined && (number < 0 || number > lastNumber),
            `${at}/${name}`,
            `found ${number}, allowed: 0 to ${lastNumber}`,
          ),
        ]);
      }),
  },
  {
    name: 'device-path',
    section: 'config-linux.md, Devices: "full path to device inside container"',
    check: ({ linux }) =>
      forEach(linux?.devices, '/linux/devices', ({ path }, at) => when(path === '', `${at}/path`, 'is empty')),
  },
];

export const deviceAdvice: readonly Rule[] = [
  {
    name: 'device-path-absolute',
    section: 'config-linux.md, Devices: "full path to device inside container"',
    check: ({ linux }) =>
      forEach(linux?.devices, '/linux/devices', ({ path }, at) =>
        when(!isAbsolute(path), `${at}/path`, () => `${quoteText(path, 60)} is relative; taken from "/"`),
      ),
  },
];

/** dev_valid_name() of Linux, net/core/dev.c: IFNAMSIZ is 16, including the closing NUL. */
function isInterfaceName(name: string): boolean {
  return name.length > 0 && name.length < 16 && name !== '.' && name !== '..' && !/[/:\s\0]/.test(name);
}

function checkInterface(name: string, pointer: string): Violation[] {
  return when(
    !isInterfaceName(name),
    pointer,
    () => `${quoteText(name, 60)} is not the name of a network interface: 1 to 15 characters without "/", ":" and spaces`,
  );
}

export const networkRules: readonly Rule[] = [
  {
    name: 'net-devices-namespace',
    section: 'config-linux.md, Network Devices; runc',
    check: (spec) => {
      const given = Object.keys(spec.linux?.netDevices ?? {}).length > 0;
      return when(
        given && namespaceOf(spec, 'network') === undefined,
        '/linux/netDevices',
        'needs a network namespace: {"type": "network"} in linux.namespaces',
      );
    },
  },
  {
    name: 'net-devices-names',
    section: 'config-linux.md, Network Devices: names; ip-link(8)',
    check: ({ linux }) => {
      const seen = new Set<string>();
      return Object.entries(linux?.netDevices ?? {}).flatMap(([device, { name = '' }]) => {
        const pointer = joinPointer('/linux/netDevices', device);
        const inside = name === '' ? device : name;
        const taken = seen.has(inside) && !inside.includes('%d');
        seen.add(inside);
        return [
          ...checkInterface(device, pointer),
          ...(name === '' ? [] : checkInterface(name, `${pointer}/name`)),
          ...when(taken, pointer, () => `a second device named ${quoteText(inside, 60)} in the container`),
        ];
      });
    },
  },
];
