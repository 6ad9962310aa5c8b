import { canonical, familiarRepository, parseReference } from '../../../images/reference.js';
import type { Call } from '../../command.js';
import { flag, matches, parseFilters, passes, passesLabels, type Filters } from '../../../flags/filters.js';
import type { Fields } from '../../format/go-values.js';
import { showRows } from '../../format/show-rows.js';
import { ago, humanSize, localTime } from '../../format/units.js';
import { allImages, findImage, requireImage } from '../../../images/find.js';
import type { Image } from '../../../records/image.js';
import { shortId } from '../../../records/ids.js';

const headings = {
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  ID: 'IMAGE ID',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
};

/** What a row describes: one name, or an image without a name. */
interface Named {
  readonly image: Image;
  readonly repository: string;
  readonly tag: string;
}

function namesOf(image: Image): Named[] {
  if (image.names.length > 0)
    return image.names.map((name) => {
      const reference = parseReference(name);
      return { image, repository: familiarRepository(reference), tag: reference.tag };
    });
  const [pulled] = image.digests;
  return [{ image, repository: pulled === undefined ? '<none>' : familiarRepository(parseReference(pulled)), tag: '<none>' }];
}

function row({ engine, values }: Call, { image, repository, tag }: Named): Fields {
  const digest = image.digests.map((one) => parseReference(one)).find((one) => familiarRepository(one) === repository);
  const size = humanSize(image.size);
  return {
    Repository: repository,
    Tag: tag,
    Digest: digest?.digest ?? '<none>',
    ID: values['no-trunc'] === true ? image.id : shortId(image.id),
    CreatedSince: ago(image.created, engine.host.now()),
    CreatedAt: localTime(image.created),
    Size: size,
    VirtualSize: size,
    SharedSize: 'N/A',
    UniqueSize: 'N/A',
    Containers: 'N/A',
  };
}

/** The pattern of `docker images PATTERN` and --filter reference=, with *; a repository alone stands for all its tags. */
function isNamed({ repository, tag }: Named, pattern: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const whole = [`${repository}:${tag}`, repository, `docker.io/${repository}`, `docker.io/library/${repository}`];
  return whole.some((name) => new RegExp(`^${expression}$`).test(name));
}

function fits(call: Call, filters: Filters, named: Named): boolean {
  const { image, repository, tag } = named;
  const created = (said: string): string => requireImage(call.engine, said).created;
  return (
    passes(filters, 'dangling', (value) => flag('dangling', value) === (image.names.length === 0)) &&
    passes(
      filters,
      'reference',
      (pattern) => isNamed(named, pattern) || matches(`${repository}:${tag}`, `^${pattern.replaceAll('*', '.*')}$`),
    ) &&
    passes(filters, 'before', (said) => image.created < created(said)) &&
    passes(filters, 'since', (said) => image.created > created(said)) &&
    passesLabels(filters, image.config.Labels ?? {})
  );
}

export function run(call: Call): number {
  const { engine, values, args } = call;
  const filters = parseFilters(values, ['dangling', 'label', 'before', 'since', 'reference']);
  const [pattern] = args;
  const exact = pattern === undefined ? null : findImage(engine, pattern);
  const named = allImages(engine)
    .flatMap(namesOf)
    .filter(
      (one) =>
        pattern === undefined ||
        isNamed(one, pattern) ||
        (exact !== null && one.image.id === exact.id && isExactly(one, pattern)),
    )
    .filter((one) => fits(call, filters, one));
  const columns = ['Repository', 'Tag', ...(values['digests'] === true ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size'];
  const seen = new Set<string>();
  const shown = values['quiet'] === true ? named.filter(({ image: { id } }) => seen.size < seen.add(id).size) : named;
  showRows(call, { rows: shown.map((one) => row(call, one)), headings, columns, quiet: 'ID' });
  return 0;
}

function isExactly({ repository, tag }: Named, said: string): boolean {
  return tag !== '<none>' && canonical(parseReference(`${repository}:${tag}`)) === canonical(parseReference(said));
}
