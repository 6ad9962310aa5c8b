// restore: images that are not there or cannot be read, before criu sees them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { failed, test } from '../../../harness/case.js';
import { restore } from '../../../harness/topics/checkpoint.js';

test(
  'images are looked for before anything is made',
  async (t, box) => {
    const container = box.container();
    mkdirSync(box.path('empty'));
    failed(t, await restore(container, 'empty'), /no checkpoint in .*\/empty: inventory.img is missing/);
    failed(t, await restore(container, 'none'), /cannot open the directory of --image-path.*none: no such file/i);
  },
  { oursOnly: true },
);

test(
  "the checkpoint's descriptors cannot be read",
  async (t, box) => {
    const container = box.container();
    const descriptors = box.path('images', 'descriptors.json');
    mkdirSync(descriptors, { recursive: true });
    writeFileSync(box.path('images', 'inventory.img'), '');
    failed(t, await restore(container, 'images'), /cannot read the descriptors of the checkpoint: .*: is a directory/i);
    rmSync(descriptors, { recursive: true });
    writeFileSync(descriptors, '[');
    failed(t, await restore(container, 'images'), /descriptors.json is not JSON/);
    rmSync(descriptors);
    await box.command('mkfifo', [descriptors]);
    failed(
      t,
      await restore(container, 'images'),
      /cannot read the descriptors of the checkpoint: .*: no such device or address/i,
    );
  },
  { oursOnly: true },
);
