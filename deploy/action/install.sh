#!/usr/bin/env bash
# Puts kubectl-mtls on the PATH of the following steps: the one that is there, else the binary of a release, else a build of this revision.
# MTLS_VERSION is the release to use, whatever is on the PATH; without it the release of the action's own ref, if that is a version.
# MTLS_SHA256 is the checksum of the archive for this runner; without it that of the release's SHA256SUMS. Another checksum is an error.
set -euo pipefail
releases=https://github.com/kubectl-mtls/kubectl-mtls/releases/download

fail() {
    echo "::error title=kubectl-mtls::$*" >&2
    exit 1
}

is_version() {
    [[ $1 =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]]
}

# The archive of this runner, as deploy/krew/mtls.yaml names it; nothing for a platform without one.
archive_of() {
    local system machine end=tar.gz
    case $(uname -s) in
        Linux) system=linux ;;
        Darwin) system=darwin ;;
        MINGW* | MSYS* | CYGWIN*) system=windows end=zip ;;
        *) return 0 ;;
    esac
    case $(uname -m) in
        x86_64 | amd64) machine=amd64 ;;
        aarch64 | arm64) machine=arm64 ;;
        *) return 0 ;;
    esac
    echo "kubectl-mtls-$1-$system-$machine.$end"
}

download() {
    curl --fail --silent --show-error --location --proto '=https' --retry 3 --output "$2" "$releases/$version/$1"
}

checksum_of() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# Downloads, compares and unpacks a release. The status is 1 if there is none for this runner; a wrong checksum ends the script.
install_release() {
    local archive expected actual
    archive=$(archive_of "$version")
    [[ -n $archive ]] && download "$archive" "$folder/$archive" || return 1
    expected=${MTLS_SHA256:-}
    if [[ -z $expected ]]; then
        download SHA256SUMS "$folder/SHA256SUMS" || fail "cannot verify $archive: the release $version has no SHA256SUMS"
        expected=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' "$folder/SHA256SUMS")
        [[ -n $expected ]] || fail "cannot verify $archive: SHA256SUMS of the release $version does not list it"
    fi
    actual=$(checksum_of "$folder/$archive")
    [[ $actual == "$expected" ]] || fail "the checksum of $archive is $actual, and $expected is expected"
    case $archive in
        *.zip) unzip -q -o "$folder/$archive" kubectl-mtls.exe -d "$folder" ;;
        *) tar -xzf "$folder/$archive" -C "$folder" kubectl-mtls ;;
    esac
    rm "$folder/$archive"
    # A system with an older libc cannot run it.
    "$folder/kubectl-mtls" --version
}

version=${MTLS_VERSION:-}
if [[ -z $version ]]; then
    ! command -v kubectl-mtls || exit 0
    version=${MTLS_ACTION_REF:-}
elif ! is_version "$version"; then
    fail "invalid version: expected v and three numbers, such as v0.1.0"
fi

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/kubectl-mtls.XXXXXX")
if is_version "$version" && install_release; then
    echo "$folder" >>"${GITHUB_PATH:?is not set}"
elif [[ -n ${MTLS_VERSION:-}${MTLS_SHA256:-} ]]; then
    fail "there is no binary of $version for this runner; without the inputs version and sha256 the action builds its own revision"
else
    echo "No released binary for this revision of the action and this runner: building it, which takes some minutes."
    cargo install --locked --path "$(dirname "$0")/../.."
fi
