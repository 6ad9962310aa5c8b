// Integers beyond 2^53, which JSON.parse rounds: they become bigint, with all their digits.
import { holderOf, JsonIndex } from './pointer.js';
import { tokenize } from './tokenizer.js';

/** Cheap: an integer beyond 2^53 takes 16 digits in a row to write. */
const maybeWide = /[0-9]{16}/;

/** More digits than any integer type has: a bigint of a million of them would be work for nothing. */
const wide = /^-?[0-9]{16,40}$/;

/** The value that JSON.parse made of the text, which is changed. */
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
    // Of properties with the same name the last one counts.
    if (index.find(pointer) !== node) continue;
    const [holder, key] = holderOf(root, `/value${pointer}`);
    holder[key] = BigInt(raw);
  }
  return root.value;
}
