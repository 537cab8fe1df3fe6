#!/usr/bin/env bash
# Prints the manifest for krew with the checksum of each archive filled in.
# usage: fill.sh ARCHIVES > mtls.yaml
# ARCHIVES has one file for each `uri`, named like its last part; a missing or additional file is an error.
set -euo pipefail
archives=${1:?usage: fill.sh ARCHIVES}
manifest=$(dirname "$0")/mtls.yaml

fail() {
    echo "fill.sh: $*" >&2
    exit 1
}

filled=0 archive=''
while IFS= read -r line; do
    if [[ $line =~ ^\ *uri:\ .*/([^/]+)$ ]]; then
        [[ -z $archive ]] || fail "$archive has no sha256 behind its uri"
        archive=${BASH_REMATCH[1]}
    elif [[ $line =~ ^(\ *sha256:\ ) ]]; then
        [[ -n $archive ]] || fail "a sha256 has no uri before it"
        [[ -f $archives/$archive ]] || fail "there is no $archives/$archive"
        line="${BASH_REMATCH[1]}$(sha256sum <"$archives/$archive" | cut -d ' ' -f 1)"
        filled=$((filled + 1)) archive=''
    elif [[ $line =~ \ sha256\ below\ with ]]; then
        # This comment is about the zeros.
        continue
    fi
    printf '%s\n' "$line"
done <"$manifest"

packed=$(find "$archives" -maxdepth 1 -name 'kubectl-mtls-*' | wc -l)
((filled > 0 && filled == packed)) || fail "the manifest names $filled archives, and there are $packed"
