// Tables as in docker (Go's text/tabwriter: cells at least ten wide, three spaces apart) that fit the terminal.
import type { Host } from '../../../host/host.js';
import { printable } from '../../../json/quote.js';

const gap = 3;
const least = 10;

/** Width of the terminal that shows our output; Infinity for a file or a pipe. */
export function outputWidth(host: Host): number {
  const [columns = 0] = host.windowSize(1) ?? [];
  return columns === 0 ? Infinity : columns;
}

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u;

const plain = /^[ -~]*$/;

/** Columns that a text occupies in a terminal. */
export function textWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const letter of text) width += wide.test(letter) ? 2 : 1;
  return width;
}

export interface TableOptions {
  /** Shortens cells until a line fits. */
  readonly width?: number;
  readonly least?: number;
}

/** Column widths without the gap, from the widest cells; the widest give way. */
function fitted(widest: readonly number[], { width = Infinity, least: minimum = least }: TableOptions): number[] {
  const last = widest.length - 1;
  const widths = widest.map((one, column) => (column === last ? one : Math.max(one, minimum - gap)));
  const total = (): number => widths.reduce((sum, one) => sum + one, 0) + gap * last;
  for (let over = total() - width; over > 0; over = total() - width) {
    const most = Math.max(...widths);
    if (most <= least + 2) break;
    widths[widths.indexOf(most)] = most - 1;
  }
  return widths;
}

interface Measured {
  /** With nothing that steers a terminal. */
  readonly rows: readonly (readonly string[])[];
  readonly sizes: readonly number[][];
  readonly widest: readonly number[];
}

/** The width of each cell, row by row, and of the widest in each column. Counted loops: a listing has many hundreds of cells. */
function measured(given: readonly (readonly string[])[]): Measured {
  const widest: number[] = [];
  const sizes: number[][] = [];
  const rows: (readonly string[])[] = [];
  for (const said of given) {
    // Nearly every line is plain.
    const isPlain = plain.test(said.join(''));
    const row = isPlain ? said : said.map(printable);
    rows.push(row);
    const own: number[] = [];
    for (let column = 0; column < row.length; ++column) {
      const size = isPlain ? row[column]!.length : textWidth(row[column]!);
      own[column] = size;
      if (column >= widest.length || size > widest[column]!) widest[column] = size;
    }
    sizes.push(own);
  }
  return { rows, sizes, widest };
}

function shortened(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let short = '';
  for (const letter of text) {
    if (textWidth(short) + textWidth(letter) > width - 1) break;
    short += letter;
  }
  return `${short}…`;
}

/** So many spaces, by their number. */
const spaces: string[] = Array.from({ length: 64 }, (_, count) => ' '.repeat(count));

/** Lays out lines of cells; each line ends with a newline. What images and containers bring along steers no terminal. */
export function table(given: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { rows, sizes, widest } = measured(given);
  const widths = fitted(widest, options);
  let text = '';
  for (let index = 0; index < rows.length; ++index) {
    const row = rows[index]!;
    const own = sizes[index]!;
    const last = row.length - 1;
    for (let column = 0; column <= last; ++column) {
      const width = widths[column]!;
      const fits = own[column]! <= width;
      const cell = fits ? row[column]! : shortened(row[column]!, width);
      text += cell;
      if (column === last) break;
      const missing = width + gap - (fits ? own[column]! : textWidth(cell));
      text += spaces[missing] ?? ' '.repeat(missing);
    }
    text += '\n';
  }
  return text;
}
