// push and pull, with a registry on this machine (Debian's docker-registry), skopeo and podman.
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busybox, exits, Pocker, pockerTest, type Tap } from '../harness/pocker.js';
import { withRegistry } from '../harness/registry.js';

/** A second store on the same machine. */
function another(pocker: Pocker): (...args: string[]) => ReturnType<Pocker['call']> {
  return (...args) => pocker.run(pocker.words()[0]!, ['--root', pocker.path('root2'), '--runroot', pocker.path('run2'), ...args]);
}

/** Files of a store that grow with each image. */
function stored(pocker: Pocker): string[] {
  return ['images/blobs/sha256', 'images/records', 'layers', 'staging'].flatMap((name) => {
    try {
      return readdirSync(pocker.path('root2', name)).map((file) => `${name}/${file}`);
    } catch {
      return [];
    }
  });
}

function pushed(t: Tap, pocker: Pocker, name: string): string {
  pocker.must('tag', busybox, `${name}/team/tool:1`);
  const { stdout } = exits(t, pocker.call(['push', `${name}/team/tool:1`]));
  t.match(
    stdout,
    new RegExp(`^The push refers to repository \\[${name}/team/tool\\]\n1: digest: sha256:[0-9a-f]{64} size: \\d+\n$`),
  );
  return /sha256:[0-9a-f]+/.exec(stdout)![0];
}

pockerTest('push, pull by tag and by digest', async (t, pocker) => {
  await withRegistry(pocker, (name) => {
    const other = another(pocker);
    const digest = pushed(t, pocker, name);
    const first = exits(t, other('pull', `${name}/team/tool:1`)).stdout.split('\n');
    t.equal(first[0], `1: Pulling from ${name}/team/tool`);
    t.match(first[1]!, /^[0-9a-f]{12}: Pull complete$/);
    t.same(first.slice(2), [
      `Digest: ${digest}`,
      `Status: Downloaded newer image for ${name}/team/tool:1`,
      `${name}/team/tool:1`,
      '',
    ]);
    t.match(exits(t, other('pull', `${name}/team/tool:1`)).stdout, /Status: Image is up to date/);
    t.equal(
      exits(t, other('images', '-q', '--no-trunc')).stdout.trim(),
      pocker.must('images', '-q', '--no-trunc'),
      'the same id',
    );
    const [record = ''] = readdirSync(pocker.path('root2/images/records'));
    writeFileSync(pocker.path('root2/images/records', record), 'no JSON');
    exits(t, other('pull', '-q', `${name}/team/tool:1`));
    exits(t, other('system', 'repair'));
    exits(t, other('rmi', `${name}/team/tool:1`));
    t.same(stored(pocker), [], 'nothing is left of it');
    t.equal(exits(t, other('pull', '-q', `${name}/team/tool@${digest}`)).stdout, `${name}/team/tool@${digest}\n`);
    t.match(exits(t, other('images')).stdout, /team\/tool +<none> /);
  });
});

pockerTest('podman pulls what was pushed, and the other way', async (t, pocker) => {
  await withRegistry(pocker, (name) => {
    pushed(t, pocker, name);
    const podman = ['--root', pocker.path('podman'), '--runroot', pocker.path('prun'), '--storage-driver', 'vfs'];
    const id = pocker.run('podman', [...podman, 'pull', '-q', '--tls-verify=false', `${name}/team/tool:1`]).stdout.trim();
    t.equal(`sha256:${id}`, pocker.must('images', '-q', '--no-trunc'));
    pocker.ok('podman', [...podman, 'push', '-q', '--tls-verify=false', '--format', 'v2s2', id, `${name}/again:2`]);
    const other = another(pocker);
    exits(t, other('pull', '-q', `${name}/again:2`));
    t.equal(exits(t, other('images', '-q', '--no-trunc')).stdout.trim(), `sha256:${id}`, 'docker’s form keeps the id');
  });
});

pockerTest('what the registry lacks, or has broken', async (t, pocker) => {
  await withRegistry(pocker, (name, blobs) => {
    pushed(t, pocker, name);
    const other = another(pocker);
    t.match(exits(t, other('pull', `${name}/team/tool:2`), 1).stderr, /manifest for .*:2 not found: manifest unknown/);
    t.match(exits(t, other('pull', `${name}/none`), 1).stderr, /manifest for .*none:latest not found/);
    t.match(
      exits(t, other('pull', '127.0.0.1:1/x'), 1).stderr,
      /connection refused\n +hint: Check that the registry 127.0.0.1:1 is up/,
    );
    t.match(exits(t, other('pull', '--platform', 'linux/s390x/x/y', `${name}/none`), 1).stderr, /invalid platform/);
    t.match(exits(t, pocker.call(['push', `${name}/not/tagged`]), 1).stderr, /does not exist locally with the tag/);
    for (const short of readdirSync(blobs))
      for (const digest of readdirSync(join(blobs, short))) {
        const file = join(blobs, short, digest, 'data');
        if (readFileSync(file).length > 100_000) truncateSync(file, 50_000);
      }
    t.match(exits(t, other('pull', `${name}/team/tool:1`), 1).stderr, /^pocker: .+\n/);
    t.same(stored(pocker), [], 'nothing half-made stays');
  });
});

