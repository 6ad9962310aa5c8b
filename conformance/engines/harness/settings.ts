// The engines get the settings that docs/engines.md tells users to make: they are read from it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the source tree, seen from build/js/conformance/engines/harness. */
export const projectRoot = fileURLToPath(new URL('../../../../..', import.meta.url));

/** Where the document's settings say that the executable is. */
export const installedPath = '/usr/local/bin/pocker-runc';

const document = readFileSync(join(projectRoot, 'docs/engines.md'), 'utf8');

/** The text of a section, up to the next of the same rank. */
export function section(title: string, text = document): string {
  const found = text.split(/^(?=## )/m).find((part) => part.startsWith(`## ${title}\n`));
  if (found === undefined) throw new Error(`docs/engines.md has no section "${title}"`);
  return found;
}

/** A section's fenced block after the paragraph that names `file`. */
export function settings(title: string, file: string, text = document): string {
  const blocks = [...section(title, text).matchAll(/^(.+)\n\n```\w*\n([^]*?)^```$/gm)];
  const block = blocks.find(([, before]) => before?.includes(`\`${file}\``));
  if (block?.[2] === undefined) throw new Error(`docs/engines.md, "${title}": no settings for ${file}`);
  return block[2];
}

/** The settings with another executable instead of the installed one. */
export function settingsFor(runtime: string, title: string, file: string): string {
  const text = settings(title, file);
  if (!text.includes(installedPath)) throw new Error(`docs/engines.md, "${title}": ${file} does not name ${installedPath}`);
  return text.replaceAll(installedPath, runtime);
}
