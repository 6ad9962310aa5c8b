// completion: shell scripts, which ask `pocker completion words` what may come next.
import { allContainers } from '../../../records/container-store.js';
import type { Engine } from '../../../engine.js';
import { allNetworks } from '../../../networks/networks.js';
import { allVolumes } from '../../../volumes/volumes.js';
import { candidates, type Kind } from '../../candidates.js';
import { enginePaths } from '../../../paths.js';
import type { Call } from '../../command.js';
import { globalFlags } from '../../global-flags.js';
import { parseGlobalFlags } from '../../parse.js';
import { usageError } from '../../../errors.js';
import { allImages } from '../../../images/find.js';

const bash = `# bash completion of pocker: source it, or put it into /etc/bash_completion.d
_pocker() {
  local IFS=$'\\n' current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "$current"))
}
complete -o default -F _pocker pocker
`;

const zsh = `#compdef pocker
_pocker() {
  local -a found
  found=(\${(f)"$(\${words[1]} completion words -- \${words[2,CURRENT-1]} 2>/dev/null)"})
  if (( \${#found} )); then compadd -- $found; else _files; fi
}
compdef _pocker pocker
`;

const fish = `# fish completion of pocker
complete -c pocker -a '(set -l words (commandline -opc); pocker completion words -- $words[2..-1] 2>/dev/null)'
`;

const scripts: Readonly<Record<string, string>> = { bash, zsh, fish };

export function run({ engine, args: [shell] }: Call): number {
  const script = scripts[shell!];
  if (script === undefined)
    throw usageError(
      `there is no completion for ${JSON.stringify(shell)}: choose one of ${Object.keys(scripts).join(', ')}`,
      'completion',
    );
  engine.host.write(1, script);
  return 0;
}

const named: Readonly<Record<Kind, (engine: Engine) => string[]>> = {
  containers: (engine) => allContainers(engine).map(({ record }) => record.name),
  images: (engine) => allImages(engine).flatMap(({ names }) => names),
  networks: (engine) => allNetworks(engine).map(({ name }) => name),
  volumes: (engine) => allVolumes(engine).map(({ Name }) => Name),
};

export function words({ engine, args, commands }: Call): number {
  const { words: fixed, kinds } = candidates(commands, globalFlags, args);
  // Uses the directories that the command line names.
  const { values } = parseGlobalFlags(args, globalFlags);
  const given = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);
  const paths = enginePaths(engine.host, engine.rootless, { root: given('root'), run: given('runroot') });
  const subject = given('root') === undefined ? engine : { ...engine, paths };
  const found = [...kinds.flatMap((kind) => named[kind](subject)), ...fixed];
  engine.host.write(1, found.map((word) => `${word}\n`).join(''));
  return 0;
}
