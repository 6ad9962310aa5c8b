// Paths and config strings in messages: one line each, whatever they contain.

const plain = /^[\w@%+=:,./~-]+$/;

/** Characters that steer a terminal, end a line in some program, or change the direction of the following text. */
const steering = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** One line of a message that others may have influenced: a hook, a file name, an argument. */
export function printable(text: string): string {
  return text.replace(steering, (character) =>
    character < ' ' ? JSON.stringify(character).slice(1, -1) : escapeCharacter(character),
  );
}

/** The path itself if it contains nothing special to a reader or a terminal, else in double quotes with escapes. */
export function quotePath(path: string): string {
  return plain.test(path) ? path : quoteText(path);
}

/** In double quotes, with control characters and lone surrogates escaped, cut to `limit` characters. */
export function quoteText(text: string, limit = Infinity): string {
  const shown = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return JSON.stringify(shown).replace(steering, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
