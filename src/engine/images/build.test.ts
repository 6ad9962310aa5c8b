// What is read from an image before anything is made from it.
import t from 'tap';
import type { Engine } from '../engine.js';
import type { ImageRecord } from '../records/image.js';
import { readManifest } from './build.js';

t.test('a manifest that a disk has damaged is named', (t) => {
  const read = (text: string) =>
    readManifest(
      { paths: { images: '/images' }, host: { readRegular: () => text } } as unknown as Engine,
      {
        manifest: 'sha256:12',
      } as ImageRecord,
    );
  t.throws(() => read('{"config": '), { code: 'E_ENGINE', message: /^\/images\/blobs\/sha256\/12 is damaged/ });
  t.throws(() => read('{"config": {}}'), { code: 'E_ENGINE', message: /^the image is broken: its manifest is invalid/ });
  t.end();
});
