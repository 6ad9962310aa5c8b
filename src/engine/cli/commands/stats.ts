// stats: what containers use, in a table that refreshes.
import { allContainers, isRunning, requireContainer, type StoredContainer } from '../../records/container-store.js';
import { usageOf, type Usage } from '../../containers/usage.js';
import type { Engine } from '../../engine.js';
import type { Call } from '../command.js';
import type { Fields } from '../format/go-values.js';
import { rowsText } from '../format/show-rows.js';
import { outputWidth } from '../format/table.js';
import { binarySize, humanSize } from '../format/units.js';
import { shortId } from '../../records/ids.js';

const headings = {
  Container: 'CONTAINER',
  ID: 'CONTAINER ID',
  Name: 'NAME',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O',
  PIDs: 'PIDS',
};
const columns = ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'];

/** How long CPU time is measured before the first table. */
const firstMs = 500;
const intervalMs = 1000;

const percent = (value: number): string => `${value.toFixed(2)}%`;

function row({ record }: StoredContainer, now: Usage | null, before: Usage | undefined, full: boolean): Fields {
  const id = full ? record.id : shortId(record.id);
  const named = { Container: id, ID: id, Name: record.name };
  if (now === null)
    return { ...named, CPUPerc: '--', MemUsage: '-- / --', MemPerc: '--', NetIO: '--', BlockIO: '--', PIDs: '--' };
  const elapsed = (now.at - (before?.at ?? now.at)) * 1e6;
  return {
    ...named,
    CPUPerc: percent(elapsed > 0 ? (100 * (now.cpu - (before?.cpu ?? now.cpu))) / elapsed : 0),
    MemUsage: `${binarySize(now.memory)} / ${binarySize(now.memoryLimit)}`,
    MemPerc: percent(now.memoryLimit === 0 ? 0 : (100 * now.memory) / now.memoryLimit),
    NetIO: `${humanSize(now.received)} / ${humanSize(now.sent)}`,
    BlockIO: `${humanSize(now.blocksRead)} / ${humanSize(now.blocksWritten)}`,
    PIDs: String(now.pids),
  };
}

/** The named containers, or all that are running now. */
function subjects({ engine, values, args }: Call): StoredContainer[] {
  if (args.length > 0) return args.map((said) => requireContainer(engine, said));
  return allContainers(engine).filter((one) => values['all'] === true || isRunning(engine, one));
}

type Samples = ReadonlyMap<string, Usage>;

function sample(engine: Engine, containers: readonly StoredContainer[]): Samples {
  const found = containers.map((one) => [one.record.id, isRunning(engine, one) ? usageOf(engine, one) : null] as const);
  return new Map(found.flatMap(([id, usage]) => (usage === null ? [] : [[id, usage] as const])));
}

export function run(call: Call): number {
  const { engine, values } = call;
  const { host } = engine;
  const once = values['no-stream'] === true;
  const terminal = host.isTerminal(1);
  let before = sample(engine, subjects(call));
  if (before.size > 0) host.sleep(firstMs);
  for (;;) {
    const containers = subjects(call);
    const now = sample(engine, containers);
    const rows = containers.map((one) =>
      row(one, now.get(one.record.id) ?? null, before.get(one.record.id), values['no-trunc'] === true),
    );
    const text = rowsText(values, { rows, headings, columns }, outputWidth(host));
    host.write(1, once || !terminal ? text : refreshed(text));
    if (once) return 0;
    before = now;
    host.sleep(intervalMs);
  }
}

/** Draws over the previous table without flicker: each line clears the rest of itself, the last one everything below. */
function refreshed(text: string): string {
  return `\u001b[H${text.replaceAll('\n', '\u001b[K\n')}\u001b[J`;
}
