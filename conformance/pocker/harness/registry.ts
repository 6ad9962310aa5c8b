// A registry on this machine: Debian's docker-registry.
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pocker } from './pocker.js';

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** The account that may use a registry. */
export interface Account {
  readonly name: string;
  readonly password: string;
}

/** An htpasswd(1) file with bcrypt, as the registry wants it: perl calls libxcrypt for that. */
function htpasswd(pocker: Pocker, { name, password }: Account): object {
  const hash = pocker.ok('perl', ['-e', 'print crypt($ARGV[0], q($2b$05$abcdefghijklmnopqrstuu))', password]);
  writeFileSync(pocker.path('htpasswd'), `${name}:${hash}\n`);
  return { auth: { htpasswd: { realm: 'test', path: pocker.path('htpasswd') } } };
}

/** Starts a registry; `body` gets its name. It ends with the case. `account`: only this account may use it. */
export async function withRegistry(
  pocker: Pocker,
  body: (name: string, blobs: string) => void | Promise<void>,
  account?: Account,
): Promise<void> {
  const name = `127.0.0.1:${await freePort()}`;
  const storage = pocker.path('registry');
  const access = account === undefined ? {} : htpasswd(pocker, account);
  const config = { version: '0.1', storage: { filesystem: { rootdirectory: storage } }, http: { addr: name }, ...access };
  writeFileSync(pocker.path('registry.yml'), JSON.stringify(config));
  const registry: ChildProcess = spawn('docker-registry', ['serve', pocker.path('registry.yml')], { stdio: 'ignore' });
  const ended = new Promise((done) => registry.once('exit', done));
  try {
    for (let i = 0; i < 100; ++i) {
      if (
        await fetch(`http://${name}/v2/`).then(
          ({ ok, status }) => ok || status === 401,
          () => false,
        )
      )
        break;
      await sleep(100);
    }
    await body(name, join(storage, 'docker/registry/v2/blobs/sha256'));
  } finally {
    registry.kill('SIGKILL');
    await ended;
  }
}
