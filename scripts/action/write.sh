#!/usr/bin/env bash
# Writes the documents that the inputs ask for, and says which they are.
set -euo pipefail
. "$GITHUB_ACTION_PATH/scripts/action/words.sh"

each --output "$AIV_OUTPUT"
outputs=("${words[@]}")
if [ ${#outputs[@]} -eq 0 ]; then
  echo "::error::The input output names no document. Give it as FORMAT=FILE, such as spdx-json=sbom.spdx.json."
  exit 2
fi
each --omit "$AIV_OMIT"
arguments=("${words[@]}")
each --exclude "$AIV_EXCLUDE"
arguments+=("${words[@]}")
if [ -n "$AIV_SUPPLIER" ]; then arguments+=("--supplier=$AIV_SUPPLIER"); fi

code=0
answer=$(aiv lint sbom "$AIV_PATH" "${outputs[@]}" "${arguments[@]}" --json) || code=$?
if [ "$code" -ne 0 ]; then
  echo "$answer"
  exit "$code"
fi
# A file name with a line break would write an output of its own choice: the mark is not to be guessed.
mark=$("$aiv_node" -p 'require("node:crypto").randomUUID()')
{
  echo "components=$("$aiv_node" -p 'JSON.parse(process.argv[1]).components' "$answer")"
  echo "documents<<$mark"
  "$aiv_node" -p 'JSON.parse(process.argv[1]).outputs.map(({ file }) => file).join("\n")' "$answer"
  echo "$mark"
} >>"$GITHUB_OUTPUT"
