// Programs at a terminal, by script(1).

/** Names its terminal, and stays a moment: clients may lose what a program says that ends at once, whatever the runtime. */
export const tty = ['sh', '-c', 'tty; sleep 0.5'];

/** Words of a command line for a shell, as script wants them. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
