// What criu's log says about a failure.

const shown = 3;
/** The last line of every failure. */
const general = /^(Dumping|Pre-dumping|Restoring) FAILED/;

/** "(00.012345)     42: Error (criu/mount.c:1234): mnt: …" without the time and criu's source line. */
function words(line: string): string {
  return line.replace(/^.*?Error \([^)]*\): /, '').trim();
}

/** The last errors in the log. Earlier ones may come from kernel features that criu probed and can do without. */
export function errorsIn(log: string): string[] {
  const errors = log
    .split('\n')
    .filter((line) => line.includes('Error ('))
    .map(words);
  return [...new Set(errors)].filter((text) => !general.test(text)).slice(-shown);
}
