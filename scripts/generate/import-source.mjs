// Imports TypeScript from src/ into a script, without a build.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { root } from '../run.mjs';

let serial = 0;

/** The exports of `code`, an ES module at the root of the project. */
export async function importSource(code) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'es2023',
    packages: 'external',
    // The commands' code, which is loaded only when they run.
    plugins: [
      {
        name: 'lazy',
        setup: (builder) =>
          builder.onResolve({ filter: /./ }, ({ kind }) =>
            kind === 'dynamic-import' ? { path: 'lazy', external: true } : undefined,
          ),
      },
    ],
  });
  // Inside the project, where the packages that it imports are found.
  const path = `${root}build/import-source-${process.pid}-${++serial}.mjs`;
  mkdirSync(`${root}build`, { recursive: true });
  writeFileSync(path, outputFiles[0].text);
  try {
    return await import(path);
  } finally {
    rmSync(path);
  }
}
