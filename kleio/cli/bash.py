r"""How bash completes kleio.

Click's own script takes the words as bash parts them and inserts offers as they are. Bash parts words at ``:`` and
``=``, too (``COMP_WORDBREAKS``), so that the address of a journal would be three of them; and it puts an offer behind
the last such character, or behind a quote that is open. This script reads the line itself, asks with whole words, and
of an offer inserts what is not there yet, spelled as the line needs it.
"""

from __future__ import annotations

from click.shell_completion import BashComplete

SCRIPT = r"""
%(complete_func)s() {
    local words=() kept= quote= option= asked= spelled= word offer response

    %(complete_func)s_read
    word=${words[-1]}
    if [[ $word == -*=* ]]; then
        option=${word%%%%=*}=
        words=("${words[@]:0:${#words[@]}-1}" "${option%%=}" "${word#*=}")
    fi
    for word in "${words[@]}"; do
        asked+="'${word//\'/\'\\\'\'}'"$'\n'
    done
    response=$(env COMP_WORDS="$asked" COMP_CWORD=$((${#words[@]} - 1)) %(complete_var)s=bash_complete "$1")

    COMPREPLY=()
    while IFS= read -r offer; do
        case $offer in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            plain,*)
                offer=$option${offer#plain,}
                [[ $offer == "$kept"* ]] || continue
                %(complete_func)s_spell "${offer#"$kept"}"
                COMPREPLY+=("$spelled")
                ;;
        esac
    done <<< "$response"

    return 0
}

# The words up to the cursor, without their quotes; the quote that is open in the last; and what of it is kept on the
# line in front of an offer.
%(complete_func)s_read() {
    local line=${COMP_LINE:0:COMP_POINT} opened= begun= word= character place

    for ((place = 0; place < ${#line}; place++)); do
        character=${line:place:1}
        case $quote in
            "'") if [[ $character == "'" ]]; then quote=; else word+=$character; fi ;;
            '"')
                case $character in
                    '"') quote= ;;
                    \\) quote='"\' ;;
                    *) word+=$character ;;
                esac
                ;;
            '"\')
                [[ $character == [\$\`\"\\] ]] || word+=\\
                word+=$character quote='"'
                ;;
            \\) word+=$character quote= ;;
            *)
                case $character in
                    "'" | '"') quote=$character opened=$word ;;
                    \\) quote=\\ ;;
                    [\ $'\t\n|&;<>()'])
                        [[ -z $begun ]] || words+=("$word")
                        word= kept= begun=
                        [[ $character == [$' \t\n'] ]] || words+=("$character")
                        continue
                        ;;
                    *)
                        word+=$character
                        [[ $COMP_WORDBREAKS != *"$character"* ]] || kept=$word
                        ;;
                esac
                ;;
        esac
        begun=1
    done
    words+=("$word")
    case $quote in
        \\) quote= ;;
        ?*) quote=${quote:0:1} kept=$opened ;;
    esac
}

# Sets `spelled`. Readline puts what begins with the open quote in place of that quote, instead of behind it.
%(complete_func)s_spell() {
    local special=$' \t|&;<>()$`\\"\'*?[]{}!#~' character place

    case $quote in
        "'")
            spelled=${1//\'/\'\\\'\'}
            [[ $spelled != "'"* ]] || spelled="'"$spelled
            return
            ;;
        '"') special='$`\"' ;;
    esac
    spelled=
    for ((place = 0; place < ${#1}; place++)); do
        character=${1:place:1}
        [[ $special != *"$character"* ]] || spelled+=\\
        spelled+=$character
    done
}

%(complete_func)s_setup() {
    complete -o nosort -F %(complete_func)s %(prog_name)s
}

%(complete_func)s_setup;
"""


class Bash(BashComplete):
    """Click's, with this script."""

    source_template = SCRIPT
