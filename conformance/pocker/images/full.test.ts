// Full disks: nothing half-made stays of an image, whichever part no longer fits, and the same command succeeds once there is room.
import { mkdirSync, readdirSync } from 'node:fs';
import { busybox, exits, Pocker, pockerTest, type Result, type Tap } from '../harness/pocker.js';
import { withRegistry } from '../harness/registry.js';

const page = 4096;

/** A store on its own filesystem. */
class Store {
  constructor(
    private readonly pocker: Pocker,
    bytes: number,
  ) {
    mkdirSync(pocker.path('small'), { recursive: true });
    pocker.ok('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', pocker.path('small')]);
  }

  call(...args: readonly string[]): Result {
    const { pocker } = this;
    const place = ['--root', pocker.path('small/root'), '--runroot', pocker.path('run2')];
    return pocker.run(pocker.words()[0]!, [...place, ...args]);
  }

  grow(): void {
    this.pocker.ok('mount', ['-o', 'remount,size=64m', this.pocker.path('small')]);
  }

  /** Bytes in use, in whole pages. */
  used(): number {
    return Number(this.pocker.ok('df', ['--output=used', '-B1', this.pocker.path('small')]).split('\n')[1]);
  }

  /** The store's images; `oci-layout` belongs to the store. */
  files(): string[] {
    return readdirSync(this.pocker.path('small'), { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map(({ name }) => name)
      .filter((name) => name !== 'oci-layout');
  }

  end(): void {
    // A monitor may end a moment after its container.
    this.pocker.ok('umount', ['--lazy', this.pocker.path('small')]);
  }
}

function refused(t: Tap, store: Store, { stderr, code }: Result, size: number): void {
  t.equal(code, 1, `${size} bytes: ${stderr}`);
  t.match(
    stderr,
    /^pocker: .*(No space left on device|no space left on device|Wrote only).*\n +hint: Make room with 'pocker system prune'\n$/,
  );
  t.same(store.files(), [], 'nothing half-made stays');
}

/** Leaves so little room that its first bytes do not fit, and so on, up to its last ones. */
function fill(t: Tap, pocker: Pocker, words: readonly string[], name: string): void {
  const roomy = new Store(pocker, 64 << 20);
  exits(t, roomy.call(...words));
  const needed = roomy.used();
  roomy.end();
  const sizes = [page, ...[0.2, 0.35, 0.5, 0.65, 0.8, 0.95].map((part) => Math.ceil((needed * part) / page) * page)];
  // The files written last take a page each.
  for (let left = 6; left > 0; --left) sizes.push(needed - left * page);
  for (const size of sizes) {
    const store = new Store(pocker, size);
    try {
      const first = store.call(...words);
      // Events may be lost from their log.
      if (first.code !== 0 || size < needed - page) refused(t, store, first, size);
      store.grow();
      exits(t, store.call(...words));
      t.equal(
        exits(t, store.call('run', '--rm', '--network', 'none', name, 'cat', '/etc/group')).stdout,
        'root:x:0:\nguest:x:1000:\n',
      );
    } finally {
      store.end();
    }
  }
}

pockerTest('pull', async (t, pocker) => {
  await withRegistry(pocker, (name) => {
    pocker.must('tag', busybox, `${name}/busybox:1`);
    pocker.must('push', '-q', `${name}/busybox:1`);
    fill(t, pocker, ['pull', '-q', `${name}/busybox:1`], `${name}/busybox:1`);
  });
});

pockerTest('load', (t, pocker) => {
  pocker.must('save', '-o', pocker.path('saved.tar'), busybox);
  fill(t, pocker, ['load', '-q', '-i', pocker.path('saved.tar')], busybox);
});

pockerTest('commit', (t, pocker) => {
  const store = new Store(pocker, 64 << 20);
  try {
    pocker.must('save', '-o', pocker.path('saved.tar'), busybox);
    exits(t, store.call('load', '-q', '-i', pocker.path('saved.tar')));
    const script = 'dd if=/dev/zero bs=1024 count=4096 of=/new 2> /dev/null; echo last > /word';
    exits(t, store.call('run', '--network', 'none', '--name', 'made', busybox, 'sh', '-c', script));
    const before = store.files();
    // The new layer exists twice, packed and unpacked.
    for (const room of [0, 1 << 20, 3 << 20, 5 << 20, 7 << 20]) {
      pocker.ok('mount', ['-o', `remount,size=${store.used() + room + page}`, pocker.path('small')]);
      const { stderr } = exits(t, store.call('commit', 'made', 'made:1'), 1);
      t.match(
        stderr,
        /(No space left on device|no space left on device|Wrote only).*\n +hint: Make room with 'pocker system prune'\n$/,
      );
      t.same(store.files(), before, 'nothing half-made stays');
    }
    store.grow();
    exits(t, store.call('commit', 'made', 'made:1'));
    const words = ['run', '--rm', '--network', 'none', 'made:1', 'sh', '-c', 'cat /word; wc -c < /new'];
    t.equal(exits(t, store.call(...words)).stdout, `last\n${4 << 20}\n`);
    exits(t, store.call('rm', 'made'));
  } finally {
    store.end();
  }
});
