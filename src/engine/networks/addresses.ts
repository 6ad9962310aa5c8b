// IPv4 addresses as numbers, and subnets.
import { engineError } from '../errors.js';

export interface Subnet {
  /** Its first address. */
  readonly base: number;
  readonly prefix: number;
}

/** null: not an address. */
export function parseAddress(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** IPv4 or IPv6. */
export function isAddress(text: string): boolean {
  if (parseAddress(text) !== null) return true;
  const groups = text.split(':');
  const short = text.split('::').length - 1;
  const known = groups.every((group) => /^[0-9a-f]{0,4}$/i.test(group)) && !/^:[^:]|[^:]:$|:::/.test(text);
  const count = groups.filter((group) => group !== '').length;
  return known && groups.length > 2 && (short === 1 ? count < 8 : short === 0 && count === 8);
}

export function showAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

const sizeOf = (prefix: number): number => 2 ** (32 - prefix);

/** "10.1.0.0/16"; ignores bits after the prefix. */
export function parseSubnet(text: string): Subnet {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const number = parseAddress(address);
  const length = /^\d{1,2}$/.test(prefix) ? Number(prefix) : 33;
  if (number === null || length > 32 || rest.length > 0)
    throw engineError(`invalid CIDR address: ${text}`, 'For example: 10.1.0.0/24');
  return { base: number - (number % sizeOf(length)), prefix: length };
}

export const showSubnet = ({ base, prefix }: Subnet): string => `${showAddress(base)}/${prefix}`;

export function contains({ base, prefix }: Subnet, address: number): boolean {
  return address >= base && address < base + sizeOf(prefix);
}

export const overlap = (one: Subnet, other: Subnet): boolean => contains(one, other.base) || contains(other, one.base);

/** The lowest free address: not the network's own, the gateway's or the broadcast address. */
export function freeAddress(subnet: Subnet, range: Subnet, taken: ReadonlySet<number>): number | null {
  const last = Math.min(range.base + sizeOf(range.prefix), subnet.base + sizeOf(subnet.prefix) - 1);
  for (let address = Math.max(range.base, subnet.base + 1); address < last; ++address) if (!taken.has(address)) return address;
  return null;
}

/** Destinations in /proc/net/route: hexadecimal, bytes reversed. */
export function parseRoutes(text: string): Subnet[] {
  const reversed = (hex: string): number =>
    (hex.match(/../g) ?? []).reduceRight((sum, byte) => sum * 256 + parseInt(byte, 16), 0);
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const columns = line.split('\t');
      const [destination, mask] = [columns[1], columns[7]];
      if (destination === undefined || mask === undefined) return [];
      const prefix = reversed(mask).toString(2).replace(/0/g, '').length;
      return prefix === 0 ? [] : [{ base: reversed(destination), prefix }];
    });
}

/** The hardware address that docker derives from an address: neighbours need not forget its previous owner. */
export function hardwareAddress(address: number): string {
  return ['02', '42', ...[24, 16, 8, 0].map((shift) => ((address >>> shift) & 255).toString(16).padStart(2, '0'))].join(':');
}
