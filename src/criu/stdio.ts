// Which of a container's standard input, output and error belong to the host, for a checkpoint.

export const descriptorsName = 'descriptors.json';

/** An entry of /proc/PID/fd: the target of the link, and the text of /proc/PID/fdinfo. */
export interface Descriptor {
  readonly link: string;
  readonly info: string;
}

function numberIn(info: string, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s*(\\d+)$`, 'm').exec(info)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Terminals of the host are handled by criu's --shell-job, not as files. */
function isTerminal(link: string): boolean {
  return /^\/dev\/(pts\/|tty)/.test(link);
}

/** criu's name for an open file outside of the container's mounts: "file[mnt_id:inode]", in hexadecimal. */
function nameOf({ link, info }: Descriptor, inside: ReadonlySet<number>): string {
  const [mount, inode] = [numberIn(info, 'mnt_id'), numberIn(info, 'ino')];
  if (!link.startsWith('/') || isTerminal(link) || mount === undefined || inode === undefined || inside.has(mount)) return link;
  return `file[${mount.toString(16)}:${inode.toString(16)}]`;
}

/** The content of descriptors.json, as in runc and crun: what each descriptor was. `inside`: ids of the container's mounts. */
export function describeStdio(stdio: readonly Descriptor[], inside: ReadonlySet<number>): string[] {
  return stdio.map((descriptor) => nameOf(descriptor, inside));
}

/** Files that criu cannot find by path. */
export function externalFiles(descriptors: readonly string[]): string[] {
  return [...new Set(descriptors.filter((name) => name.startsWith('file[')))];
}

/** What the runtime gives the restored container instead of its former descriptors: pipes, and files of the host. */
export function inheritedStdio(descriptors: readonly string[]): { key: string; fd: number }[] {
  const given = descriptors
    .map((key, fd) => ({ key, fd }))
    .filter(({ key }) => key.startsWith('pipe:') || key.startsWith('file['));
  return given.filter(({ key }, index) => given.findIndex((one) => one.key === key) === index);
}
