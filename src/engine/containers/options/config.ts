// The inside of a container: docker's Config, from the flags and the image's own config.
import { signalNumber } from '../../../plan/tables/signals.js';
import type { Engine } from '../../engine.js';
import { engineError, usageError } from '../../errors.js';
import { parseExposed } from '../../networks/ports.js';
import type { ContainerConfig, Healthcheck } from '../../records/container.js';
import { durationOf, given, givenList, integerOf, type EngineValues } from '../../flags/values.js';
import { environment, labels } from '../../flags/pairs.js';
import type { Image } from '../../records/image.js';
import { shortId } from '../../records/ids.js';

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const stopSeconds = 10;
const second = 1e9;

export interface Asked {
  readonly values: EngineValues;
  /** The image as the command line names it. */
  readonly image: string;
  /** The words after the image. */
  readonly words: readonly string[];
}

/** The program to run. An entrypoint on the command line discards the image's command. */
function program(asked: Asked, image: Image): Pick<ContainerConfig, 'Entrypoint' | 'Cmd'> {
  const entrypoint = given(asked.values, 'entrypoint');
  const own = entrypoint !== undefined;
  const Entrypoint = own ? (entrypoint === '' ? null : [entrypoint]) : nullIfEmpty(image.config.Entrypoint);
  const Cmd = asked.words.length > 0 || own ? asked.words : (image.config.Cmd ?? []);
  if ((Entrypoint ?? []).length + Cmd.length === 0)
    throw engineError('no command specified', 'The image has none: write one after its name');
  return { Entrypoint, Cmd };
}

const nullIfEmpty = (words: readonly string[] | null | undefined): readonly string[] | null =>
  words === undefined || words === null || words.length === 0 ? null : words;

function healthcheck({ values }: Asked, image: Image): Healthcheck | undefined {
  const own = image.config.Healthcheck as Partial<Healthcheck> | undefined;
  if (values['no-healthcheck'] === true) return { Test: ['NONE'], Interval: 0, Timeout: 0, StartPeriod: 0, Retries: 0 };
  const command = given(values, 'health-cmd');
  const Test = command === undefined ? own?.Test : ['CMD-SHELL', command];
  if (Test === undefined || Test.length === 0 || Test[0] === 'NONE') return undefined;
  // 0 means unset, as in an image.
  const flag = (name: string, usual: number | undefined, otherwise: number): number => {
    const chosen = given(values, name) === undefined ? (usual ?? 0) : durationOf(values, name);
    return chosen === 0 ? otherwise : chosen;
  };
  const retries = integerOf(values, 'health-retries');
  if (retries < 0) throw engineError('--health-retries cannot be negative', 'Use 0 or more');
  return {
    Test,
    Interval: flag('health-interval', own?.Interval, 30 * second),
    Timeout: flag('health-timeout', own?.Timeout, 30 * second),
    StartPeriod: flag('health-start-period', own?.StartPeriod, 0),
    Retries: retries || (own?.Retries ?? 0) || 3,
  };
}

function exposedPorts({ values }: Asked, image: Image): Record<string, object> {
  const own = image.config.ExposedPorts ?? {};
  const ports = givenList(values, 'expose').flatMap(parseExposed);
  return { ...own, ...Object.fromEntries(ports.map((port) => [port, {}])) };
}

function stopSignal({ values }: Asked, image: Image): string {
  const said = given(values, 'stop-signal') ?? image.config.StopSignal ?? '';
  if (said !== '' && signalNumber(said) === undefined) throw engineError(`Invalid signal: ${said}`, 'Use a name or a number');
  return said === '' ? 'SIGTERM' : said;
}

function hostname({ host }: Engine, { values }: Asked, id: string): string {
  const said = given(values, 'hostname') ?? '';
  if (said === '')
    return givenList(values, 'network').includes('host') || values['uts'] === 'host'
      ? host.readText('/proc/sys/kernel/hostname', 256).trim()
      : shortId(id);
  if (!/^[A-Za-z0-9]([\w.-]{0,62})$/.test(said)) throw usageError(`invalid hostname format: ${said}`, 'run');
  return said;
}

export function containerConfig(engine: Engine, asked: Asked, image: Image, id: string): ContainerConfig {
  const { values } = asked;
  const health = healthcheck(asked, image);
  const usual = image.config.Env ?? [];
  const withPath = usual.some((word) => word.startsWith('PATH=')) ? usual : [defaultPath, ...usual];
  const workdir = given(values, 'workdir') ?? '';
  if (workdir !== '' && !workdir.startsWith('/'))
    throw engineError(`the working directory '${workdir}' is invalid, it needs to be an absolute path`, 'Begin it with a slash');
  return {
    Hostname: hostname(engine, asked, id),
    Domainname: given(values, 'domainname') ?? '',
    User: given(values, 'user') ?? image.config.User ?? '',
    Tty: values['tty'] === true,
    OpenStdin: values['interactive'] === true,
    StdinOnce: values['interactive'] === true && values['detach'] !== true,
    Env: environment(engine, values, withPath),
    ...program(asked, image),
    Image: asked.image,
    WorkingDir: workdir === '' ? (image.config.WorkingDir ?? '') : workdir,
    Labels: labels(engine, values, image.config.Labels ?? {}),
    StopSignal: stopSignal(asked, image),
    StopTimeout: given(values, 'stop-timeout') === undefined ? stopSeconds : integerOf(values, 'stop-timeout'),
    ExposedPorts: exposedPorts(asked, image),
    Volumes: image.config.Volumes ?? {},
    ...(health === undefined ? {} : { Healthcheck: health }),
  };
}
