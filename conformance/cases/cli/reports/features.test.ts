// features.md: what the runtime says about itself. Engines call it without any global flag.
import { succeeded, test } from '../../../harness/case.js';
import { runtime } from '../../../harness/runtime.js';

interface Features {
  readonly ociVersionMin: string;
  readonly ociVersionMax: string;
  readonly hooks: string[];
  readonly mountOptions: string[];
  readonly linux: {
    namespaces: string[];
    capabilities: string[];
    cgroup: Record<string, boolean>;
    seccomp: Record<string, unknown>;
    intelRdt?: object;
    mountExtensions?: object;
    netDevices?: object;
  };
  readonly potentiallyUnsafeConfigAnnotations?: string[];
}

test(
  'features prints one JSON object, and nothing on stderr',
  async (t, box) => {
    const result = await box.command(runtime.path, ['features']);
    succeeded(t, result);
    t.equal(result.stderr, '');
    const features = JSON.parse(result.stdout) as Features;
    t.match(features.ociVersionMin, /^1\.0\.\d/);
    t.match(features.ociVersionMax, /^1\.\d+\.\d+/);
    t.same([...features.hooks].sort(), [
      'createContainer',
      'createRuntime',
      'poststart',
      'poststop',
      'prestart',
      'startContainer',
    ]);
    for (const option of ['bind', 'rbind', 'ro', 'nosuid', 'rprivate', 'tmpcopyup'])
      t.ok(features.mountOptions.includes(option), option);
    for (const type of ['cgroup', 'ipc', 'mount', 'network', 'pid', 'user', 'uts'])
      t.ok(features.linux.namespaces.includes(type), type);
    t.ok(features.linux.capabilities.includes('CAP_SYS_ADMIN'));
    t.type(features.linux.cgroup['v1'], 'boolean');
    t.type(features.linux.cgroup['v2'], 'boolean');
    t.equal(features.linux.seccomp['enabled'], true);
    if (!runtime.isOurs) return;
    t.same(features.linux.intelRdt, { enabled: true, schemata: true, monitoring: true });
    t.same(features.linux.mountExtensions, { idmap: { enabled: true } });
    t.same(features.linux.netDevices, { enabled: true });
    t.same(features.potentiallyUnsafeConfigAnnotations, [
      'org.systemd.property.',
      'org.criu.config',
      'run.oci.keep_original_groups',
    ]);
  },
  { knownDifferences: { 'crun 1.8': 'is older than this command' } },
);

test(
  'it says about the specification what create accepts',
  async (t, box) => {
    const features = JSON.parse((await box.command(runtime.path, ['features'])).stdout) as Features;
    const container = box.container((config) => {
      config.ociVersion = features.ociVersionMax.replace(/[-+].*/, '');
    });
    succeeded(t, await container.run());
  },
  { knownDifferences: { 'crun 1.8': 'is older than this command' } },
);
