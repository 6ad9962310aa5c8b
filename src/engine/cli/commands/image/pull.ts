import { engineError } from '../../../errors.js';
import { emit } from '../../../records/events.js';
import { parsePlatform } from '../../../images/registry/platform.js';
import { pullImage } from '../../../images/registry/pull.js';
import { remoteTags } from '../../../images/registry/tags.js';
import { canonical, familiar, hasTag, parseReference, repository } from '../../../images/reference.js';
import type { Call } from '../../command.js';

function pullOne({ engine, values }: Call, said: string): void {
  const platform = values['platform'];
  const reference = parseReference(said);
  const quiet = values['quiet'] === true;
  pullImage(engine, said, { quiet, to: 1, ...(typeof platform === 'string' ? { platform: parsePlatform(platform) } : {}) });
  emit(engine, { Type: 'image', Action: 'pull', id: familiar(reference), attributes: { name: familiar(reference) } });
}

function pullAll(call: Call, said: string): void {
  const { engine } = call;
  const reference = parseReference(said);
  if (hasTag(said)) throw engineError("tag can't be used with --all-tags/-a", 'Omit one of them');
  for (const tag of remoteTags(engine, reference)) pullOne(call, `${repository(reference)}:${tag}`);
}

export function run(call: Call): number {
  const { engine, values, args } = call;
  const said = args[0]!;
  const reference = parseReference(said);
  const all = values['all-tags'] === true;
  if (values['quiet'] !== true && !all && !hasTag(said)) engine.host.write(1, `Using default tag: ${reference.tag}\n`);
  if (all) pullAll(call, said);
  else pullOne(call, said);
  engine.host.write(1, `${all ? repository(reference) : canonical(reference)}\n`);
  return 0;
}
