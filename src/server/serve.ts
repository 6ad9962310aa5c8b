// One request in a worker of the fork server (addon/quickjs/fork_server.h): carries out the verb as a command would, and answers
// on the request's channel.
import type { Host } from '../host/host.js';
import { parseJson } from '../json/json.js';
import type { Warn } from '../container/notices.js';
import { strictly } from '../container/notices.js';
import { defaultRoot, isRootless } from '../runtime/shared/privilege.js';
import { attend, letGo } from './attend.js';
import type { Context, VerbBody } from './context.js';
import { changing, type Answer, type MadeContainer, type Request, type RuntimeSettings, type Verb } from './messages.js';
import { undo } from './undo.js';
import { verbs } from './verbs.js';
import { errorMessage, writeAnswer } from './wire.js';

/** What the fork server gives a worker besides the Host. */
export interface WorkerHost extends Host {
  /** -1: nobody reads the answer. */
  readonly channel: number;
  readonly request: number;
  /** Where the fork server listens. */
  readonly notices: number;
  /** The worker that was killed at this request, whose work must be undone; 0: none. */
  readonly aborted: number;
  readonly abortedStart: number;
}

const requestLimit = 64 * 1024 * 1024;

function contextOf(host: WorkerHost, { root, rootless, strict, cgroupManager }: RuntimeSettings): Context {
  const say = (answer: Answer): void => {
    if (host.channel >= 0) host.write(host.channel, writeAnswer(answer));
  };
  const warn: Warn = (message, fields = {}) => {
    say({ warning: typeof fields['pointer'] === 'string' ? { message, pointer: fields['pointer'] } : { message } });
  };
  return {
    host,
    root: root === '' ? defaultRoot(host) : root,
    rootGiven: root !== '',
    cgroupManager,
    get rootless() {
      return rootless === 'auto' ? isRootless(host) : rootless;
    },
    channel: host.channel,
    say,
    notice: (verb, text) => {
      host.sendBytes(host.notices, new TextEncoder().encode(`${host.pid} ${verb} ${text}`));
    },
    ...strictly(warn, strict),
  };
}

function carryOut(context: Context, request: Request): void {
  if (changing.includes(request.verb)) context.say({ taken: true });
  const result = (verbs[request.verb] as VerbBody<Verb>)(context, request);
  const made = request.verb === 'create' || request.verb === 'run' || request.verb === 'restore' ? request : null;
  context.say({ result });
  if (made === null) return;
  try {
    letGo(context, made);
    attend(context, (result as MadeContainer).process, verbs);
  } catch (caught) {
    context.say({ left: {} });
    throw caught;
  }
}

/** Carries out the request of this worker. The exit code means nothing: the answer says it all. */
export function serve(host: WorkerHost): number {
  let context: Context | undefined;
  try {
    const text = host.readText(`/proc/self/fd/${host.request}`, requestLimit);
    const request = parseJson('the request', text).value as Request;
    context = contextOf(host, request.runtime);
    if (host.aborted !== 0) undo(context, request, { pid: host.aborted, startTime: host.abortedStart });
    else carryOut(context, request);
  } catch (caught) {
    context?.say({ error: errorMessage(caught) });
  }
  return 0;
}
