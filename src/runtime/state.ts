// state and list: a container's state as runtime.md describes it.
import { fromHost } from '../errors.js';
import type { Host } from '../host/host.js';
import type { ContainerRecord, Status } from '../container/record.js';
import { Store } from '../container/store.js';
import { statusOf } from './shared/state-machine.js';

/** runtime.md, "State", with what runc adds to it. */
export interface ContainerStatus {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: Status;
  /** 0 when stopped. */
  readonly pid: number;
  readonly bundle: string;
  readonly rootfs: string;
  readonly created: string;
  /** As in crun: the unit, with the systemd cgroup manager. */
  readonly 'systemd-scope'?: string;
  readonly owner: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const passwdLimit = 4 * 1024 * 1024;

/** The user's name from /etc/passwd, or "#uid" without one, as runc shows it. */
function userName(host: Host, uid: number): string {
  if (uid === 0) return 'root';
  try {
    for (const line of host.readText('/etc/passwd', passwdLimit).split('\n')) {
      const [name, , id] = line.split(':');
      if (name !== undefined && Number(id) === uid && id !== '') return name;
    }
  } catch {
    // Missing or unreadable file: the number will do.
  }
  return `#${uid}`;
}

function describe(host: Host, store: Store, record: ContainerRecord): ContainerStatus {
  const status = statusOf(host, store.directory(record.id), record);
  return {
    ociVersion: record.ociVersion,
    id: record.id,
    pid: status === 'stopped' || record.init === null ? 0 : record.init.pid,
    status,
    bundle: record.bundle,
    rootfs: record.rootfs,
    created: record.created,
    ...(record.unit === null ? {} : { 'systemd-scope': record.unit.name }),
    annotations: record.annotations,
    owner: userName(host, record.owner),
  };
}

/** Status of one container. E_NO_CONTAINER if there is none of that id below `root`. */
export function readStatus(host: Host, root: string, id: string): ContainerStatus {
  const store = new Store(host, root);
  return describe(host, store, store.read(id));
}

const ENOENT = 2;

export interface ListOptions {
  readonly root: string;
  /** Otherwise the default, which is made with the first container. */
  readonly rootGiven: boolean;
  readonly warn: (text: string) => void;
}

/** The status of all containers below `root`, sorted by id. Leaves out one that vanishes meanwhile; warns of unreadable ones. */
export function listStatus(host: Host, { root, rootGiven, warn }: ListOptions): ContainerStatus[] {
  const store = new Store(host, root);
  const found: ContainerStatus[] = [];
  for (const id of store.ids({ mustExist: rootGiven })) {
    try {
      found.push(describe(host, store, store.read(id)));
    } catch (caught) {
      const { code, message, details } = fromHost('E_HOST', `container ${JSON.stringify(id)}`, caught);
      if (code !== 'E_NO_CONTAINER' && details.errno !== ENOENT) warn(`not listed: ${message}`);
    }
  }
  return found;
}
