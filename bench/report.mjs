// Figures to standard output, and to docs/performance.md, .svg and .json.
import { cpus, loadavg, release } from 'node:os';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { output, root, run } from '../scripts/run.mjs';
import { picture } from './picture.mjs';
import { commandTables, crowdTables, growthTables, markdown, memoryTable, plain } from './tables.mjs';

/** What is measured on, with how busy it was. */
export function machine() {
  return `${cpus()[0].model}, ${cpus().length} CPUs, Linux ${release()}, load average ${loadavg()[0].toFixed(1)} afterwards`;
}

/** The first line of its --version. */
export function versionOf({ path }) {
  return (output(path, ['--version']) ?? '').split('\n')[0];
}

/** [title, tables] of all that was measured. */
function sections({ configs, crowds, memory, base, mounts, containers, manyMounts, manyContainers, emulated }) {
  const list = Object.entries(configs ?? {}).map(([config, one]) => [`With ${config}.json`, commandTables(one, emulated)]);
  if (crowds !== undefined) list.push(['Many at once', crowdTables(crowds)]);
  if (memory !== undefined) list.push(['Little memory', [memoryTable(memory)]]);
  if (mounts !== undefined) list.push([`With ${manyMounts} mounts more on the host`, growthTables(base, mounts)]);
  if (containers !== undefined) list.push([`With ${manyContainers} containers that live`, growthTables(base, containers)]);
  return list;
}

/** To standard output. */
export function show(result) {
  for (const [title, tables] of sections(result)) {
    process.stdout.write(`\n${title}\n${tables.map(plain).join('\n')}`);
  }
  process.stdout.write('\n');
  for (const [name, version] of Object.entries(result.versions)) process.stdout.write(`${name}: ${version}\n`);
}

const method = `Each command is started by a small program that waits for it (\`bench/spawn.cpp\`): wall time is from the start of the process to
its end; CPU time, page faults and peak memory are what the kernel counts for it and the children that it waited for, so that the
container's own process is none of it unless \`run\` or \`exec\` waits for it. State directories are on a tmpfs, as /run is. All runtimes
take turns, each round with all commands; the first round is not counted. Figures are medians, in brackets the middle half; × is how
many times ours. A hybrid machine is measured without its v2 hierarchy, since crun refuses to run with both.

Many at once are started by \`bench/crowd.cpp\`, with docker.json. The smallest memory limit is found by bisection to 64 KiB: \`run true\`
with runc.json and that \`linux.resources.memory.limit\` ends with 0 three times in a row. Growth compares the same commands, with
docker.json, on the same machine with bind mounts more, and with containers more of the same runtime.`;

const emulation = `In a virtual machine without hardware support (\`conformance/vm\`), five to ten times slower than outside: CPU times can be
compared with one another, and with nothing else.`;

function chapter(result) {
  const { machine: where, rounds, cgroups, emulated } = result;
  return [
    `## cgroup ${cgroups}${emulated ? ', emulated' : ''}`,
    ...(emulated ? [emulation] : []),
    `${where}. ${rounds} rounds.`,
    Object.entries(result.versions)
      .map(([name, version]) => `- ${name}: ${version}`)
      .join('\n'),
    ...sections(result).map(([title, tables]) => `### ${title}\n\n${tables.map(markdown).join('\n\n')}`),
  ].join('\n\n');
}

const file = (extension) => join(root, `docs/performance.${extension}`);

/** By layout of cgroups, what the last run of each was. */
function stored() {
  const known = existsSync(file('json')) ? JSON.parse(readFileSync(file('json'), 'utf8')) : {};
  return Object.fromEntries(Object.entries(known).filter(([, one]) => one?.versions !== undefined));
}

/** docs/performance.md, .svg and .json: what was measured on another layout of cgroups stays. */
export function write(result) {
  const results = { ...stored(), [result.cgroups]: result };
  const text = [
    '# Performance',
    'Made by `npm run bench -- --write`, and for cgroup v2 by `npm run bench -- --cgroups v2 --write`, which anybody can run as root.',
    '![Wall time of each command](performance.svg)',
    '## Method',
    method,
    'The configs are in [bench/configs](../bench/configs/SOURCE.md): the one of `runc spec`, and one of a real dockerd with its seccomp profile.',
    ...Object.keys(results)
      .sort()
      .map((layout) => chapter(results[layout])),
    'The same as JSON: [performance.json](performance.json).',
  ].join('\n\n');
  writeFileSync(file('md'), `${text}\n`);
  const drawn = Object.values(results).find(({ configs, emulated }) => configs !== undefined && !emulated);
  if (drawn !== undefined) writeFileSync(file('svg'), picture(drawn.configs));
  writeFileSync(file('json'), JSON.stringify(results));
  run('node_modules/.bin/prettier', ['--log-level', 'warn', '--write', file('md'), file('json')]);
}
