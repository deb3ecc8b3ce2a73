/**
 * The scripts that shells read. Each asks `longshore __complete WORD…`, the last word being the one that is written, and gets
 * a line for each word that it can be: the word, a tab, what it is. A line `:files` stands for the shell's own files.
 */
import type { Shell } from "./commands/completion";

const bash = `# longshore completion bash
_longshore() {
  local IFS=$'\\n' line word words=()
  COMPREPLY=()
  # bash hands on what was typed, with its quotes.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do words+=("\${word//\\\\/}"); done
  while IFS= read -r line; do
    if [ "$line" = :files ]; then
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -- "\${words[-1]-}"))
    else
      COMPREPLY+=("\${line%%$'\\t'*}")
    fi
  done < <(longshore __complete "\${words[@]}" 2>/dev/null)
}
complete -F _longshore longshore
`;

const zsh = `#compdef longshore
_longshore() {
  local line
  local -a values shown
  for line in "\${(@f)$(longshore __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then _files; continue; fi
    [[ -z $line ]] && continue
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  -- }")
  done
  (( $#values )) && compadd -l -d shown -a values
}
compdef _longshore longshore
`;

const fish = `# longshore completion fish
function __longshore_complete
    set -l words (commandline -opc)
    for line in (longshore __complete $words[2..-1] (commandline -ct) 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c longshore -f -a '(__longshore_complete)'
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };

export const scriptFor = (shell: Shell): string => scripts[shell];
