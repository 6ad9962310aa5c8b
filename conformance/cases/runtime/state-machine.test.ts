// runtime.md, "Operations": which verb is accepted in which status. The table is complete.
import { failed, type KnownDifferences, succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import type { CommandResult } from '../../harness/command.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

type Status = 'created' | 'running' | 'paused' | 'stopped';
const verbs = ['create', 'run', 'start', 'kill', 'delete', 'state', 'pause', 'resume', 'exec'] as const;
type Verb = (typeof verbs)[number];

const accepted: Record<Verb, readonly Status[]> = {
  create: [],
  run: [],
  start: ['created'],
  kill: ['created', 'running', 'paused'],
  delete: ['stopped'],
  state: ['created', 'running', 'paused', 'stopped'],
  pause: ['created', 'running'],
  resume: ['paused'],
  exec: ['created', 'running'],
};

async function containerIn(status: Status, box: Box): Promise<Container> {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const created = await container.create();
  if (created.code !== 0) throw new Error(`create failed: ${created.stderr}`);
  if (status !== 'created') await container.start();
  if (status === 'stopped') await container.kill();
  if (status === 'paused') await container.verb('pause');
  await container.waitFor(status);
  return container;
}

function carryOut(verb: Verb, container: Container): Promise<CommandResult> {
  if (verb === 'exec') return container.verb('exec', {}, ['true']);
  return verb === 'create' || verb === 'run' ? container[verb]() : container.verb(verb);
}

const known: Readonly<Record<string, KnownDifferences>> = {
  'delete created': { runc: 'kills and deletes a created container', crun: 'kills and deletes a created container' },
  'resume created': { crun: 'takes it for done' },
  'resume running': { crun: 'takes it for done' },
  'pause paused': { crun: 'takes it for done' },
  'exec paused': { crun: 'ends with 1' },
  'exec stopped': { crun: 'ends with 1' },
};

for (const status of ['created', 'running', 'paused', 'stopped'] as const) {
  for (const verb of verbs) {
    const allowed = accepted[verb].includes(status);
    const options = { knownDifferences: known[`${verb} ${status}`] ?? {} };
    const body: Parameters<typeof test>[1] = async (t, box) => {
      const container = await containerIn(status, box);
      const before = await container.state();
      const result = await carryOut(verb, container);
      if (allowed) {
        succeeded(t, result);
        return;
      }
      if (verb === 'exec') t.equal(result.code, 255);
      else failed(t, result);
      t.same(await container.state(), before, 'and has no effect');
      if (runtime.isOurs && ['start', 'kill', 'delete', 'exec'].includes(verb))
        t.match(result.stderr, new RegExp(status), 'the message names the status');
    };
    test(`${verb} in status ${status} is ${allowed ? 'accepted' : 'refused'}`, body, options);
  }
}
