#!/usr/bin/env bash
# Makes the Python that tests compare with: the libraries that this project replaces, for real, in versions that do not
# change. Prints where it is; does nothing where it is there already. Needs python3 with venv, and the package index once.
set -euo pipefail
cd "$(dirname "$0")/.."

pins="attrs==26.1.0 prometheus_client==0.26.0 redis==6.4.0"
# Its own requirements name versions that no longer install.
bare="instrumentor==0.0.1"

mkdir -p "${CARGO_TARGET_DIR:-target}"
folder=$(cd "${CARGO_TARGET_DIR:-target}" && pwd)/python
if [ "$(cat "$folder/pins" 2>/dev/null)" = "$pins $bare" ]; then
    echo "$folder"
    exit
fi

advice() {
    echo "$1: install Python 3.9 or later with its venv (Debian, Ubuntu: apt-get install python3-venv; Fedora: dnf install" \
        "python3; macOS: brew install python), then run tests/python.sh" >&2
    exit 1
}
command -v python3 >/dev/null 2>&1 || advice "python3 was not found"

# Made aside and moved into place, as tests that run at once may all make it.
new=$folder.$$
trap 'rm -rf "$new"' EXIT
python3 -m venv "$new" >&2 || advice "python3 cannot make a virtual environment"
install() {
    "$new/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2 ||
        advice "the package index cannot be reached, or lacks $*"
}
# shellcheck disable=SC2086
install $pins
install --no-deps "$bare"
echo "$pins $bare" >"$new/pins"
# The first one stays; one of other versions goes.
if [ "$(cat "$folder/pins" 2>/dev/null)" != "$pins $bare" ]; then
    rm -rf "$folder"
    mv "$new" "$folder" 2>/dev/null || [ -e "$folder/pins" ]
fi
echo "$folder"
