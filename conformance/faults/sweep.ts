// One command with a fault in its first call, then in its second, and so on to its last: what it said and what it left.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Box } from '../harness/box.js';
import { cgroupsNamed, layout } from '../harness/machine/cgroup.js';
import { checkpoint } from '../harness/topics/checkpoint.js';
import { type CommandResult, patience } from '../harness/command.js';
import { shell } from '../harness/config.js';
import type { Container } from '../harness/container.js';
import { helper } from '../harness/helpers/helper.js';
import { projectRoot, runtime } from '../harness/runtime.js';
import { type FaultyCommand, rich } from './commands.js';
import type { Log } from './log.js';
import { judge, type Kind, kindName } from './judgement.js';
import type { Finding, Row } from './row.js';

/** The program and first arguments that run our command line with the fault. */
function injector({ layer, how }: Kind, nth: number, report: string): [string, ...string[]] {
  if (layer === 'host') {
    const entry = join(projectRoot, 'build/js/conformance/faults/entry.js');
    return [process.execPath, entry, String(nth), String(how), report];
  }
  return [helper('inject'), layer, String(nth), how === 'kill' ? '0' : String(how), report, runtime.path];
}

/** The commands of one box, with one fault each. */
class Site {
  readonly container: Container;

  constructor(
    readonly box: Box,
    readonly command: FaultyCommand,
    readonly kind: Kind,
  ) {
    this.container = box.container((config) => {
      rich(config);
      if (command.name === 'run') config.process.args = ['true'];
      if (command.before === 'stopped') config.process.args = shell('exit 0');
    });
    mkdirSync(box.path('source'), { recursive: true });
    const mount = { destination: '/added', type: 'bind', source: box.path('source'), options: ['bind'] };
    writeFileSync(box.path('mounts.json'), JSON.stringify([mount]));
  }

  async status(): Promise<string> {
    const { code, stdout } = await this.container.verb('state');
    return code === 0 ? (JSON.parse(stdout) as { status: string }).status : 'none';
  }

  async prepare(): Promise<void> {
    const { before } = this.command;
    const { container } = this;
    const wanted = before === 'images' ? 'none' : before;
    if ((await this.status()) === wanted && (before !== 'images' || existsSync(this.box.path('images')))) return;
    await container.delete({ flags: ['--force'] });
    if (before === 'none') return;
    if (before === 'created') {
      assertDone(await container.create());
      return;
    }
    await container.up();
    this.#nestCgroups();
    if (before === 'paused') assertDone(await container.verb('pause'));
    if (before === 'stopped') await container.waitFor('stopped');
    if (before !== 'images') return;
    rmSync(this.box.path('images'), { recursive: true, force: true });
    assertDone(await checkpoint(container, 'images'));
    await container.delete({ flags: ['--force'] });
  }

  /** As programs make them: code that looks for processes, or removes the cgroups, has to walk. */
  #nestCgroups(): void {
    for (const path of cgroupsNamed(this.box.name)) {
      if (layout === 'v2' || /\/(unified|freezer)\//.test(path)) mkdirSync(join(path, 'below'), { recursive: true });
    }
  }

  /** Runs it with the fault in its `nth` call. Returns the call's name in `call`; undefined if there are not that many. */
  async attempt(nth: number): Promise<{ result: CommandResult; call: string | undefined }> {
    const report = this.box.path('report');
    rmSync(report, { force: true });
    const [program, ...before] = injector(this.kind, nth, report);
    const args = [...before, '--root', this.box.stateRoot, ...this.command.args(this.container)];
    const result = await this.box.command(program, args);
    const calls = existsSync(report) ? readFileSync(report, 'utf8').split('\n') : [];
    const call = this.kind.layer === 'host' ? calls[nth - 1] : calls[0];
    return {
      result,
      call: call === '' ? undefined : call?.replaceAll(this.box.directory, 'BOX').replaceAll(this.box.name, 'ID'),
    };
  }

