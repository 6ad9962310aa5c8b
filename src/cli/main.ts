import type { Host } from '../host/host.js';
export async function main(host: Host): Promise<number> {
  host.write(1, 'pocker-runc version 0.1.0\n');
  return 0;
}
