#!/usr/bin/env bash
# Compares a tag with the version of the package, of the manifest for krew, and of the changelog, whose section it prints.
# usage: check.sh v0.1.0
set -euo pipefail
tag=${1:?usage: check.sh TAG}
cd "$(dirname "$0")/../.."

fail() {
    echo "check.sh: $*" >&2
    exit 1
}

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
[[ $tag == "v$version" ]] || fail "the tag is $tag, and Cargo.toml has version $version"

manifest=deploy/krew/mtls.yaml
grep -qxF "  version: $tag" "$manifest" || fail "$manifest has another version than $tag"
grep -qF "/store/mtls/$tag/" "$manifest" || fail "the path in the caveats of $manifest has another version than $tag"
while read -r uri; do
    [[ $uri == *"/releases/download/$tag/kubectl-mtls-$tag-"* ]] || fail "$manifest has another version than $tag in $uri"
done < <(sed -n 's/^ *uri: *//p' "$manifest")

notes=$(awk -v version="$version" '/^## / { in_section = ($2 == version || $2 == "[" version "]"); next } in_section' CHANGELOG.md)
[[ $notes == *[![:space:]]* ]] || fail "CHANGELOG.md has no section for $version"
printf '%s\n' "$notes"
