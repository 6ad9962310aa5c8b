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

test('an ordinary user’s containers, and a sandbox that is kept', (t, box) => {
  const { id, bundle, rootfs } = box.container((config) => {
    config.process.args = ['sh', '-c', 'read line; echo "got $line"; exit 6'];
    config.linux.namespaces = ['user', 'pid', 'mount'].map((type) => ({ type }));
    config.linux.uidMappings = [{ containerID: 0, hostID: user, size: 1 }];
    config.linux.gidMappings = [{ containerID: 0, hostID: user, size: 1 }];
    delete config.linux.cgroupsPath;
    delete config.linux.resources;
  });
  mkdirSync(box.stateRoot);
  for (const path of [box.stateRoot, bundle, rootfs]) chownSync(path, user, user);
  const path = box.path('program.mjs');
  writeFileSync(
    path,
    `import { Runtime } from ${JSON.stringify(join(projectRoot, 'dist/node/api.js'))};
     import { Sandbox } from ${JSON.stringify(join(projectRoot, 'dist/node/sandbox.js'))};
     const [root, bundle, id] = ${JSON.stringify([box.stateRoot, bundle, id])};
     const runtime = new Runtime({ root });
     const made = await runtime.create(id, { bundle, stdin: 'pipe', stdout: 'pipe', stderr: 'null' });
     const created = (await made.state()).status;
     await made.start();
     const other = await made.exec({ args: ['sh', '-c', 'exit 3'], stdout: 'null', stderr: 'null' });
     const { code: ofOther } = await other.wait();
     made.stdin.end('line\\n');
     const text = await made.stdout.text();
     const { code } = await made.wait();
     await made.delete();
     const kept = await Sandbox.create({ root });
     await kept.write('file', 'text');
     const read = await kept.read('file');
     await kept[Symbol.asyncDispose]();
     console.log(JSON.stringify({ created, ofOther, text, code, read, left: (await runtime.list()).length }));`,
  );
  const options = { uid: user, gid: user, env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8', timeout: 30_000 } as const;
  t.same(JSON.parse(execFileSync(process.execPath, [path], options)), {
    ...{ created: 'created', ofOther: 3, text: 'got line\n', code: 6, read: 'text', left: 0 },
  });
});
