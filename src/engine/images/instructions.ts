// --change: the Dockerfile instructions that `commit` and `import` apply to the config of the image they make.
import type { ImageConfig } from '../records/image.js';
import { usageError } from '../errors.js';

type Change = (config: ImageConfig, value: string) => ImageConfig;

/** '["a", "b"]', or a shell command line. */
function command(value: string): string[] {
  if (!value.startsWith('[')) return ['/bin/sh', '-c', value];
  return words(value);
}

function words(value: string): string[] {
  if (!value.startsWith('[')) return value.split(/\s+/).filter((word) => word !== '');
  try {
    const read = JSON.parse(value) as unknown;
    if (Array.isArray(read) && read.every((word) => typeof word === 'string')) return read;
  } catch {
    // Reported below.
  }
  throw usageError(`${JSON.stringify(value)} is not a JSON list of strings`);
}

/** 'a=b c="d e"', or 'a b'. */
function pairs(value: string): [name: string, value: string][] {
  if (!/^[^\s=]+=/.test(value)) {
    const [, name = value, rest = ''] = /^(\S+)\s+(.*)$/s.exec(value) ?? [];
    return [[name, rest]];
  }
  const found = value.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return found.map((word) => {
    const plain = word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_all, double?: string, single?: string, one?: string) =>
      double !== undefined ? double.replace(/\\(.)/g, '$1') : (single ?? one ?? ''),
    );
    const equals = plain.indexOf('=');
    return equals < 0 ? [plain, ''] : [plain.slice(0, equals), plain.slice(equals + 1)];
  });
}

function withEnv(old: readonly string[], value: string): string[] {
  const added = pairs(value);
  const kept = old.filter((one) => !added.some(([name]) => one.startsWith(`${name}=`)));
  return [...kept, ...added.map(([name, text]) => `${name}=${text}`)];
}

const keys = (names: readonly string[]): Record<string, object> => Object.fromEntries(names.map((name) => [name, {}]));
const port = (word: string): string => (word.includes('/') ? word : `${word}/tcp`);

const changes: Readonly<Record<string, Change>> = {
  CMD: (config, value) => ({ ...config, Cmd: command(value) }),
  ENTRYPOINT: (config, value) => ({ ...config, Entrypoint: command(value) }),
  ENV: (config, value) => ({ ...config, Env: withEnv(config.Env ?? [], value) }),
  EXPOSE: (config, value) => ({ ...config, ExposedPorts: { ...config.ExposedPorts, ...keys(words(value).map(port)) } }),
  LABEL: (config, value) => ({ ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairs(value)) } }),
  ONBUILD: (config, value) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), value] }),
  STOPSIGNAL: (config, value) => ({ ...config, StopSignal: value }),
  USER: (config, value) => ({ ...config, User: value }),
  VOLUME: (config, value) => ({ ...config, Volumes: { ...config.Volumes, ...keys(words(value)) } }),
  WORKDIR: (config, value) => ({
    ...config,
    WorkingDir: value.startsWith('/') ? value : `${config.WorkingDir ?? ''}/${value}`.replace(/^\/?/, '/'),
  }),
};

export function applyInstructions(config: ImageConfig, instructions: readonly string[]): ImageConfig {
  return instructions.reduce((changed, line) => {
    const [, name = '', value = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(line) ?? [];
    const change = changes[name.toUpperCase()];
    if (change === undefined)
      throw usageError(`${name.toUpperCase() === '' ? JSON.stringify(line) : name.toUpperCase()} is not a valid change command`);
    return change(changed, value);
  }, config);
}
