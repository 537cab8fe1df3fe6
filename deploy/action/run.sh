#!/usr/bin/env bash
# Analyzes manifests for a workflow: annotations to standard output, SARIF to a file, Markdown to the job's summary.
# All inputs are variables; the exit status is that of kubectl-mtls.
set -euo pipefail

arguments=(analyze)
while IFS= read -r path; do
    if [ -n "$path" ]; then
        arguments+=("--filename=$path")
    fi
done <<<"${MTLS_PATH:-.}"

if [ "${MTLS_RECURSIVE:-true}" = true ]; then
    arguments+=(--recursive)
fi

# Adds a flag if its value is not empty.
option() {
    if [ -n "$2" ]; then
        arguments+=("--$1=$2")
    fi
}
option fail-on "${MTLS_FAIL_ON:-}"
option select "${MTLS_SELECT:-}"
option ignore "${MTLS_IGNORE:-}"
option baseline "${MTLS_BASELINE:-}"
option config "${MTLS_CONFIG:-}"

# One run has all outputs. The summary is appended to what other steps wrote, so it is not replaced as a file.
if [ -n "${MTLS_SARIF:-}" ]; then
    arguments+=("--output=sarif=$MTLS_SARIF")
fi
summary=''
if [ "${MTLS_SUMMARY:-true}" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    summary=$(mktemp)
    trap 'rm -f "$summary"' EXIT
    arguments+=("--output=markdown=$summary")
fi

status=0
kubectl-mtls "${arguments[@]}" --output=github || status=$?
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    echo "status=$status" >>"$GITHUB_OUTPUT"
fi
if [ -n "$summary" ]; then
    cat "$summary" >>"$GITHUB_STEP_SUMMARY"
fi
exit "$status"
