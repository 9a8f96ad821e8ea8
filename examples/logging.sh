#!/bin/sh
# A shell script that says what it does. Record it with:  kleio examples/logging.sh
# Without kleio in front, the same calls print, and nothing is written.
set -eu
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

for round in 1 2 3; do
    seq "$((round * 100))" >"$work/numbers"
    sum=$(awk '{ s += $1 } END { print s }' "$work/numbers")
    kleio log round="$round" sum="$sum" note="up to $((round * 100))"
    gzip -c "$work/numbers" >"$work/numbers.gz"
    kleio artifact "$work/numbers.gz" --name numbers --set round="$round"
done
