// Limits that are too long for conformance cases, which have the rest.
import t from 'tap';
import type { ContainerRecord } from '../container/record.js';
import type { LockedDirectory } from '../container/store.js';
import type { Host } from '../host/host.js';
import { awaitCriu, endCriu } from './unattended.js';

const criu = { pid: 12, startTime: 100, paused: false };
const creator = { pid: 10, startTime: 100 };
const init = { pid: 11, startTime: 100 };

function recordOf(fields: Partial<ContainerRecord>): ContainerRecord {
  return { id: 'web', creator, init, cgroups: [], status: 'created', ...fields } as unknown as ContainerRecord;
}

/** Processes that are alive; criu ends only by SIGKILL. `did`: what was done to it. */
function machine(...alive: number[]): { host: Host; did: string[] } {
  const did: string[] = [];
  let killed = false;
  const host = {
    readText: (path: string) => {
      const pid = Number(path.split('/')[2]);
      if (!alive.includes(pid) || (killed && pid === criu.pid)) throw { operation: 'open', errno: 2 };
      return `${pid} (x) S ${'0 '.repeat(18)}100 0`;
    },
    pidfdOpen: (pid: number) => (alive.includes(pid) ? 100 + pid : -1),
    close: () => undefined,
    pidfdSendSignal: (_pidfd: number, signal: number) => {
      killed = signal === 9;
      did.push(`signal ${signal}`);
    },
    waitPidfd: (_pidfd: number, ms: number) => {
      if (!killed) did.push(`wait ${ms}`);
      return killed;
    },
  };
  return { host: host as unknown as Host, did };
}

t.test('a restore whose command is gone has a minute to undo itself', (t) => {
  const { host, did } = machine(criu.pid);
  endCriu(host, recordOf({ status: 'creating', criu }));
  t.strictSame(did, ['wait 60000', 'signal 9']);
  t.end();
});

t.test('one whose command is at work is left to that', (t) => {
  const { host, did } = machine(criu.pid, creator.pid);
  endCriu(host, recordOf({ status: 'creating', criu }));
  t.strictSame(did, []);
  endCriu(host, recordOf({ status: 'creating', criu, abandoned: true }));
  t.strictSame(did, ['wait 60000', 'signal 9'], 'unless that has given up');
  t.end();
});

t.test('a checkpoint of what is killed anyway is ended at once; one that has done its work may finish', (t) => {
  const running = machine(criu.pid, init.pid);
  endCriu(running.host, recordOf({ criu }));
  t.strictSame(running.did, ['signal 9']);
  const dumped = machine(criu.pid);
  endCriu(dumped.host, recordOf({ criu }));
  t.strictSame(dumped.did, ['wait 10000', 'signal 9']);
  t.end();
});

t.test('another process with its number is not touched', (t) => {
  const { host, did } = machine(criu.pid, init.pid);
  endCriu(host, recordOf({ criu: { ...criu, startTime: 99 } }));
  t.strictSame(did, []);
  t.end();
});

t.test('the record is written without it once it has ended, and not before', (t) => {
  const written: unknown[] = [];
  const directory = { write: (record: unknown) => written.push(record) } as unknown as LockedDirectory;
  t.throws(() => awaitCriu(machine(criu.pid).host, directory, recordOf({ criu }), true), {
    code: 'E_BUSY',
    message: /process 12/,
  });
  t.strictSame(written, []);
  t.strictSame(awaitCriu(machine().host, directory, recordOf({ criu }), true), recordOf({}));
  t.strictSame(written, [recordOf({})]);
  const plain = recordOf({});
  t.equal(awaitCriu(machine().host, directory, plain, true), plain);
  t.equal(written.length, 1, 'a record without it is left as it is');
  t.end();
});
