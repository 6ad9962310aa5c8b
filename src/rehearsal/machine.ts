// A machine that exists only in memory, for the rehearsal: it answers the usual commands' calls as Linux would, and always
// in the same way. A call that is missing here fails, and so does the build.
import type { FileStatus, Host, Launched, Received } from '../host/host.js';

const CGROUP_MAGIC = 0x0027_e0eb;
const CGROUP2_MAGIC = 0x6367_7270;
const TMPFS_MAGIC = 0x0102_1994;
const SCMP_ARCH_X86_64 = 0xc000_003e;
const ENOENT = 2;

const hierarchies = ['cpuset', 'cpu', 'cpuacct', 'memory', 'devices', 'freezer', 'blkio', 'pids', 'systemd'];
const cgroups = '/sys/fs/cgroup';

/** struct sock_filter: return SECCOMP_RET_ALLOW. */
const allow = [0x06, 0, 0, 0, 0, 0, 0xff, 0x7f];
/** Of compiled filters: only the first create with a profile compiles it. */
const cache = new Map<string, Uint8Array>();

export type Layout = 'v1' | 'v2';

/** What the container's process does. */
interface Container {
  readonly pid: number;
  started: boolean;
  ended: boolean;
  /** Its parent has waited for it. */
  reaped: boolean;
}

/** Answers arrive as the binding makes them: as new objects, whose names are looked up. */
const fresh = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const status = (type: FileStatus['type']): FileStatus =>
  fresh({ type, mode: 0o755, uid: 0, gid: 0, device: 1, inode: 1, size: 4096, rdev: [0, 0] as const });

const received = (message: Received['message'], number = 0, fd = -1): Received =>
  fresh({ message, step: 0, number, text: '', path: '', fd });

class Machine {
  readonly #files = new Map<string, string>();
  readonly #directories = new Set<string>();
  readonly #container: Container = { pid: 100, started: false, ended: false, reaped: false };
  readonly #layout: Layout;
  #descriptors = 3;
  /** What pocker-init says next. */
  #messages: Received[] = [];

  constructor(layout: Layout, files: Record<string, string>) {
    this.#layout = layout;
    for (const [path, text] of Object.entries(files)) {
      this.#files.set(path, text);
      for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
        this.#directories.add(path.slice(0, end));
    }
    const ofProcess =
      layout === 'v2' ? '0::/\n' : hierarchies.map((name, index) => `${index + 1}:${lineName(name)}:${ownOf(name)}\n`).join('');
    this.#files.set('/proc/self/cgroup', ofProcess);
    this.#files.set('/proc/self/uid_map', '         0          0 4294967295\n');
    for (const name of layout === 'v2' ? ['.'] : hierarchies)
      this.#directories.add(`${cgroups}/${name}`).add(`${cgroups}/${name}${ownOf(name)}`);
  }

