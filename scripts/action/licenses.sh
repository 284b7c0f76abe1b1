#!/usr/bin/env bash
# Holds the licenses of the first document to what is allowed; all of them describe the same components.
set -euo pipefail
. "$GITHUB_ACTION_PATH/scripts/action/words.sh"

each --allow "$AIV_ALLOW"
arguments=("${words[@]}")
each --deny "$AIV_DENY"
arguments+=("${words[@]}")
aiv lint licenses "${AIV_DOCUMENTS%%$'\n'*}" "${arguments[@]}"
