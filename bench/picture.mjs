// docs/performance.svg: bars of wall time, one panel for each config, one colour for each runtime.
import { operations } from './measure.mjs';

const colours = ['#2f6fb2', '#d98b2b', '#5a9a4a', '#8a5fb0', '#b0494f', '#777'];
const panelWidth = 420;
const barHeight = 9;
const barWidth = 250;
const top = 46;

function bar({ left, y, width, colour, text }) {
  return (
    `<rect x="${left + 126}" y="${y}" width="${width.toFixed(1)}" height="${barHeight - 1}" fill="${colour}"/>` +
    `<text x="${(left + 130 + width).toFixed(1)}" y="${y + 7.5}" class="n">${text}</text>`
  );
}

function panel({ figures, names }, title, left) {
  const known = operations.filter((what) => what !== '--version' && figures[names[0]][what] !== undefined);
  const msOf = (name, what) => figures[name][what].ms.median;
  const most = Math.max(...names.flatMap((name) => known.map((what) => msOf(name, what))));
  const height = names.length * barHeight + 12;
  const bars = known.flatMap((what, group) => {
    const begin = top + group * height;
    return [
      `<text x="${left + 120}" y="${begin + height / 2 - 2}" text-anchor="end">${what}</text>`,
      ...names.map((name, index) =>
        bar({
          left,
          y: begin + index * barHeight,
          width: Math.max(1, (msOf(name, what) / most) * barWidth),
          colour: colours[index % colours.length],
          text: msOf(name, what).toFixed(1),
        }),
      ),
    ];
  });
  return {
    bottom: top + known.length * height,
    svg: [`<text x="${left + 126}" y="36" class="t">${title}</text>`, ...bars].join('\n'),
  };
}

/** `configs`: the results for each config. */
export function picture(configs) {
  const panels = Object.entries(configs).map(([config, one], index) => panel(one, `${config}.json, ms`, index * panelWidth));
  const legend = Object.values(configs)[0].names.map((name, index) => {
    const left = 20 + index * 130;
    return `<rect x="${left}" y="8" width="10" height="10" fill="${colours[index % colours.length]}"/><text x="${left + 14}" y="17">${name}</text>`;
  });
  const [width, height] = [panels.length * panelWidth + 20, Math.max(...panels.map(({ bottom }) => bottom)) + 10];
  const style = 'text{font:11px sans-serif;fill:#222}.n{font-size:8px}.t{font-weight:bold}';
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">\n` +
    `<style>${style}</style>\n<rect width="${width}" height="${height}" fill="#fff"/>\n` +
    `${[...legend, ...panels.map(({ svg }) => svg)].join('\n')}\n</svg>\n`
  );
}