pockerTest('an image for several platforms', async (t, pocker) => {
  await withRegistry(pocker, async (name) => {
    const digest = pushed(t, pocker, name);
    const manifest = await fetch(`http://${name}/v2/team/tool/manifests/1`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const entry = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest,
      size: (await manifest.arrayBuffer()).byteLength,
    };
    const own = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch;
    const list = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [{ ...entry, platform: { os: 'linux', architecture: own } }],
    };
    const put = await fetch(`http://${name}/v2/team/tool/manifests/list`, {
      method: 'PUT',
      headers: { 'content-type': list.mediaType },
      body: JSON.stringify(list),
    });
    t.equal(put.status, 201);
    const other = another(pocker);
    exits(t, other('pull', `${name}/team/tool:list`));
    t.equal(exits(t, other('images', '-q', '--no-trunc')).stdout.trim(), pocker.must('images', '-q', '--no-trunc'));
    t.match(
      exits(t, other('pull', '--platform', 'linux/mips', `${name}/team/tool:list`), 1).stderr,
      /no matching manifest for linux\/mips in the manifest list entries/,
    );
  });
});

pockerTest('login keeps the password where skopeo and podman look for it', (t, pocker) => {
  mkdirSync(pocker.path('home'));
  const env = { REGISTRY_AUTH_FILE: pocker.path('home/auth.json') };
  t.equal(pocker.call(['login', '-u', 'me', '-p', 'secret', '127.0.0.1:1'], { env }).code, 1, 'nobody is there');
  writeFileSync(pocker.path('home/auth.json'), JSON.stringify({ auths: { '127.0.0.1:1': { auth: 'bWU6c2VjcmV0' } } }));
  exits(t, pocker.call(['logout', '127.0.0.1:1'], { env }));
  t.same(JSON.parse(readFileSync(pocker.path('home/auth.json'), 'utf8')), { auths: {} });
  rmSync(pocker.path('home'), { recursive: true });
});

pockerTest('a registry with passwords: login, push, pull, logout', async (t, pocker) => {
  const account = { name: 'me', password: 'secret word' };
  await withRegistry(
    pocker,
    (name) => {
      const env = { REGISTRY_AUTH_FILE: pocker.path('auth.json') };
      const other = (...args: string[]) =>
        pocker.run(pocker.words()[0]!, ['--root', pocker.path('root2'), '--runroot', pocker.path('run2'), ...args], { env });
      pocker.must('tag', busybox, `${name}/tool:1`);
      t.match(exits(t, pocker.call(['push', `${name}/tool:1`], { env }), 1).stderr, /hint: Log in: pocker login 127/);
      writeFileSync(pocker.path('wrong'), 'wrong');
      writeFileSync(pocker.path('right'), account.password);
      const login = (file: string) =>
        pocker.call(['login', '-u', 'me', '--password-stdin', name], { env, stdin: pocker.path(file) });
      t.match(exits(t, login('wrong'), 1).stderr, /unauthorized|invalid username/i);
      t.match(exits(t, login('right')).stdout, /Login Succeeded/);
      exits(t, pocker.call(['push', '-q', `${name}/tool:1`], { env }));
      exits(t, other('pull', '-q', `${name}/tool:1`));
      t.match(exits(t, pocker.call(['logout', name], { env })).stdout, /Removed? login credentials/i);
      t.match(exits(t, other('pull', `${name}/tool:2`), 1).stderr, /pull access denied/);
    },
    account,
  );
});

pockerTest('all tags of a repository', async (t, pocker) => {
  await withRegistry(pocker, (name) => {
    for (const tag of ['1', '2', 'latest']) pocker.must('tag', busybox, `${name}/team/tool:${tag}`);
    pocker.must('tag', busybox, `${name}/team/other:1`);
    t.match(
      exits(t, pocker.call(['push', '-a', `${name}/team/tool`])).stdout,
      /\n1: digest: .*\n(.*\n)*2: digest: .*\n(.*\n)*latest: digest:/,
    );
    const other = another(pocker);
    t.match(exits(t, other('pull', '-a', `${name}/team/tool:1`), 1).stderr, /tag can't be used with --all-tags\/-a/);
    t.match(exits(t, pocker.call(['push', '-a', `${name}/team/tool:1`]), 1).stderr, /tag can't be used with --all-tags\/-a/);
    t.match(exits(t, pocker.call(['push', '-a', `${name}/nosuch`]), 1).stderr, /does not exist locally/);
    t.match(exits(t, other('pull', '--all-tags', `${name}/team/tool`)).stdout, new RegExp(`\n${name}/team/tool\n$`));
    t.same(
      exits(t, other('images', '--format', '{{.Tag}}'))
        .stdout.trim()
        .split('\n')
        .sort(),
      ['1', '2', 'latest'],
    );
    t.match(exits(t, other('pull', '-a', `${name}/nosuch`), 1).stderr, /^pocker: .+\n +hint: /);
  });
});
