// Integers beyond 2^53, which JSON.parse rounds: they become bigints with all their digits.
import { holderOf, JsonIndex } from './pointer.js';
import { tokenize } from './tokenizer.js';

/** A cheap test: an integer beyond 2^53 has at least 16 digits in a row. */
const maybeWide = /[0-9]{16}/;

/** More digits than any integer type has: making a bigint of a million digits would be wasted work. */
const wide = /^-?[0-9]{16,40}$/;

/** Corrects the value that JSON.parse made from the text. Changes it in place. */
export function withExactIntegers(text: string, value: unknown): unknown {
  if (!maybeWide.test(text)) return value;
  const root = { value };
  const index = new JsonIndex(text, tokenize(text));
  const { starts, ends } = index.nodes;
  for (let node = 0; node < starts.length; node++) {
    const length = ends[node]! - starts[node]!;
    if (length < 16 || length > 41) continue;
    const raw = index.raw(node);
    if (!wide.test(raw) || Number.isSafeInteger(Number(raw))) continue;
    const pointer = index.pointer(node);
    // If properties have the same name, the last one counts.
    if (index.find(pointer) !== node) continue;
    const [holder, key] = holderOf(root, `/value${pointer}`);
    holder[key] = BigInt(raw);
  }
  return root.value;
}