  async #left(): Promise<string> {
    return (await this.box.leftovers(3000)).join('; ');
  }

  /** The container can be deleted, whatever was done to it, and then nothing is left. */
  async deleted(): Promise<string> {
    const { code, stderr } = await this.container.delete({ flags: ['--force'] });
    if (code !== 0) return `delete --force fails: ${stderr}`;
    const left = await this.#left();
    return left === '' ? '' : `left after delete --force: ${left}`;
  }

  /** Whether the next command finds what it needs. */
  async recovered(failed: boolean): Promise<string> {
    const { before, after, undo } = this.command;
    if (after === 'none' && failed) {
      const left = await this.#left();
      if (left !== '') return `left: ${left}`;
    }
    if (after === 'same or ended') return (await this.#endsAgain()) || this.deleted();
    if (after !== 'same') return this.deleted();
    const again = await this.box.runtime(this.command.args(this.container));
    const status = await this.status();
    // A command that was killed, or could not report it, may have done it already.
    const done = again.code === 0 || (undo !== undefined && status === 'paused') || (undo !== undefined && status === 'running');
    if (!done) return `the same again fails: ${again.stderr}`;
    if (undo !== undefined) await this.box.runtime(undo(this.container));
    const now = await this.status();
    if (now !== before) return `is ${now} afterwards, not ${before}`;
    return this.#strays();
  }

  /** The same command succeeds, unless the container has ended already. A criu whose caller was killed may be at work for a while. */
  async #endsAgain(): Promise<string> {
    const deadline = performance.now() + 10_000 * patience;
    for (;;) {
      const status = await this.status();
      if (status === 'stopped' || status === 'none') return '';
      const { code, stderr } = await this.box.runtime(this.command.args(this.container));
      if (code === 0) return '';
      if (performance.now() > deadline) return `is ${status} afterwards, and the same again fails: ${stderr}`;
      await sleep(100);
    }
  }

  /** No process of a failed exec stays in the container. */
  async #strays(): Promise<string> {
    const { stdout } = await this.container.verb('ps', { flags: ['--format', 'json'] });
    const pids = JSON.parse(stdout) as number[];
    return pids.length === 1 ? '' : `left in the container: ${stdout}`;
  }
}

function assertDone({ code, stderr, command }: CommandResult): void {
  if (code !== 0) throw new Error(`${command}: ${stderr}`);
}

const mostCalls = 2000;

/** All faults of that kind in the command. */
export async function sweep(command: FaultyCommand, kind: Kind, log: Log = () => undefined): Promise<Row> {
  const begin = performance.now();
  const box = new Box();
  const site = new Site(box, command, kind);
  const findings: Finding[] = [];
  let [reported, unharmed, nth] = [0, 0, 1];
  try {
    for (; nth < mostCalls; ++nth) {
      await site.prepare();
      const { result, call } = await site.attempt(nth);
      if (call === undefined) break;
      const found = [
        judge(kind, { command: command.name, call, nth }, result),
        await site.recovered(
          result.code !== 0 && (kind.how !== 'kill' || kind.layer === 'container') && kind.how !== 'kill-after',
        ),
      ];
      if (result.code === 0) unharmed++;
      else reported++;
      const problems = found.filter((text) => text !== '');
      for (const problem of problems) findings.push({ call, nth, problem });
      log({ command: command.name, fault: kindName(kind), nth, call, code: result.code, stderr: result.stderr, problems });
    }
    await site.deleted();
  } finally {
    const problems = await box.close();
    for (const problem of problems) findings.push({ call: 'at the end', nth, problem });
    log({ command: command.name, fault: kindName(kind), nth: 0, call: 'at the end', code: 0, stderr: '', problems });
  }
  return {
    command: command.name,
    kind,
    calls: nth - 1,
    reported,
    unharmed,
    findings,
    seconds: (performance.now() - begin) / 1000,
  };
}
