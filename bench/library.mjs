// The library in this warm program, compared with command lines: our own, runc's, and other ways to run one untrusted program.
// Like a user's program, so everything but the standalone executable is started and timed by Node.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { find } from '../scripts/run.mjs';
import { ownDocker } from './docker-own.mjs';
import { spread, timed } from './measure.mjs';

/** As the sandbox has it: the host's /usr, new namespaces of every kind, nothing writable but memory. */
const bwrapOptions = [
  ...[
    '--ro-bind',
    '/usr',
    '/usr',
    '--symlink',
    'usr/bin',
    '/bin',
    '--symlink',
    'usr/lib',
    '/lib',
    '--symlink',
    'usr/lib64',
    '/lib64',
  ],
  ...['--ro-bind', '/etc/ld.so.cache', '/etc/ld.so.cache', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
  ...['--tmpfs', '/work', '--chdir', '/work', '--unshare-all', '--unshare-user', '--uid', '0', '--gid', '0', '--cap-drop', 'ALL'],
  ...['--die-with-parent', '--new-session', '--clearenv', '--setenv', 'PATH', '/usr/bin'],
];

async function command(path, args) {
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${path} ${args[0]}: exit code ${code}: ${errors.trim().split('\n').at(-1)}`);
}

function own({ Runtime }, { sandbox, SandboxPool }, { state, id, bundle }) {
  const runtime = new Runtime({ root: state });
  const quiet = { bundle, stdout: 'null', stderr: 'null' };
  const pool = new SandboxPool({ root: state, size: 2 });
  const warm = async () => {
    // Otherwise the pool's preparations would be measured, too.
    const taken = await pool.use(async (one) => {
      const begin = performance.now();
      await one.exec({ command: ['/bin/true'] });
      return performance.now() - begin;
    });
    await pool.ready();
    return taken;
  };
  return {
    ways: {
      'library: create, start, wait, delete': async () => {
        const made = await runtime.create(id, quiet);
        await made.start();
        await made.wait();
        await made.delete();
      },
      'library: run': () => runtime.run(id, quiet),
      'sandbox of /bin/true': () => sandbox({ command: ['/bin/true'], root: state }),
      'sandbox of /bin/true, with a file': () => sandbox({ command: ['/bin/true'], files: { a: 'text' }, root: state }),
      'exec of /bin/true in a pooled sandbox': warm,
    },
    end: () => pool[Symbol.asyncDispose](),
  };
}

/** Each way to run a program that is possible on this machine. */
function others({ runtimes, errors, state, id, bundle, docker }) {
  const [ours] = runtimes;
  const runc = runtimes.find(({ name }) => name === 'runc');
  const bwrap = find('bwrap');
  return {
    'pocker-runc run': async () => timed(ours, errors, ['--root', state, 'run', '--bundle', bundle, id]).ms,
    'child_process: pocker-runc run': () => command(ours.path, ['--root', state, 'run', '--bundle', bundle, id]),
    ...(runc && {
      'child_process: runc run': () => command(runc.path, ['--root', `${state}-runc`, 'run', '--bundle', bundle, id]),
    }),
    ...(bwrap && { 'child_process: bwrap /bin/true': () => command(bwrap, [...bwrapOptions, '/bin/true']) }),
    ...(docker && { 'child_process: docker run': () => command(...docker.run) }),
  };
}

/** Milliseconds of each way, in turns; the first round is not counted. What fails is reported and left out. */
export async function measureLibrary({ runtimes, placeOf, directory }, rounds, bundle) {
  const { state, id, errors } = placeOf(runtimes[0]);
  const modules = [import('../dist/node/api.js'), import('../dist/node/sandbox.js')];
  const { ways, end } = own(...(await Promise.all(modules)), { state, id, bundle });
  const docker = await startedDocker(join(directory, 'docker'), `${id}-docker`);
  try {
    return await inTurns({ ...others({ runtimes, errors, state, id, bundle, docker }), ...ways }, rounds);
  } finally {
    await docker?.close();
    await end();
  }
}

/** Without docker, the others are still measured. */
async function startedDocker(...place) {
  try {
    const docker = await ownDocker(...place);
    if (docker === undefined) process.stdout.write('left out: docker run: docker is not installed\n');
    return docker;
  } catch (error) {
    process.stdout.write(`left out: docker run: ${error.message}\n`);
    return undefined;
  }
}

async function inTurns(all, rounds) {
  const samples = new Map();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, way] of Object.entries(all)) {
      const known = samples.get(name) ?? samples.set(name, []).get(name);
      const begin = performance.now();
      try {
        const ms = await way();
        if (round > 0) known.push(typeof ms === 'number' ? ms : performance.now() - begin);
      } catch (error) {
        process.stdout.write(`left out: ${name}: ${error.message}\n`);
        samples.delete(name);
        delete all[name];
      }
    }
  }
  return Object.fromEntries([...samples].map(([name, list]) => [name, spread(list)]));
}
