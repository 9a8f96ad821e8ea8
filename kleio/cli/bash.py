"""How bash completes kleio. Click's own script inserts offers as they are, so that a name with a blank would be two
words; this one spells them as the line needs it, inside quotes if the word began with one."""

from __future__ import annotations

from click.shell_completion import BashComplete

SCRIPT = r"""
%(complete_func)s() {
    local IFS=$'\n'
    local offer response

    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD %(complete_var)s=bash_complete "$1")

    COMPREPLY=()
    while IFS= read -r offer; do
        case $offer in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*) COMPREPLY+=("$(%(complete_func)s_spelled "${offer#plain,}" "${COMP_WORDS[COMP_CWORD]}")") ;;
        esac
    done <<< "$response"

    return 0
}

%(complete_func)s_spelled() {
    local special=$' \t|&;<>()$`\\"\'*?[]{}!#~' character place spelled=

    case $2 in
        \"*) special='$`\"' ;;
        \'*) printf '%%s' "${1//\'/\'\\\'\'}"; return ;;
    esac
    for ((place = 0; place < ${#1}; place++)); do
        character=${1:place:1}
        [[ $special == *"$character"* ]] && spelled+=\\
        spelled+=$character
    done
    printf '%%s' "$spelled"
}

%(complete_func)s_setup() {
    complete -o nosort -F %(complete_func)s %(prog_name)s
}

%(complete_func)s_setup;
"""


class Bash(BashComplete):
    """Click's, with this script."""

    source_template = SCRIPT
