// A Host that reports every call: `--debug`, to see what a failing command did.
import { errnoName } from './errno.js';
import { isHostFailure } from './failure.js';
import type { Host } from './host.js';

const shownCharacters = 200;

/** Calls that the log itself makes, or that say nothing. */
const quiet = new Set(['now', 'append', 'write']);

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Uint8Array || typeof inner === 'bigint' ? show(String(inner)) : inner,
  );
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}… (${text.length} characters)`;
}

function failureText(caught: unknown): string {
  return isHostFailure(caught) ? `${errnoName(caught.errno).name} (${caught.operation} ${caught.path ?? ''})` : String(caught);
}

function traced(
  name: string,
  call: (...args: unknown[]) => unknown,
  say: (text: string) => void,
): (...args: unknown[]) => unknown {
  return (...args) => {
    const line = `${name}(${args.map(show).join(', ')})`;
    try {
      const result = call(...args);
      say(`${line} = ${show(result)}`);
      return result;
    } catch (caught) {
      say(`${line} failed: ${failureText(caught)}`);
      throw caught;
    }
  };
}

/** The same host; after each call, `say` gets a line about it. */
export function traceHost(host: Host, say: (text: string) => void): Host {
  const entries = Object.entries(host).map(([name, value]: [string, unknown]) => {
    return [
      name,
      typeof value === 'function' && !quiet.has(name) ? traced(name, value as (...args: unknown[]) => unknown, say) : value,
    ];
  });
  return Object.fromEntries(entries) as Host;
}
