#!/bin/sh
# A pipeline of ordinary programs: the most frequent words of the files named, or of its input.
#
#     kleio examples/pipeline.sh README.rst
#     cat LICENSE | kleio examples/pipeline.sh
set -eu

echo "reading ${*:-standard input}" >&2
cat -- "$@" | tr -cs '[:alpha:]' '\n' | tr '[:upper:]' '[:lower:]' | grep -E '^.{4,}$' | sort | uniq -c | sort -rn | head -n 10
