// containerd's CRI service, which the kubelet talks to, driven by `crictl`.
import { mkdirSync, writeFileSync } from 'node:fs';
import type { CommandOptions, CommandResult } from '../../harness/command.js';
import { builtNames, builtPrograms, builtTools, Containerd } from '../containerd/containerd.js';
import { type Setup, Session } from '../harness/engine.js';
import { imageName } from '../harness/image.js';
import { missing, tool } from '../harness/programs.js';
import { section, settingsFor } from '../harness/settings.js';
import type { Site } from '../harness/site.js';
import { quoted } from '../harness/terminal.js';

/** In addition to the document's settings: no network, no image from elsewhere, nothing outside the site. */
const own = (documented: string): string => `version = 3
imports = ['${documented}']
[plugins.'io.containerd.cri.v1.images']
  snapshotter = 'native'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${imageName}'
[plugins.'io.containerd.cri.v1.runtime']
  netns_mounts_under_state_dir = true
  restrict_oom_score_adj = true
`;

/** The name of the RuntimeClass. */
export const handler = /^handler: (\S+)$/m.exec(section('Kubernetes'))?.[1] ?? '';

export class Crictl extends Session {
  readonly #containerd: Containerd;
  #files = 0;

  constructor(containerd: Containerd) {
    super(containerd.site);
    this.#containerd = containerd;
    const address = `unix://${containerd.socket}`;
    writeFileSync(this.site.path('crictl.yaml'), `runtime-endpoint: ${address}\nimage-endpoint: ${address}\ntimeout: 60\n`);
    mkdirSync(this.site.path('logs'));
  }

  #words(args: readonly string[]): string[] {
    return [tool('crictl'), '--config', this.site.path('crictl.yaml'), ...args];
  }

  client(args: readonly string[], options?: CommandOptions): Promise<CommandResult> {
    const [program, ...words] = this.#words(args);
    return this.site.command(program!, words, options);
  }

  terminal(args: readonly string[]): Promise<CommandResult> {
    return this.site.command('script', ['-qec', quoted(this.#words(args)), '/dev/null']);
  }

  /** The path of a new file with this content. */
  file(content: object): string {
    const path = this.site.path(`request${this.#files++}.json`);
    writeFileSync(path, JSON.stringify(content));
    return path;
  }

  /** A pod in the host's network; returns its config file and its id. */
  async pod(name: string): Promise<{ file: string; id: string }> {
    const file = this.file({
      metadata: { name, namespace: 'test', uid: name },
      log_directory: this.site.path('logs'),
      linux: { cgroup_parent: `/${this.site.name}`, security_context: { namespace_options: { network: 2 } } },
    });
    return { file, id: await this.ok('runp', '--runtime', handler, file) };
  }

  /** A started container in a pod. */
  async container(pod: { file: string; id: string }, name: string, change: object): Promise<string> {
    const file = this.file({ metadata: { name }, image: { image: imageName }, log_path: `${name}.log`, ...change });
    const id = await this.ok('create', pod.id, file, pod.file);
    await this.ok('start', id);
    return id;
  }

  /** The id of the container with this name. */
  async id(name: string): Promise<string> {
    return (await this.ok('ps', '-a', '-q', '--name', `^${name}$`)).split('\n')[0] ?? '';
  }

  async crash(): Promise<void> {
    await this.#containerd.kill();
    await this.#containerd.up(own(this.site.path('documented.toml')));
  }

  async close(): Promise<void> {
    await this.ok('rmp', '--all', '--force');
  }
}

async function open(site: Site): Promise<Crictl> {
  const documented = site.path('documented.toml');
  writeFileSync(documented, settingsFor(site.runtime.path, 'containerd 2.x', '/etc/containerd/config.toml'));
  const containerd = new Containerd(site, builtPrograms());
  await containerd.up(own(documented));
  await containerd.importImage('k8s.io');
  return new Crictl(containerd);
}

export const cri: Setup<Crictl> = {
  name: 'cri',
  packages: [{ name: 'umoci', programs: ['umoci'] }],
  tools: [...builtTools, 'sigs.k8s.io/cri-tools/cmd/crictl'],
  lacks: () => missing(['umoci', 'setpriv', 'script'], [...builtNames, 'crictl']),
  open,
};
