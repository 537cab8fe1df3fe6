#!/usr/bin/env bash
# Packs the archives that the manifest for krew names: for each platform its `files`, at the paths that `from` has.
# usage: pack.sh BINARIES ARCHIVES
# BINARIES/<os>-<arch>/ has the binary of a platform, named like `bin`; ARCHIVES is created, and must be empty if it exists.
# The same binaries result in the same bytes.
set -euo pipefail
binaries=$(realpath "${1:?usage: pack.sh BINARIES ARCHIVES}")
mkdir -p "${2:?usage: pack.sh BINARIES ARCHIVES}"
archives=$(realpath "$2")
cd "$(dirname "$0")/../.."

fail() {
    echo "pack.sh: $*" >&2
    exit 1
}

[[ -z $(ls -A "$archives") ]] || fail "$archives is not empty"
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT

pack() {
    local archive=$1 bin=$2 platform folder file
    shift 2
    platform=$(sed -E 's/.*-([a-z]+-[a-z0-9]+)\.(tar\.gz|zip)$/\1/' <<<"$archive")
    folder=$staging/$platform
    for file in "$@"; do
        mkdir -p "$(dirname "$folder/$file")"
        if [[ $file == "$bin" ]]; then
            [[ -f $binaries/$platform/$bin ]] || fail "$archive: there is no $binaries/$platform/$bin"
            install -m 0755 "$binaries/$platform/$bin" "$folder/$file"
        elif [[ -x $file ]]; then
            install -m 0755 "$file" "$folder/$file"
        else
            install -m 0644 "$file" "$folder/$file"
        fi
    done
    case $archive in
        *.tar.gz)
            tar --create --directory="$folder" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -- "$@" |
                gzip --no-name --best >"$archives/$archive"
            ;;
        *.zip)
            find "$folder" -exec touch --no-dereference --date=1980-01-02T00:00:00Z {} +
            # All entries are at the root: the module puts the given files there, whatever folder they are in.
            for file in "$@"; do [[ $file != */* ]] || fail "$archive: $file is in a folder, which this script cannot pack"; done
            (cd "$folder" && TZ=UTC python3 -m zipfile -c "$archives/$archive" "$@")
            ;;
        *) fail "$archive: neither .tar.gz nor .zip" ;;
    esac
    echo "pack.sh: $archive: $*"
}

# The manifest has, for each platform in turn, its uri, its bin and the `from` of each of its files.
archive='' bin='' files=()
while read -r key value; do
    case $key in
        uri:)
            [[ -z $archive ]] || pack "$archive" "$bin" "${files[@]}"
            archive=${value##*/} bin='' files=()
            ;;
        bin:) bin=$value ;;
        from:) files+=("$value") ;;
    esac
done < <(sed -nE 's/^ *(- )?((uri|bin|from): .*)$/\2/p' deploy/krew/mtls.yaml)
[[ -n $archive ]] || fail "the manifest names no archive"
pack "$archive" "$bin" "${files[@]}"
