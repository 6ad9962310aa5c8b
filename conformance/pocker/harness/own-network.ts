// Importing this runs the test in its own network and mount namespaces: what it does to networks is invisible outside, and ends
// with it.
import { spawnSync } from 'node:child_process';

const marker = 'POCKER_TEST_OWN_NETWORK';

if (process.env[marker] === undefined) {
  const own = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', ['--net', '--mount', '--', ...own], {
    stdio: 'inherit',
    env: { ...process.env, [marker]: '1' },
  });
  process.exit(status ?? 1);
}
ip('link', 'set', 'lo', 'up');

/** ip(8); its output. */
export function ip(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr}`);
  return stdout;
}

/** The current firewall rules and device names. */
export function networkState(): string[] {
  const { stdout } = spawnSync('iptables-save', { encoding: 'utf8' });
  const rules = stdout.split('\n').filter((line) => line.startsWith('-A') || line.startsWith(':POCKER'));
  const devices = [...ip('-o', 'link').matchAll(/^\d+: ([^:@]+)/gm)].map(([, name]) => name!);
  return [...rules, ...devices.filter((name) => name !== 'lo')];
}
