// Signals by name: signal(7), with the numbers of x86, arm and most others.

export const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
  SIGIOT: 6,
  SIGPOLL: 29,
  SIGCLD: 17,
};

/** The first and the last real-time signal of the kernel. */
export const realtimeSignals = { first: 34, last: 64 } as const;

/** "SIGHUP"; real-time signals are named as in kill(1). */
export function signalName(number: number): string {
  if (number >= realtimeSignals.first) return `SIGRTMIN+${number - realtimeSignals.first}`;
  return Object.keys(signalNumbers).find((name) => signalNumbers[name] === number) ?? `signal ${number}`;
}

/** The number of a signal given as "9", "KILL", "sigkill" or "RTMIN+1"; undefined if there is no such signal. */
export function signalNumber(text: string): number | undefined {
  if (/^0*\d{1,2}$/.test(text)) {
    const number = Number(text);
    return number <= realtimeSignals.last ? number : undefined;
  }
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const realtime = /^SIGRTM(IN|AX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (realtime === null) return Object.hasOwn(signalNumbers, name) ? signalNumbers[name] : undefined;
  const base = realtime[1] === 'IN' ? realtimeSignals.first : realtimeSignals.last;
  const number = base + Number(`${realtime[2] ?? '+'}${realtime[3] ?? '0'}`);
  return number >= realtimeSignals.first && number <= realtimeSignals.last ? number : undefined;
}
