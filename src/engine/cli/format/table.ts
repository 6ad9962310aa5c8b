// Tables as in docker (Go's text/tabwriter: cells at least ten wide, three spaces apart) that fit the terminal.
import type { Host } from '../../../host/host.js';

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

/** Nearly every line fits at first sight. */
function widthsOfCells(row: readonly string[]): readonly number[] {
  return plain.test(row.join('')) ? row.map((cell) => cell.length) : row.map(textWidth);
}

export interface TableOptions {
  /** Shortens cells until a line fits. */
  readonly width?: number;
  readonly least?: number;
}

/** Column widths without the gap, from the widths of the cells; the widest give way. */
function widthsOf(rows: readonly (readonly number[])[], { width = Infinity, least: minimum = least }: TableOptions): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) => {
    const widest = Math.max(0, ...rows.map((row) => row[column] ?? 0));
    return column === count - 1 ? widest : Math.max(widest, minimum - gap);
  });
  const total = (): number => widths.reduce((sum, one) => sum + one, 0) + gap * (count - 1);
  for (let over = total() - width; over > 0; over = total() - width) {
    const widest = Math.max(...widths);
    if (widest <= least + 2) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
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

/** Lays out lines of cells; each line ends with a newline. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const sizes = rows.map(widthsOfCells);
  const widths = widthsOf(sizes, options);
  let text = '';
  for (const [index, row] of rows.entries()) {
    const own = sizes[index]!;
    for (let column = 0; column < row.length; ++column) {
      const fits = own[column]! <= widths[column]!;
      const cell = fits ? row[column]! : shortened(row[column]!, widths[column]!);
      const missing = widths[column]! + gap - (fits ? own[column]! : textWidth(cell));
      text += column === row.length - 1 ? cell : cell.padEnd(cell.length + missing);
    }
    text += '\n';
  }
  return text;
}