  #descriptor(): number {
    return this.#descriptors++;
  }

  #fail(operation: string, path: string): never {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- as the binding throws it
    throw { operation, errno: ENOENT, path };
  }

  #stat(pid: number): string {
    const { ended } = this.#container;
    const state = ended ? 'Z' : 'S';
    return `${pid} (init) ${state} 1 ${pid} ${pid} 0 -1 4194560 22 0 0 0 0 0 0 0 20 0 1 0 ${pid} 405504 0\n`;
  }

  #read(path: string): string {
    const text = this.#files.get(path);
    if (text !== undefined) return text;
    const [, process] = /^\/proc\/(\d+)\/stat$/.exec(path) ?? [];
    if (process !== undefined && !this.#container.reaped) return this.#stat(Number(process));
    const name = path.slice(path.lastIndexOf('/') + 1);
    const isNew = path.startsWith(`${cgroups}/cpuset/c/`);
    const controls: Record<string, string> = {
      'cpuset.cpus': isNew ? '\n' : '0-1\n',
      'cpuset.mems': isNew ? '\n' : '0\n',
      'freezer.state': 'THAWED\n',
      'cgroup.freeze': '0\n',
      'cgroup.controllers': 'cpuset cpu io memory pids\n',
      'cgroup.subtree_control': 'cpuset cpu io memory pids\n',
      'cgroup.events': 'populated 1\nfrozen 0\n',
      'cgroup.type': 'domain\n',
    };
    return (path.startsWith(cgroups) ? controls[name] : undefined) ?? this.#fail('open', path);
  }

  #launch(isExec: boolean): Launched {
    this.#messages = isExec
      ? [received('forked', 102), received('created'), received('report', 0, 9)]
      : [received('hooks_ready'), received('created')];
    return fresh({ pid: isExec ? 101 : this.#container.pid, pidfd: this.#descriptor(), channel: this.#descriptor() });
  }

  /** Files and directories. */
  #fileCalls(): Partial<Host> {
    const v2 = this.#layout === 'v2';
    return {
      lstat: (path) => {
        if (this.#files.has(path)) return status('file');
        return this.#directories.has(path) ? status('directory') : null;
      },
      realPath: (path) => path,
      readText: (path) => this.#read(path),
      readRegular: (path) => this.#read(path),
      readdir: (path) => fresh(path === cgroups && !v2 ? hierarchies : []),
      statfsType: (path) => {
        if (path === cgroups && v2) return CGROUP2_MAGIC;
        return path.startsWith(`${cgroups}/`) && !v2 ? CGROUP_MAGIC : TMPFS_MAGIC;
      },
      access: () => true,
      mkdir: (path) => {
        const isNew = !this.#directories.has(path);
        this.#directories.add(path);
        return isNew;
      },
      writeNew: (path, text) => void this.#files.set(path, text),
      writeAtomic: (directory, name, text) => void this.#files.set(`${directory}/${name}`, text),
      append: () => undefined,
      writeControl: () => undefined,
      writeCgroups: () => undefined,
      removeCgroup: () => fresh({ gone: true, removed: 1 }),
      cgroupProcesses: () => fresh([this.#container.pid]),
      attachDeviceProgram: () => undefined,
      rmdir: (path) => void this.#directories.delete(path),
      removeDirectory: () => undefined,
      openDirectory: () => this.#descriptor(),
      lock: () => true,
      isSameFile: () => true,
      close: () => undefined,
      readCache: (_directory, key) => cache.get(key) ?? null,
      writeCache: (_directory, key, data) => {
        cache.set(key, data);
        return true;
      },
    };
  }

  /** Processes, and what pocker-init says. */
  #processCalls(): Partial<Host> {
    const container = this.#container;
    return {
      listen: () => this.#descriptor(),
      connect: () => (container.started ? -1 : this.#descriptor()),
      launch: ({ gate }) => this.#launch(gate < 0),
      receive: () => this.#messages.shift() ?? null,
      readReport: () => null,
      send: (_channel, message) => {
        if (message !== 'go') return;
        container.started = true;
        this.#messages = [received('report', 0, 9)];
      },
      pidfdOpen: () => (container.reaped ? -1 : this.#descriptor()),
      pidfdSendSignal: () => {
        container.ended = true;
      },
      waitPidfd: () => true,
      reap: () => fresh({ code: 0, signal: 0 }),
      blockSignals: () => undefined,
      setChildSubreaper: () => undefined,
      supervise: (_pidfd, pid) => {
        container.reaped ||= pid === container.pid;
        return 0;
      },
    };
  }

  #otherCalls(): Partial<Host> {
    return {
      cwd: () => '/',
      env: () => null,
      now: () => 1_000_000_000_000,
      clock: () => 1_000_000_000_000_000,
      monotonic: () => 1,
      hasSyscall: () => true,
      seccompVersion: () => '2.5.4',
      seccompNativeArchitecture: () => SCMP_ARCH_X86_64,
      seccompHasArchitecture: () => true,
      seccompHasFlag: () => true,
      resolveSyscalls: (_architecture, names) => names.map((_name, index) => index),
      compileSeccomp: () => Uint8Array.from(allow),
    };
  }

  calls(): Partial<Host> {
    return { ...this.#fileCalls(), ...this.#processCalls(), ...this.#otherCalls() };
  }
}

/** "name=systemd" for a hierarchy without a controller. */
function lineName(name: string): string {
  return name === 'systemd' ? 'name=systemd' : name;
}

/** The runtime's own cgroup: systemd gives a service one in some hierarchies. */
function ownOf(name: string): string {
  return name === 'memory' ? '/system.slice/engine.service' : '/';
}

/** A machine with these files and no container. */
export function makeMachine(layout: Layout, files: Record<string, string>): Partial<Host> {
  return new Machine(layout, files).calls();
}
