// A judge: runs submissions in three languages against one test, each in its own sandbox.
//   node examples/judge.mjs      (after npm run build)
import { sandbox } from '../dist/node/sandbox.js';

/** How submissions in each language run: the source file's name, and the command. */
const languages = {
  shell: { file: 'main.sh', command: ['sh', 'main.sh'] },
  awk: { file: 'main.awk', command: ['awk', '-f', 'main.awk'] },
  perl: { file: 'main.pl', command: ['perl', 'main.pl'] },
};

const limits = { timeout: 2_000, memory: '128m', cpus: 1, pids: 16, disk: '4m', output: 64 * 1024 };

function verdict({ code, stdout, timedOut, oomKilled, truncated }, expected) {
  if (timedOut) return 'time limit exceeded';
  if (oomKilled) return 'memory limit exceeded';
  if (truncated) return 'output limit exceeded';
  if (code !== 0) return 'runtime error';
  return stdout === expected ? 'accepted' : 'wrong answer';
}

export async function judge({ language, source }, { input, expected }) {
  const { file, command } = languages[language];
  return verdict(await sandbox({ ...limits, command, files: { [file]: source }, input }), expected);
}

const test = { input: '20 22\n', expected: '42\n' };
const submissions = [
  { language: 'shell', source: 'read a b; echo $((a + b))' },
  { language: 'awk', source: '{ print $1 + $2 }' },
  { language: 'perl', source: 'my ($a, $b) = split " ", <STDIN>; print $a + $b, "\\n";' },
  { language: 'shell', source: 'echo 41' },
  { language: 'perl', source: 'while (1) {}' },
  { language: 'perl', source: 'my @a; push @a, "x" x 1000000 while 1;' },
  { language: 'awk', source: 'BEGIN { while (1) print "y" }' },
  { language: 'shell', source: 'cat /etc/shadow' },
];
const verdicts = await Promise.all(submissions.map((one) => judge(one, test)));
submissions.forEach(({ language }, index) => console.log(`${language.padEnd(6)} ${verdicts[index]}`));
