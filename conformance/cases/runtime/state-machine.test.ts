// runtime.md, "Operations": which verb is accepted in which status. The table is the whole of it.
import { failed, succeeded, test } from '../../harness/case.js';
import type { Box } from '../../harness/box.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';

type Status = 'created' | 'running' | 'stopped';
type Verb = 'create' | 'run' | 'start' | 'kill' | 'delete' | 'state';

const accepted: Record<Verb, readonly Status[]> = {
  create: [],
  run: [],
  start: ['created'],
  kill: ['created', 'running'],
  delete: ['stopped'],
  state: ['created', 'running', 'stopped'],
};

async function containerIn(status: Status, box: Box): Promise<Container> {
  const container = box.container((config) => {
    config.process.args = ['sleep', '60'];
  });
  const created = await container.create();
  if (created.code !== 0) throw new Error(`create failed: ${created.stderr}`);
  if (status !== 'created') await container.start();
  if (status === 'stopped') await container.kill();
  await container.waitFor(status);
  return container;
}

for (const status of ['created', 'running', 'stopped'] as const) {
  for (const verb of ['create', 'run', 'start', 'kill', 'delete', 'state'] as const) {
    const allowed = accepted[verb].includes(status);
    const options =
      verb === 'delete' && status === 'created' ? { knownDifferences: { runc: 'kills and deletes a created container' } } : {};
    const body: Parameters<typeof test>[1] = async (t, box) => {
      const container = await containerIn(status, box);
      const before = await container.state();
      const result = await (verb === 'state' ? container.verb('state') : container[verb]());
      if (allowed) {
        succeeded(t, result);
        return;
      }
      failed(t, result);
      t.same(await container.state(), before, 'and has no effect');
      if (runtime.isOurs && !['create', 'run'].includes(verb))
        t.match(result.stderr, new RegExp(status), 'the message names the status');
    };
    test(`${verb} in status ${status} is ${allowed ? 'accepted' : 'refused'}`, body, options);
  }
}
