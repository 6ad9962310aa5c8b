// Turns lists of numbers in the config into bit masks.

/** A list of numbers and ranges, "0-3,7", as 64-bit words, lowest first (cpuset(7), "List format"). */
export function bitList(text: string): bigint[] {
  const words: bigint[] = [];
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const [first = 0, last = first] = part.split('-').map(Number);
    for (let bit = first; bit <= last; bit++) setBit(words, bit);
  }
  return words;
}

function setBit(words: bigint[], bit: number): void {
  const index = bit >> 6;
  while (words.length <= index) words.push(0n);
  words[index]! |= 1n << BigInt(bit & 63);
}
