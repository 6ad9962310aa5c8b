// The library as an ordinary user: containers, and a sandbox that reports what it could not limit.
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '../harness/case.js';
import { projectRoot } from '../harness/runtime.js';

const user = 1000;

test('an ordinary user’s sandbox', (t, box) => {
  mkdirSync(box.stateRoot);
  chownSync(box.stateRoot, user, user);
  const path = box.path('program.mjs');
  writeFileSync(
    path,
    `import { sandbox } from ${JSON.stringify(join(projectRoot, 'dist/node/sandbox.js'))};
     const root = ${JSON.stringify(box.stateRoot)};
     const { code, stdout, warnings } = await sandbox({ command: ['sh', '-c', 'id -u; cat file; exit 3'], files: { file: 'text' }, root });
     const strict = await sandbox({ command: ['true'], strict: true, root }).catch((error) => error);
     const late = await sandbox({ command: ['sleep', '60'], timeout: 200, root });
     console.log(JSON.stringify({ code, stdout, warnings, strict: strict.code, timedOut: late.timedOut, signal: late.signal }));`,
  );
  const options = { uid: user, gid: user, env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8', timeout: 30_000 } as const;
  const result = JSON.parse(execFileSync(process.execPath, [path], options)) as { warnings: string[]; strict?: string };
  t.match(result, { code: 3, stdout: '0\ntext', timedOut: true, signal: 'SIGKILL' });
  // If it may make cgroups, there is nothing to warn about.
  if (result.warnings.length > 0) t.equal(result.strict, 'E_UNSUPPORTED', result.warnings.join('; '));
  else t.equal(result.strict, undefined);
});
