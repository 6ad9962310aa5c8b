// Completion scripts for shells, made from the table of commands. Ids come from `list -q`, with the --root of the command line.
import type { CommandDescription, CommandTable, Flag } from './table.js';

const program = 'pocker-runc';

const words = (flags: readonly Flag[]): string => flags.map(({ name }) => `--${name}`).join(' ');
const withValue = (flags: readonly Flag[]): string[] => flags.filter(({ type }) => type !== 'boolean').map(({ name }) => name);
const takesId = ({ usage }: Pick<CommandDescription, 'usage'>): boolean => usage.includes('<container-id>');

/** Puts a word in single quotes, for any of the shells. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function bash({ globals, commands }: CommandTable): string {
  const cases = commands.map(
    ({ name, flags, actions = [], ...rest }) =>
      `    ${name}) flags=${quote(words(flags))}; actions=${quote(actions.join(' '))}; ids=${takesId(rest) ? 1 : 0} ;;`,
  );
  const values = [...new Set([globals, ...commands.map(({ flags }) => flags)].flatMap(withValue))];
  return `# bash completion of ${program}: source it, or put it into /etc/bash_completion.d
_${program.replace('-', '_')}() {
  local current=\${COMP_WORDS[COMP_CWORD]} command= root=() flags= actions= ids=0 at word
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    case $word in
      --root) root=(--root "\${COMP_WORDS[at + 1]}"); ((at++)) ;;
      ${values
        .filter((name) => name !== 'root')
        .map((name) => `--${name}`)
        .join('|')}) ((at++)) ;;
      -*|=) ;;
      *) command=$word; break ;;
    esac
  done
  case $command in
    '') COMPREPLY=($(compgen -W ${quote(`${words(globals)} ${commands.map(({ name }) => name).join(' ')}`)} -- "$current")); return ;;
${cases.join('\n')}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$current"))
  elif [[ -n $actions ]] && ((COMP_CWORD != at + 2)); then
    ((COMP_CWORD > at + 1)) || COMPREPLY=($(compgen -W "$actions" -- "$current"))
  elif ((ids)); then
    COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" "\${root[@]}" list -q 2>/dev/null)" -- "$current"))
  fi
}
complete -o default -F _${program.replace('-', '_')} ${program}
`;
}

function zshFlag({ name, type, description }: Flag): string {
  const text = description.replaceAll('[', '(').replaceAll(']', ')').replaceAll(':', ';');
  return quote(`--${name}${type === 'boolean' ? '' : '='}[${text}]${type === 'boolean' ? '' : ':value:_files'}`);
}

function zsh({ globals, commands }: CommandTable): string {
  const names = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const { actions = [] } = command;
    const action = actions.length > 0 ? ` '1:action:(${actions.join(' ')})'` : '';
    const ids = takesId(command) ? ` '${action === '' ? 1 : 2}:container:_pocker_runc_ids'` : '';
    return `        ${command.name}) _arguments${action}${ids} ${command.flags.map(zshFlag).join(' ')} '*:file:_files' ;;`;
  });
  return `#compdef ${program}
_pocker_runc_ids() {
  local root=\${opt_args[--root]:-}
  compadd -- $(${program} \${root:+--root} \${root:+$root} list -q 2>/dev/null)
}
_pocker_runc() {
  local state line
  typeset -A opt_args
  local commands=(
${names.join('\n')}
  )
  _arguments -C ${globals.map(zshFlag).join(' ')} '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $line[1] in
${cases.join('\n')}
      esac ;;
  esac
}
compdef _pocker_runc ${program}
`;
}

function fish({ globals, commands }: CommandTable): string {
  const flag = (condition: string, { name, type, description }: Flag): string =>
    `complete -c ${program} -n ${quote(condition)} -l ${name}${type === 'boolean' ? '' : ' -r'} -d ${quote(description)}`;
  const lines = commands.flatMap((command) => {
    const { actions = [] } = command;
    const used = `__fish_seen_subcommand_from ${command.name}`;
    return [
      `complete -c ${program} -n __fish_use_subcommand -a ${command.name} -d ${quote(command.summary)}`,
      ...command.flags.map((one) => flag(used, one)),
      ...(actions.length > 0 ? [`complete -c ${program} -n ${quote(used)} -a ${quote(actions.join(' '))}`] : []),
      ...(takesId(command)
        ? [`complete -c ${program}${actions.length > 0 ? '' : ' -f'} -n ${quote(used)} -a '(${program} list -q 2>/dev/null)'`]
        : []),
    ];
  });
  return `# fish completion of ${program}\n${globals.map((one) => flag('__fish_use_subcommand', one)).join('\n')}\n${lines.join('\n')}\n`;
}

export const shells: Readonly<Record<string, (table: CommandTable) => string>> = { bash, zsh, fish };
