// A Host in which one call fails, or is the last thing that the process does.
import type { Host } from '../../src/host/host.js';

export interface Fault {
  /** Which call, counting from 1 over all that can fail; 0: none. */
  readonly nth: number;
  /** The errno to fail with; "kill": SIGKILL before the call; "kill-after": SIGKILL after it. */
  readonly how: number | 'kill' | 'kill-after';
}

/** They cannot fail, or failure has no effect: the kernel closes a descriptor whatever it returns. */
const harmless = new Set(['env', 'cwd', 'now', 'monotonic', 'sleep', 'write', 'append', 'exit', 'close', 'isInherited']);

type Call = (...args: unknown[]) => unknown;

function inject(name: string, how: Fault['how'], call: () => unknown): unknown {
  // A failed Host call throws a plain record (src/host/failure.ts).
  // eslint-disable-next-line @typescript-eslint/only-throw-error
  if (typeof how === 'number') throw { operation: `fault in ${name}`, errno: how };
  try {
    return how === 'kill-after' ? call() : null;
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}

function described(name: string, args: readonly unknown[]): string {
  const path = args.find((one) => typeof one === 'string');
  return path === undefined ? name : `${name} ${path.replaceAll(/\s/g, ' ').slice(0, 200)}`;
}

/** `called` is told each call that counts, by name and path, before it is made. */
export function faulty(host: Host, { nth, how }: Fault, called: (name: string) => void): Host {
  let count = 0;
  const wrap = (name: string, call: Call): Call => {
    return (...args) => {
      called(described(name, args));
      return ++count === nth ? inject(name, how, () => call(...args)) : call(...args);
    };
  };
  const entries = Object.entries(host).map(([name, value]: [string, unknown]) => {
    return [name, typeof value === 'function' && !harmless.has(name) ? wrap(name, value as Call) : value];
  });
  return Object.fromEntries(entries) as Host;
}
