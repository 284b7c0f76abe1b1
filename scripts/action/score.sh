#!/usr/bin/env bash
# Scores the documents into the summary; fails when one is below the bound.
set -euo pipefail
. "$GITHUB_ACTION_PATH/scripts/action/words.sh"

bound=()
if [ -n "$AIV_MIN_SCORE" ]; then bound=("--min=$AIV_MIN_SCORE"); fi
mapfile -t documents <<<"$AIV_DOCUMENTS"
code=0
for document in "${documents[@]}"; do
  {
    printf '### Score of `%s`\n\n```text\n' "$document"
    aiv lint score "$document" "--profile=$AIV_PROFILE" "${bound[@]}" || code=$?
    printf '```\n\n'
  } >>"$GITHUB_STEP_SUMMARY"
done
exit "$code"
