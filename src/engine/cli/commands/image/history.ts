import type { Call } from '../../command.js';
import type { Fields } from '../../format/go-values.js';
import { showRows } from '../../format/show-rows.js';
import { ago, humanSize } from '../../format/units.js';
import { requireImage } from '../../../images/find.js';
import type { Image } from '../../../records/image.js';
import { shortId } from '../../../records/ids.js';

const headings = {
  ID: 'IMAGE',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  Size: 'SIZE',
  Comment: 'COMMENT',
};

/** Sizes of the layers in the order of the history; an entry without a layer has none. */
function sizes({ history, layerSizes }: Image): number[] {
  let layer = 0;
  return history.map(({ empty_layer: empty }) => (empty === true ? 0 : (layerSizes[layer++] ?? 0)));
}

function rows({ engine, values }: Call, image: Image): Fields[] {
  const whole = values['no-trunc'] === true;
  const human = values['human'] !== false;
  const all = sizes(image);
  const entries = image.history.map(({ created = '', created_by: by = '', comment = '' }, index) => ({
    ID: index < image.history.length - 1 ? '<missing>' : whole ? image.id : shortId(image.id),
    CreatedSince: human ? ago(created, engine.host.now()) : created,
    CreatedAt: created,
    CreatedBy: whole || by.length <= 45 ? by : `${by.slice(0, 44)}…`,
    Size: human ? humanSize(all[index]!) : String(all[index]!),
    Comment: comment,
  }));
  return entries.reverse();
}

export function run(call: Call): number {
  const image = requireImage(call.engine, call.args[0]!);
  const columns = ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'];
  showRows(call, { rows: rows(call, image), headings, columns, quiet: 'ID' });
  return 0;
}
