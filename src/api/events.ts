// A container's usage and its out-of-memory events, as they happen.
import { begin } from './fork-server/exchange.js';
import { check } from './options.js';
import type { RuntimeContext } from './context.js';

export type ContainerEvent =
  { readonly type: 'stats'; readonly data: Readonly<Record<string, unknown>> } | { readonly type: 'oom' };

export interface EventsOptions {
  /** Milliseconds between two statistics; 5000 by default. */
  readonly interval?: number;
  readonly signal?: AbortSignal;
}

const usualInterval = 5000;

export async function* eventsOf(
  { settings, warn }: RuntimeContext,
  id: string,
  options: EventsOptions,
): AsyncGenerator<ContainerEvent, void, undefined> {
  check('options of events', options, { interval: 'positive number', signal: 'AbortSignal' });
  const { interval: intervalMs = usualInterval, signal } = options;
  const queue: ContainerEvent[] = [];
  let wake = (): void => undefined;
  const event = (one: unknown): void => {
    queue.push(one as ContainerEvent);
    wake();
  };
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const exchange = await begin('events', settings, { id, intervalMs }, { warn, event, signal: both });
  const state = { over: false };
  const end = exchange.result.finally(() => {
    state.over = true;
    wake();
  });
  end.catch(() => undefined);
  try {
    for (;;) {
      while (queue.length > 0) yield queue.shift()!;
      if (state.over) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await end;
  } finally {
    stop.abort();
  }
}
