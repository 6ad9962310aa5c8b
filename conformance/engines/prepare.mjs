// Installs engines' packages, and builds those of their programs that go.mod names.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from '../../scripts/packages.mjs';
import { find, root } from '../../scripts/run.mjs';

const folder = join(root, 'conformance/engines');
const bin = join(root, 'build/conformance/engines/bin');

/** Go's own cache knows whether there is anything to do. */
function buildTools(tools) {
  if (tools.length === 0) return;
  if (find('go') === undefined) return process.stdout.write(`no Go: ${tools.join(', ')} are not built\n`);
  mkdirSync(bin, { recursive: true });
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
  const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', `${bin}/`, ...tools];
  process.stdout.write(
    `building ${tools.map((tool) => tool.split('/').at(-1)).join(', ')} with go (minutes, the first time) …\n`,
  );
  const { status } = spawnSync('go', args, { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'], timeout: 20 * 60_000 });
  if (status !== 0) process.stdout.write('go build failed: what needs those programs is skipped\n');
}

/** `engines`: as returned by main.ts's choose(). */
export function prepare(engines) {
  installPackages(engines.flatMap(({ packages }) => packages));
  buildTools([...new Set(engines.flatMap(({ tools }) => tools))]);
}
