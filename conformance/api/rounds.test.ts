// Many rounds leave nothing of the program's or its fork server's; rounds.ts has more of them, and measures delays and memory.
import { test } from '../harness/case.js';
import { runtimeOf } from './harness/api.js';
import { holdings, markForkServer, rounds } from './harness/rounds.js';

test('no descriptor, thread or process more after many rounds', async (t, box) => {
  markForkServer();
  const container = box.container();
  const options = () => ({ bundle: container.bundle, stdout: 'pipe', stderr: 'pipe', stdin: 'pipe' }) as const;
  const round = { runtime: runtimeOf(box), id: container.id, options };
  await rounds(round, 3);
  const before = await holdings();
  t.equal(before.servers, 1, 'its fork server');
  await rounds(round, 30);
  const after = await holdings();
  for (const key of ['descriptors', 'threads', 'servers', 'serverDescriptors'] as const)
    t.ok(after[key] <= before[key], `${key}: ${before[key]} before, ${after[key]} after`);
});
