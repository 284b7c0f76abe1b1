#!/usr/bin/env bash
# Judges the documents: findings as annotations, as a summary, and as SARIF where that is asked for.
set -euo pipefail
. "$GITHUB_ACTION_PATH/scripts/action/words.sh"

mapfile -t documents <<<"$AIV_DOCUMENTS"
outputs=(--output=github=- "--output=markdown=$RUNNER_TEMP/aiv-findings.md")
if [ -n "$AIV_SARIF" ]; then outputs+=("--output=sarif=$AIV_SARIF"); fi
# Anything but that word is the strict answer.
if [ "$AIV_SETTINGS" != true ]; then outputs+=(--no-config); fi
code=0
aiv lint "${documents[@]}" "--fail-on=$AIV_FAIL_ON" "${outputs[@]}" || code=$?
if [ -f "$RUNNER_TEMP/aiv-findings.md" ]; then cat "$RUNNER_TEMP/aiv-findings.md" >>"$GITHUB_STEP_SUMMARY"; fi
exit "$code"
