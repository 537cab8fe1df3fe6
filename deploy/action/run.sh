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

status=0
kubectl-mtls "${arguments[@]}" --output=github || status=$?
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    echo "status=$status" >>"$GITHUB_OUTPUT"
fi

# Other formats have the same status, so theirs is ignored. Invalid input has no report.
if [ "$status" != 2 ]; then
    if [ -n "${MTLS_SARIF:-}" ]; then
        kubectl-mtls "${arguments[@]}" --output=sarif --quiet >"$MTLS_SARIF" 2>/dev/null || true
    fi
    if [ "${MTLS_SUMMARY:-true}" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
        kubectl-mtls "${arguments[@]}" --output=markdown --quiet >>"$GITHUB_STEP_SUMMARY" 2>/dev/null || true
    fi
fi
exit "$status"
