// Samples to figures, and figures to a table, a picture and docs/performance.md.
import { cpus, loadavg, release } from 'node:os';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { output, root, run } from '../scripts/run.mjs';
import { operations } from './measure.mjs';

function quantile(numbers, part) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

const measures = ['ms', 'cpu', 'faults', 'kib'];

/** { median, low, high } (the middle half) of each measure. */
export function figure(results) {
  return Object.fromEntries(
    measures.map((key) => {
      const numbers = results.map((one) => one[key]);
      return [key, { median: quantile(numbers, 0.5), low: quantile(numbers, 0.25), high: quantile(numbers, 0.75) }];
    }),
  );
}

const cell = {
  ms: ({ median, low, high }) => `${median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`,
  cpu: ({ median, low, high }) => `${median.toFixed(1)} (${low.toFixed(1)}–${high.toFixed(1)})`,
  faults: ({ median }) => String(median),
  kib: ({ median }) => (median / 1024).toFixed(1),
};

const titles = {
  ms: 'Wall time, ms',
  cpu: 'CPU time, ms',
  faults: 'Page faults',
  kib: 'Peak memory of a process, MiB',
};

/** Rows of one measure of one config: each runtime's figure, and for the others how many times ours it is. */
function rows(figures, names, key) {
  const [ours] = names;
  const ratio = (name, what) => (figures[name][what][key].median / figures[ours][what][key].median).toFixed(2);
  const known = operations.filter((what) => figures[ours][what] !== undefined);
  return [
    [titles[key], ...names],
    ...known.map((what) => [
      what,
      ...names.map((name) => cell[key](figures[name][what][key]) + (name === ours ? '' : ` ×${ratio(name, what)}`)),
    ]),
  ];
}

function plainTable(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const padded = (line) => line.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column])));
  return `${lines.map((line) => padded(line).join('  ')).join('\n')}\n`;
}

function markdownTable(lines) {
  const [head, ...body] = lines.map((line) => `| ${line.join(' | ')} |`);
  return [head, `| --- |${' ---: |'.repeat(lines[0].length - 1)}`, ...body].join('\n');
}

/** To standard output. */
export function show({ configs, versions }) {
  for (const [config, { figures, names }] of Object.entries(configs)) {
    process.stdout.write(`\n${config}.json\n`);
    for (const key of measures) process.stdout.write(`${plainTable(rows(figures, names, key))}\n`);
  }
  for (const [name, version] of Object.entries(versions)) process.stdout.write(`${name}: ${version}\n`);
}

const colours = ['#2f6fb2', '#d98b2b', '#5a9a4a', '#8a5fb0', '#b0494f', '#777'];

/** Bars of wall time: one group for each operation, one colour for each runtime. */
function panel({ figures, names }, title, left) {
  const known = operations.filter((what) => what !== '--version' && figures[names[0]][what] !== undefined);
  const most = Math.max(...names.flatMap((name) => known.map((what) => figures[name][what].ms.median)));
  const height = names.length * 9 + 12;
  const bars = known.flatMap((what, group) => {
    const top = 46 + group * height;
    return [
      `<text x="${left + 120}" y="${top + height / 2 - 2}" text-anchor="end">${what}</text>`,
      ...names.map((name, index) => {
        const { median } = figures[name][what].ms;
        const width = Math.max(1, (median / most) * 250).toFixed(1);
        return (
          `<rect x="${left + 126}" y="${top + index * 9}" width="${width}" height="8" fill="${colours[index % colours.length]}"/>` +
          `<text x="${left + 130 + Number(width)}" y="${top + index * 9 + 7.5}" class="n">${median.toFixed(1)}</text>`
        );
      }),
    ];
  });
  return {
    bottom: 46 + known.length * height,
    svg: [`<text x="${left + 126}" y="36" class="t">${title}</text>`, ...bars].join('\n'),
  };
}

function picture(configs) {
  const panels = Object.entries(configs).map(([config, one], index) => panel(one, `${config}.json, ms`, index * 420));
  const names = Object.values(configs)[0].names;
  const legend = names.map(
    (name, index) =>
      `<rect x="${20 + index * 160}" y="8" width="10" height="10" fill="${colours[index % colours.length]}"/><text x="${34 + index * 160}" y="17">${name}</text>`,
  );
  const [width, height] = [panels.length * 420 + 20, Math.max(...panels.map(({ bottom }) => bottom)) + 10];
  const style = 'text{font:11px sans-serif;fill:#222}.n{font-size:8px}.t{font-weight:bold}';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">\n` +
    `<style>${style}</style>\n<rect width="${width}" height="${height}" fill="#fff"/>\n` +
    `${[...legend, ...panels.map(({ svg }) => svg)].join('\n')}\n</svg>\n`
  );
}

const method = `Each command is started by a small program that waits for it (\`bench/spawn.cpp\`): wall time is from the start of the process to
its end; CPU time, page faults and peak memory are what the kernel counts for it and the children that it waited for, so that the
container's own process is none of it unless \`run\` or \`exec\` waits for it. State directories are on a tmpfs, as /run is. All runtimes
take turns, each round with all commands; the first round is not counted. Figures are medians, in brackets the middle half; × is how
many times ours. A hybrid machine is measured without its v2 hierarchy, since crun refuses to run with both.`;

/** docs/performance.md, .svg and .json. */
export function write(result) {
  const { configs, versions, rounds, cgroups } = result;
  const machine = `${cpus()[0].model}, ${cpus().length} CPUs, Linux ${release()}, cgroup ${cgroups}, load average ${loadavg()[0].toFixed(1)} afterwards`;
  const sections = Object.entries(configs).map(([config, { figures, names }]) => {
    const tables = measures.map((key) => markdownTable(rows(figures, names, key)));
    return `## With ${config}.json\n\n${tables.join('\n\n')}`;
  });
  const text = [
    '# Performance',
    'Made by `npm run bench -- --write`, which anybody can run as root.',
    '![Wall time of each command](performance.svg)',
    `Machine: ${machine}. ${rounds} rounds.`,
    Object.entries(versions)
      .map(([name, version]) => `- ${name}: ${version}`)
      .join('\n'),
    '## Method',
    method,
    'The configs are in [bench/configs](../bench/configs/SOURCE.md): the one of `runc spec`, and one of a real dockerd with its seccomp profile.',
    ...sections,
    'The same as JSON: [performance.json](performance.json).',
  ].join('\n\n');
  const file = (extension) => join(root, `docs/performance.${extension}`);
  writeFileSync(file('md'), `${text}\n`);
  writeFileSync(file('svg'), picture(configs));
  writeFileSync(file('json'), JSON.stringify({ machine, ...result }));
  run('node_modules/.bin/prettier', ['--log-level', 'warn', '--write', file('md'), file('json')]);
}

/** The first line of its --version. */
export function versionOf({ path }) {
  return (output(path, ['--version']) ?? '').split('\n')[0];
}
