// Programs at a terminal, using script(1).

/** Prints its terminal's name and stays a moment: with any runtime, clients may lose the output of a program that ends at once. */
export const tty = ['sh', '-c', 'tty; sleep 0.5'];

/** Command line arguments quoted for a shell, as script needs them. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
