// What was seen of one case with one runtime, by name, in words that are the same for every runtime: without this run's ids,
// pids, times and paths.
import { readlinkSync } from 'node:fs';

export type Facts = Map<string, string>;

/** What differs from run to run, and its replacement. */
export interface Names {
  readonly id: string;
  readonly directory: string;
}

const hostNamespaces = new Map(
  ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'].map((name) => [readlinkSync(`/proc/self/ns/${name}`), name]),
);

function namespace(link: string): string {
  return hostNamespaces.has(link) ? 'host' : 'own';
}

export function normalise(value: string, { id, directory }: Names): string {
  return value
    .replaceAll(directory, '{dir}')
    .replaceAll(id, '{id}')
    .replace(/\b(?:cgroup|ipc|mnt|net|pid|time|user|uts):\[\d+\]/g, namespace)
    .replace(/\b(pipe|socket):\[\d+\]/g, '$1')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-][\d:]+)/g, '{time}');
}

export function normaliseAll(facts: Facts, names: Names): Facts {
  return new Map([...facts].map(([key, value]) => [normalise(key, names), normalise(value, names)]));
}
