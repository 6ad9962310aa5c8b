// inspect: everything known about containers, images, networks and volumes.
import { PockerError } from '../../../errors.js';
import { inspectContainer } from '../../containers/inspection.js';
import { findId, readContainer } from '../../records/container-store.js';
import type { Engine } from '../../engine.js';
import { engineError, usageError } from '../../errors.js';
import { inspectImage } from '../../images/inspection.js';
import { showNetwork } from '../../networks/inspection.js';
import { findNetwork } from '../../networks/networks.js';
import { readVolume } from '../../volumes/volumes.js';
import type { Call } from '../command.js';
import { json, type Fields } from '../format/go-values.js';
import { template, type Template } from '../format/template.js';
import { showVolume } from './volume.js';
import { findImage } from '../../images/find.js';

/** docker's exit code for a template that does not parse. */
const badTemplate = 64;

type Kind = 'container' | 'image' | 'network' | 'volume';

function finders(engine: Engine, size: boolean): Readonly<Record<Kind, (said: string) => Fields | null>> {
  const known = <T>(found: T | null, show: (found: T) => Fields): Fields | null => (found === null ? null : show(found));
  return {
    container: (said) => {
      const id = findId(engine, said);
      return known(id === null ? null : readContainer(engine, id), (found) => inspectContainer(engine, found, size));
    },
    image: (said) => known(findImage(engine, said), (found) => inspectImage(engine, found)),
    network: (said) => known(findNetwork(engine, said), (found) => showNetwork(engine, found)),
    volume: (said) => known(readVolume(engine, said), showVolume),
  };
}

function findOne(engine: Engine, said: string, kinds: readonly Kind[], size: boolean): Fields {
  const find = finders(engine, size);
  for (const kind of kinds) {
    const found = find[kind](said);
    if (found !== null) return found;
  }
  const [only] = kinds;
  throw engineError(
    `No such ${kinds.length === 1 ? only! : 'object'}: ${said}`,
    "List them with 'pocker ps -a' and 'pocker images'",
  );
}

/** undefined: as JSON. */
function chosenTemplate({ log }: Engine, format: unknown): Template | undefined | null {
  if (typeof format !== 'string' || format === '' || format === 'json') return undefined;
  try {
    return template(format);
  } catch (caught) {
    log.error(caught);
    return null;
  }
}

function inspect(call: Call, kinds: readonly Kind[]): number {
  const { engine, values, args } = call;
  const run = chosenTemplate(engine, values['format']);
  if (run === null) return badTemplate;
  const found: Fields[] = [];
  let failed = 0;
  for (const word of args) {
    try {
      found.push(findOne(engine, word, kinds, values['size'] === true));
    } catch (caught) {
      if (!(caught instanceof PockerError)) throw caught;
      failed = 1;
      engine.log.error(caught);
    }
  }
  if (run !== undefined) return showEach(engine, found, run) ? failed : 1;
  engine.host.write(1, `${json(found, values['format'] === 'json' ? undefined : 4)}\n`);
  return failed;
}

/** As in docker: prints an empty line for an object that does not fit the template, and stops there. */
function showEach({ host, log }: Engine, found: readonly Fields[], run: Template): boolean {
  for (const one of found) {
    try {
      host.write(1, `${run(one)}\n`);
    } catch (caught) {
      host.write(1, '\n');
      log.error(caught);
      return false;
    }
  }
  return true;
}

const all: readonly Kind[] = ['container', 'image', 'network', 'volume'];

export function run(call: Call): number {
  const { type } = call.values;
  if (type === undefined) return inspect(call, all);
  const kind = all.find((one) => one === type);
  if (kind === undefined) throw usageError(`unknown type: ${JSON.stringify(type)}: must be one of ${all.join(', ')}`, 'inspect');
  return inspect(call, [kind]);
}

export const containers = (call: Call): number => inspect(call, ['container']);
export const images = (call: Call): number => inspect(call, ['image']);
