// Standard input, output and error of a container that is checkpointed: what of them belongs to the host.

export const descriptorsName = 'descriptors.json';

/** One of /proc/PID/fd: what the link says, and the text of /proc/PID/fdinfo. */
export interface Descriptor {
  readonly link: string;
  readonly info: string;
}

function numberIn(info: string, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s*(\\d+)$`, 'm').exec(info)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A terminal of the host's is criu's --shell-job, not a file. */
function isTerminal(link: string): boolean {
  return /^\/dev\/(pts\/|tty)/.test(link);
}

/** criu's name for an open file that is not in the container's mounts: "file[mnt_id:inode]", in hexadecimal. */
function nameOf({ link, info }: Descriptor, inside: ReadonlySet<number>): string {
  const [mount, inode] = [numberIn(info, 'mnt_id'), numberIn(info, 'ino')];
  if (!link.startsWith('/') || isTerminal(link) || mount === undefined || inode === undefined || inside.has(mount)) return link;
  return `file[${mount.toString(16)}:${inode.toString(16)}]`;
}

/** The content of descriptors.json, as runc and crun have it: what each descriptor was. `inside`: ids of the container's mounts. */
export function describeStdio(stdio: readonly Descriptor[], inside: ReadonlySet<number>): string[] {
  return stdio.map((descriptor) => nameOf(descriptor, inside));
}

/** Those that criu cannot find by path. */
export function externalFiles(descriptors: readonly string[]): string[] {
  return [...new Set(descriptors.filter((name) => name.startsWith('file[')))];
}

/** What the restored container gets from its runtime in place of what it had: pipes, and files of the host. */
export function inheritedStdio(descriptors: readonly string[]): { key: string; fd: number }[] {
  const given = descriptors
    .map((key, fd) => ({ key, fd }))
    .filter(({ key }) => key.startsWith('pipe:') || key.startsWith('file['));
  return given.filter(({ key }, index) => given.findIndex((one) => one.key === key) === index);
}
