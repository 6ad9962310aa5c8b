// What a container's program sees: a shell script that prints everything, and a reader that turns the output into facts.
import type { Facts } from './facts.js';

const files = [
  'status',
  'mountinfo',
  'limits',
  'cgroup',
  'oom_score_adj',
  'personality',
  'timens_offsets',
  'uid_map',
  'gid_map',
  'setgroups',
  'attr/current',
].map((name) => `/proc/self/${name}`);

/** `more`: commands whose output is the fact "seen". It also runs on the machine, for hooks, and so calls busybox by its path. */
export function probe(more = ''): string {
  const busybox = '/bin/busybox';
  return [
    `${busybox} head -n 500 ${files.join(' ')} /proc/sys/kernel/hostname /proc/sys/kernel/domainname 2>/dev/null`,
    `echo; echo "==> env <=="; ${busybox} env`,
    'echo; echo "==> cwd <=="; pwd -P',
    `echo; echo "==> ls <=="; ${busybox} ls -lan / /dev /dev/pts /proc/$$/fd /proc/self/ns 2>/dev/null`,
    `echo; echo "==> session <=="; ${busybox} cut -d " " -f 5-8 /proc/1/stat`,
    ...(more === '' ? [] : ['echo; echo "==> seen <=="', more]),
    'echo; echo "==> end <=="',
  ].join('\n');
}

type Reader = (text: string, facts: Facts) => void;

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const statusLines =
  /^(Uid|Gid|Groups|Umask|Cap\w+|NoNewPrivs|Seccomp|Seccomp_filters|Sig(?:Ign|Blk)|Cpus_allowed_list|Mems_allowed_list):\s*(.*)/;

function status(text: string, facts: Facts): void {
  for (const line of lines(text)) {
    const [, key, value] = statusLines.exec(line) ?? [];
    if (key !== undefined) facts.set(`status ${key}`, value?.trim().replaceAll('\t', ' ') ?? '');
  }
}

/** Without ids and device numbers; a covered mount point shows all mounts on it, the lowest first. */
function mountinfo(text: string, facts: Facts): void {
  for (const line of lines(text)) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root, point, options, ...tags] = before.split(' ');
    const [type, source, parameters] = after.split(' ');
    const propagation = tags.map((tag) => tag.replace(/:\d+/, '')).join(',');
    const value = [type, source, `root=${root}`, options, parameters, propagation].filter((word) => word !== '').join(' ');
    const known = facts.get(`mount ${point}`);
    facts.set(`mount ${point}`, known === undefined ? value : `${known}; ${value}`);
  }
}

function limits(text: string, facts: Facts): void {
  for (const line of lines(text).slice(1)) {
    const [name, soft, hard] = line.split(/\s{2,}/);
    facts.set(`limit ${name}`, `${soft} ${hard}`);
  }
}

function env(text: string, facts: Facts): void {
  for (const line of lines(text)) {
    const [name, value] = line.split(/=(.*)/s);
    // The shell's own.
    if (name !== 'SHLVL' && name !== 'PWD' && name !== 'OLDPWD') facts.set(`env ${name}`, value ?? '');
  }
}

/** The meaningful parts of "drwxr-xr-x 2 0 0 40 Jan 1 00:00 name". */
function entry(line: string): readonly [name: string, value: string] {
  const [, mode, uid, gid, size, name] =
    /^(\S+)\s+\d+\s+(\d+)\s+(\d+)\s+(\d+,\s*\d+|\d+)\s+\S+\s+\S+\s+\S+\s+(.*)$/.exec(line) ?? [];
  const number = /^[bc]/.test(mode ?? '') ? ` ${size?.replaceAll(' ', '')}` : '';
  const [file, target] = (name ?? line).split(' -> ');
  return [file ?? '', `${mode} ${uid}:${gid}${number}${target === undefined ? '' : ` -> ${target}`}`];
}

function ls(text: string, facts: Facts): void {
  for (const block of text.split('\n\n')) {
    const [title = '', ...rows] = block.trim().split('\n');
    const directory = title
      .replace(/:$/, '')
      .replace(/\/proc\/\d+\/fd/, 'fd')
      .replace('/proc/self/ns', 'ns');
    for (const row of rows.filter((line) => !line.startsWith('total '))) {
      const [name, value] = entry(row);
      if (name === '..' || (name === '.' && directory !== '/')) continue;
      if (directory === 'fd' || directory === 'ns') facts.set(`${directory} ${name}`, value.replace(/^.* -> /, ''));
      else facts.set(`file ${directory === '/' ? '' : directory}/${name}`, value);
    }
  }
}

const whole =
  (name: string): Reader =>
  (text, facts) =>
    facts.set(
      name,
      text
        .trim()
        .replace(/\s*\n/g, '\n')
        .replace(/[ \t]+/g, ' '),
    );

const readers: Readonly<Record<string, Reader>> = { status, mountinfo, limits, env, ls };

/** Adds what a probe printed, and whether it finished. */
export function readProbe(output: string, facts: Facts): void {
  const [before = '', ...sections] = output.split(/^==> (.*) <==$/m);
  if (before.trim() !== '') facts.set('output', before.trim());
  for (let index = 0; index + 1 < sections.length; index += 2) {
    const name = sections[index]!.replace('/proc/self/', '').replace('/proc/sys/kernel/', '');
    if (name !== 'end') (readers[name] ?? whole(name))(sections[index + 1]!, facts);
    else facts.set('probed', 'yes');
  }
}
