// Image names as docker reads them: "busybox", "busybox:1.36", "localhost:5000/team/tool@sha256:…".
import { engineError } from '../errors.js';

/** A complete name, as stored: registry/path, then a tag, a digest, or both. */
export interface Reference {
  readonly domain: string;
  readonly path: string;
  /** "": the name has a digest instead. */
  readonly tag: string;
  /** "sha256:…" or "". */
  readonly digest: string;
}

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const pathPattern = new RegExp(`^${component}(?:/${component})*$`);
const domainPattern = /^(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])(?:\.[A-Za-z0-9-]+)*(?::[0-9]+)?$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
export const digestPattern = /^sha256:[0-9a-f]{64}$/;

const dockerHub = 'docker.io';

function invalid(said: string): Error {
  return engineError(
    `invalid reference format: ${JSON.stringify(said)}`,
    'Image names look like registry.example:5000/path/name:tag',
  );
}

function cutDigest(said: string): { readonly name: string; readonly digest: string } {
  const at = said.indexOf('@');
  if (at < 0) return { name: said, digest: '' };
  const digest = said.slice(at + 1);
  if (!digestPattern.test(digest)) throw invalid(said);
  return { name: said.slice(0, at), digest };
}

/** The first part of a path is a registry if it has a dot or a port, or is localhost. */
function cutDomain(name: string): { readonly domain: string; readonly path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (first !== '' && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase()))
    return { domain: first === 'index.docker.io' ? dockerHub : first, path: name.slice(slash + 1) };
  return { domain: dockerHub, path: name };
}

export function parseReference(said: string): Reference {
  const { name, digest } = cutDigest(said);
  const colon = name.lastIndexOf(':');
  const tagged = colon > name.lastIndexOf('/');
  const { domain, path } = cutDomain(tagged ? name.slice(0, colon) : name);
  const tag = tagged ? name.slice(colon + 1) : digest === '' ? 'latest' : '';
  if (path !== path.toLowerCase() && pathPattern.test(path.toLowerCase()))
    throw engineError(
      `invalid reference format: repository name must be lowercase: ${JSON.stringify(said)}`,
      `Use ${familiarRepository({ domain, path: path.toLowerCase(), tag: '', digest: '' })}`,
    );
  if (!pathPattern.test(path) || !domainPattern.test(domain) || (tag !== '' && !tagPattern.test(tag)) || (tagged && tag === ''))
    throw invalid(said);
  const whole = domain === dockerHub && !path.includes('/') ? `library/${path}` : path;
  return { domain, path: whole, tag, digest };
}

/** Whether the name has a tag or a digest. */
export const hasTag = (said: string): boolean => said.includes('@') || said.lastIndexOf(':') > said.lastIndexOf('/');

/** null: not a valid name. */
export function tryReference(said: string): Reference | null {
  try {
    return parseReference(said);
  } catch {
    return null;
  }
}

const ending = ({ tag, digest }: Reference): string => `${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`;

/** "docker.io/library/busybox:latest" */
export function canonical(reference: Reference): string {
  return `${reference.domain}/${reference.path}${ending(reference)}`;
}

/** "docker.io/library/busybox" */
export const repository = ({ domain, path }: Reference): string => `${domain}/${path}`;

/** As docker shows a repository: "busybox", "team/tool", "localhost:5000/tool". */
export function familiarRepository({ domain, path }: Reference): string {
  if (domain !== dockerHub) return `${domain}/${path}`;
  return path.startsWith('library/') && !path.slice(8).includes('/') ? path.slice(8) : path;
}

/** As docker shows it: "busybox:latest". */
export const familiar = (reference: Reference): string => `${familiarRepository(reference)}${ending(reference)}`;

/** As in docker: talks to registries on this machine without TLS if they have none. */
export function isLoopback({ domain }: Reference): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(domain);
}
