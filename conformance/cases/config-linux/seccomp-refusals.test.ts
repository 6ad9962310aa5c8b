// config-linux.md, "Seccomp": filters that refuse what the runtime's own process needs before it becomes the program. Whatever
// they refuse, the result is an error that says so, and nothing spins or hangs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../../harness/box.js';
import { succeeded, test, type Tap } from '../../harness/case.js';
import type { CommandResult } from '../../harness/command.js';
import { shell } from '../../harness/config.js';
import type { Container } from '../../harness/container.js';
import { runtime } from '../../harness/runtime.js';
import type { Profile } from '../../harness/seccomp-profile.js';

const refusing = (action: string, ...names: string[]): Profile => {
  return { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names, action }] };
};

function filtered(box: Box, seccomp: Profile, noNewPrivileges = true): Container {
  return box.container((config) => {
    config.process.noNewPrivileges = noNewPrivileges;
    config.process.args = ['/program'];
    config.linux.seccomp = seccomp;
  });
}

/** The exit code must not be 0, which is the program's own. Messages are checked only for our own runtime. */
function refused(t: Tap, result: CommandResult, words: RegExp): void {
  t.equal(result.timedOut, false, 'it ends');
  t.not(result.code, 0, 'it is a failure', { stderr: result.stderr });
  if (runtime.isOurs) t.match(result.stderr, words);
}

const program = '#!/bin/true\n';
const write = (container: Container, text = program): void => {
  writeFileSync(join(container.rootfs, 'program'), text, { mode: 0o755 });
};

const noExecve: readonly Profile[] = [
  { defaultAction: 'SCMP_ACT_ERRNO' },
  { defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 38, architectures: ['SCMP_ARCH_AARCH64'], syscalls: [] },
  refusing('SCMP_ACT_ERRNO', 'execve'),
  refusing('SCMP_ACT_KILL_PROCESS', 'execve'),
  refusing('SCMP_ACT_TRAP', 'execve'),
];

for (const profile of noExecve) {
  test(`no program can be executed: ${JSON.stringify(profile)}`, async (t, box) => {
    const container = filtered(box, profile);
    write(container);
    refused(t, await container.run(), /execve .* SCMP_ACT_\w+: (operation not permitted|function not implemented)/);
  });
}

const ends = ['exit_group', 'exit'];
const words = ['write', 'writev', 'sendmsg', 'sendto'];
const sight = ['openat', 'open', 'mmap', 'read', 'pread64', 'close'];
const formats: readonly (readonly [text: string, words: RegExp])[] = [
  ['neither', /exec format error/],
  ['#!/no/such/interpreter\n', /no such file or directory/],
];

for (const action of ['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_TRAP']) {
  for (const [text, expected] of formats) {
    for (const names of [ends, [...ends, ...words], [...ends, ...words, ...sight]]) {
      test(
        `${action} for ${names.length} calls, and execve fails: ${expected.source}`,
        async (t, box) => {
          const container = filtered(box, refusing(action, ...names));
          write(container, text);
          refused(t, await container.run(), expected);
        },
        { knownDifferences: { runc: 'needs such calls itself, after the filter is loaded', crun: 'the same' } },
      );
    }
  }
}

test(
  'start reports it, too, and the container has stopped',
  async (t, box) => {
    const container = filtered(box, refusing('SCMP_ACT_KILL_PROCESS', ...ends, ...words, ...sight));
    write(container, 'neither');
    succeeded(t, await container.create());
    refused(t, await container.start(), /exec format error/);
    t.equal((await container.state()).status, 'stopped');
    succeeded(t, await container.delete());
  },
  { knownDifferences: { runc: 'needs such calls itself, after the filter is loaded', crun: 'the same' } },
);

test(
  'exec reports it, too',
  async (t, box) => {
    const container = filtered(box, refusing('SCMP_ACT_ERRNO', ...ends));
    container.config.process.args = shell('while :; do sleep 1; done');
    container.writeConfig();
    write(container, 'neither');
    await container.up();
    const result = await container.verb('exec', {}, ['/program']);
    refused(t, result, /exec format error/);
    t.equal(result.code, 255);
  },
  { knownDifferences: { runc: 'spins', crun: 'uses another exit code' } },
);

for (const action of ['SCMP_ACT_ERRNO', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP']) {
  test(`without noNewPrivileges, capset answered by ${action}`, async (t, box) => {
    const container = filtered(box, refusing(action, 'capset'), false);
    container.config.process.capabilities = { bounding: ['CAP_KILL'], permitted: ['CAP_KILL'], effective: ['CAP_KILL'] };
    container.writeConfig();
    write(container);
    refused(t, await container.run(), /capset|capabilities/);
  });
}
