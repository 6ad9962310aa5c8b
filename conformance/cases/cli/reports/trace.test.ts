// --trace: how long everything took, the runtime's phases and pocker-init's steps on one time axis, in Perfetto's format.
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { failed, succeeded, test } from '../../../harness/case.js';
import type { Box } from '../../../harness/box.js';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly field?: string; readonly name?: string };
}

const knownDifferences = { runc: 'it has no --trace', crun: 'it has no --trace' };

const globals = (box: Box): string[] => ['--trace', box.path('trace.json')];

function eventsOf(box: Box): TraceEvent[] {
  const { traceEvents } = JSON.parse(readFileSync(box.path('trace.json'), 'utf8')) as { traceEvents: TraceEvent[] };
  return traceEvents;
}

const named = (events: readonly TraceEvent[], wanted: string): TraceEvent[] => events.filter(({ name }) => name === wanted);

const lasts = ({ ts, dur }: TraceEvent): readonly [number, number] => [ts, ts + dur];

test(
  'each command adds its events, with those of pocker-init in between',
  async (t, box) => {
    const container = box.container();
    succeeded(t, await container.create({ globals: globals(box) }));
    const created = eventsOf(box);
    const [create] = named(created, 'create');
    t.ok(create, 'the command itself');
    const [begin, end] = lasts(create!);
    const steps = named(created, 'MountFilesystem');
    t.ok(
      steps.some(({ args }) => args.field === '/mounts/0'),
      'a mount, with the field that asks for it',
    );
    for (const step of steps) {
      t.not(step.pid, create!.pid, 'a process of its own');
      t.ok(step.ts >= begin && step.ts + step.dur <= end, 'while the command ran');
    }
    succeeded(t, await container.start({ globals: globals(box) }));
    const started = eventsOf(box).slice(created.length);
    const [start] = named(started, 'start');
    t.ok(start!.ts >= end, 'start comes later');
    const [last] = named(started, 'seccomp filter and execve');
    t.equal(last?.pid, steps[0]?.pid, 'the same process');
    t.ok(last!.ts >= start!.ts && last!.ts + last!.dur <= start!.ts + start!.dur);
    t.same(eventsOf(box).slice(0, created.length), created, 'what was there stays');
  },
  { knownDifferences },
);

test(
  'start of a container that was made without it, and vice versa',
  async (t, box) => {
    const quiet = box.container();
    succeeded(t, await quiet.create());
    succeeded(t, await quiet.start({ globals: globals(box) }));
    t.ok(named(eventsOf(box), 'ShareReport').length > 0);
    const told = box.container();
    succeeded(t, await told.create({ globals: globals(box) }));
    succeeded(t, await told.start());
    t.equal(named(eventsOf(box), 'ShareReport').length, 1, 'a start without it reports nothing');
  },
  { knownDifferences },
);

test(
  'a failure leaves the events up to it',
  async (t, box) => {
    const container = box.container((config) => {
      config.mounts.push({ destination: '/nowhere', type: 'nosuchfs', source: 'none' });
    });
    failed(t, await container.create({ globals: globals(box) }));
    t.ok(named(eventsOf(box), 'create').length === 1);
  },
  { knownDifferences },
);

test(
  'a file with other contents is unchanged, and the command is carried out',
  async (t, box) => {
    writeFileSync(box.path('trace.json'), 'mine\n');
    const container = box.container();
    const result = await container.create({ globals: globals(box) });
    succeeded(t, result);
    t.match(result.stderr, /is not a trace/);
    t.equal(readFileSync(box.path('trace.json'), 'utf8'), 'mine\n');
  },
  { knownDifferences },
);

test(
  'what is no file is not waited for, and the command is carried out',
  async (t, box) => {
    await box.command('mkfifo', [box.path('trace.json')]);
    const container = box.container();
    const result = await container.create({ globals: globals(box) });
    succeeded(t, result);
    t.match(result.stderr, /no such device or address/i);
    t.ok(lstatSync(box.path('trace.json')).isFIFO());
  },
  { knownDifferences },
);
