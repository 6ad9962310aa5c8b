// config.md, "Linux Process": the five sets of capabilities.
import { readFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../harness/case.js';
import { type CapabilitySet, type Config, shell } from '../../harness/config.js';
import type { Box } from '../../harness/box.js';
import { runtime } from '../../harness/runtime.js';

const bits: Record<string, bigint> = {
  CAP_CHOWN: 1n,
  CAP_KILL: 1n << 5n,
  CAP_NET_BIND_SERVICE: 1n << 10n,
  CAP_AUDIT_WRITE: 1n << 29n,
  CAP_SYSLOG: 1n << 34n,
};
const rows = { inheritable: 'CapInh', permitted: 'CapPrm', effective: 'CapEff', bounding: 'CapBnd', ambient: 'CapAmb' } as const;

/** The sets that the program has, from /proc. */
async function sets(box: Box, change: (config: Config) => void): Promise<Record<CapabilitySet, bigint>> {
  const container = box.container((config) => {
    config.process.args = ['grep', '^Cap', '/proc/self/status'];
    change(config);
  });
  const result = await container.run();
  if (result.code !== 0) throw new Error(`run failed (${result.code}): ${result.stderr}`);
  const of = (row: string): bigint => BigInt(`0x${new RegExp(`${row}:\\s([0-9a-f]+)`).exec(result.stdout)?.[1] ?? '0'}`);
  return Object.fromEntries(Object.entries(rows).map(([set, row]) => [set, of(row)])) as Record<CapabilitySet, bigint>;
}

test(
  'no capabilities: all sets are empty, also for root',
  async (t, box) => {
    t.same(await sets(box, () => undefined), { inheritable: 0n, permitted: 0n, effective: 0n, bounding: 0n, ambient: 0n });
  },
  {
    knownDifferences: {
      'runc 1.5': 'takes them from its caller if the config has no such object; the specification does not say',
    },
  },
);

test('each set is what the config says', async (t, box) => {
  const names = ['CAP_CHOWN', 'CAP_KILL', 'CAP_SYSLOG'];
  const found = await sets(box, (config) => {
    config.process.user = { uid: 1000, gid: 1000 };
    config.process.noNewPrivileges = true;
    config.process.capabilities = {
      bounding: [...names, 'CAP_AUDIT_WRITE'],
      permitted: names,
      inheritable: ['CAP_CHOWN', 'CAP_KILL'],
      effective: ['CAP_CHOWN'],
      ambient: ['CAP_CHOWN', 'CAP_KILL'],
    };
  });
  const mask = (...of: string[]): bigint => of.reduce((sum, name) => sum | (bits[name] ?? 0n), 0n);
  t.equal(found.bounding, mask(...names, 'CAP_AUDIT_WRITE'), 'bounding');
  t.equal(found.inheritable, mask('CAP_CHOWN', 'CAP_KILL'), 'inheritable');
  t.equal(found.ambient, mask('CAP_CHOWN', 'CAP_KILL'), 'ambient');
  t.equal(found.permitted, found.ambient, 'execve without file capabilities keeps the ambient ones');
});

test('root gets what is in the bounding set', async (t, box) => {
  const found = await sets(box, (config) => {
    const names = ['CAP_CHOWN', 'CAP_NET_BIND_SERVICE'];
    config.process.capabilities = { bounding: names, effective: names, permitted: names };
  });
  const mask = (bits['CAP_CHOWN'] ?? 0n) | (bits['CAP_NET_BIND_SERVICE'] ?? 0n);
  t.same(found, { bounding: mask, effective: mask, permitted: mask, inheritable: 0n, ambient: 0n });
});

/** In the order of their bits: include/uapi/linux/capability.h. */
const names =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE';
const granted = BigInt(`0x${/CapBnd:\s([0-9a-f]+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);

test('each name is its bit, in each set', async (t, box) => {
  const mine = names.split(' ').map((name, bit) => ({ name: `CAP_${name}`, bit: 1n << BigInt(bit) }));
  // One container with the even ones, one with the odd ones: a missing or extra bit shows in either.
  for (const parity of [0, 1]) {
    const chosen = mine.filter(({ bit }, index) => index % 2 === parity && (granted & bit) !== 0n);
    const found = await sets(box, (config) => {
      const wanted = chosen.map(({ name }) => name);
      config.process.user = { uid: 1000, gid: 1000 };
      config.process.capabilities = {
        bounding: wanted,
        permitted: wanted,
        inheritable: wanted,
        effective: wanted,
        ambient: wanted,
      };
    });
    const mask = chosen.reduce((sum, { bit }) => sum | bit, 0n);
    t.same(found, { inheritable: mask, permitted: mask, effective: mask, bounding: mask, ambient: mask });
  }
});

test('they have effect', async (t, box) => {
  const container = box.container((config) => {
    config.process.capabilities = { bounding: ['CAP_KILL'], effective: ['CAP_KILL'], permitted: ['CAP_KILL'] };
    config.process.args = shell('chown 1 /tmp 2>&1');
  });
  const result = await container.run();
  t.not(result.code, 0);
  t.match(result.stdout, /not permitted/);
});

test(
  'an unknown capability is a warning that names it, not a failure',
  async (t, box) => {
    const container = box.container((config) => {
      config.process.capabilities = {
        bounding: ['CAP_UNHEARD_OF', 'CAP_KILL'],
        effective: ['CAP_KILL'],
        permitted: ['CAP_KILL'],
      };
      config.process.args = ['grep', '^CapEff', '/proc/self/status'];
    });
    const result = await container.run();
    succeeded(t, result);
    t.match(result.stderr, /CAP_UNHEARD_OF/);
    if (runtime.isOurs) t.match(result.stderr, '/process/capabilities/bounding/0');
    t.match(result.stdout, /0000000000000020/);
  },
  { knownDifferences: { 'crun 1.8': 'says nothing' } },
);

test('a set that the machine cannot grant is a warning or an error, nothing in between', async (t, box) => {
  const container = box.container((config) => {
    const all = ['CAP_SYS_RESOURCE', 'CAP_KILL'];
    config.process.capabilities = { bounding: all, effective: all, permitted: all };
    config.process.args = ['grep', '^CapEff', '/proc/self/status'];
  });
  const result = await container.run();
  if ((granted & (1n << 24n)) !== 0n) succeeded(t, result);
  else if (result.code === 0) t.match(result.stdout, /0000000000000020/);
  else failed(t, result);
  t.same(await box.leftovers(), []);
});
