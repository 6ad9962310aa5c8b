// Paths as text: nothing here looks at a filesystem.

/** An absolute path without ".", "..", "//" or a trailing "/"; ".." stops at the root. */
export function cleanPath(path: string): string {
  // Nearly all paths of a config are clean already.
  if (path.charCodeAt(0) === 47 && !path.includes('//') && !path.includes('/.') && (path.length === 1 || !path.endsWith('/')))
    return path;
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}

/** A clean path below the directory `base`. */
export function join(base: string, clean: string): string {
  if (clean === '/') return base;
  return base === '/' ? clean : `${base}${clean}`;
}

/** `path` below the directory `base`, which its ".." cannot leave. */
export function below(base: string, path: string): string {
  return join(base, cleanPath(path.startsWith('/') ? path : `/${path}`));
}

export function parentOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** One element of a JSON pointer (RFC 6901). */
export function pointerKey(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}
