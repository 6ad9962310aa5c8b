// After its answer, the worker that made a container stays for a while, so that its maker's next requests about it need
// no new worker. It also reports the end of the container's process, as long as that is its child.
import type { ProcessIdentity } from '../container/record.js';
import { parseJson } from '../json/json.js';
import type { Context, VerbBody } from './context.js';
import type { Answer, AttendedRequest, AttendedVerb, CreateRequest } from './messages.js';
import { errorMessage } from './wire.js';

/** Leaves after this long without a request. */
const patienceMs = 1000;
const standardDescriptors = 3;

type AttendedBodies = { readonly [V in AttendedVerb]: VerbBody<V> };

/** The container's program's own ends: if they stayed open here, the other ends would never see them closed. */
export function letGo({ host }: Context, { preserveFds, console }: CreateRequest): void {
  const given = standardDescriptors + preserveFds + (console < 0 ? 0 : 1);
  for (let fd = 0; fd < given; fd++) host.close(fd);
  for (let fd = 0; fd < standardDescriptors; fd++) host.openFile('/dev/null');
}

/** Until the maker is gone, has deleted the container, or wants nothing for a while. */
export function attend(context: Context, process: ProcessIdentity, verbs: AttendedBodies): void {
  const { host, channel } = context;
  let pidfd = host.pidfdOpen(process.pid);
  for (let taken = 0; ;) {
    const ready = host.poll(pidfd < 0 ? [channel] : [channel, pidfd], [], patienceMs);
    if (ready.includes(pidfd)) {
      reportEnd(context, pidfd);
      pidfd = -1;
    }
    // The maker waits for each answer, and a request is small: it arrives whole and alone.
    const received = ready.includes(channel) ? host.receiveBytes(channel, 0) : undefined;
    if (received === null) return;
    if (received !== undefined) {
      taken++;
      const { over, said } = answer(context, new TextDecoder().decode(received.bytes), verbs);
      context.say(over ? { ...said, left: { taken } } : said);
      if (over) return;
    } else if (ready.length === 0) {
      context.say({ left: { taken } });
      return;
    }
  }
}

/** Reaps the process, which has ended. If it is not a child of this worker, the fork server does. */
function reportEnd({ host, say, notice }: Context, pidfd: number): void {
  const exit = host.reap(pidfd);
  host.close(pidfd);
  if (exit === null) return;
  notice('ended', '');
  say({ exit });
}

/** `over`: it was the last request. */
function answer(context: Context, text: string, verbs: AttendedBodies): { readonly over: boolean; readonly said: Answer } {
  try {
    const request = parseJson('the request', text).value as AttendedRequest;
    const result = (verbs[request.verb] as VerbBody<AttendedVerb>)(context, request);
    return { over: request.verb === 'delete', said: { result } };
  } catch (caught) {
    return { over: false, said: { error: errorMessage(caught) } };
  }
}
