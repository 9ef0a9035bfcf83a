#!/usr/bin/env bash
# Installs karlint into a virtual environment of the runner's tool cache, and tells where its command is.
# Takes KARLINT_VERSION ("", "latest" or X.Y.Z) and KARLINT_PYTHON from the environment.
set -euo pipefail

python=${KARLINT_PYTHON:-python3}
version=${KARLINT_VERSION:-}

fail() {
  echo "::error title=karlint::$1"
  exit 2
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  fail "karlint needs Python 3.11 or newer. Put actions/setup-python before it, or name one with the input python."

case $version in
  "") source=$GITHUB_ACTION_PATH ;;
  latest) source=karlint ;;
  *)
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+((a|b|rc)[0-9]+)?$ ]] ||
      fail "The input version must be empty, latest, or a release such as 1.2.3."
    source=karlint==$version
    ;;
esac

# What a directory is kept under: the release, or the action's own files, and the interpreter they are installed for.
if [[ -z $version ]]; then
  kept=$(cd "$GITHUB_ACTION_PATH" && find pyproject.toml src policies schemas -type f -not -path '*/__pycache__/*' -print0 |
    sort -z | xargs -0 cat | sha256sum | cut -c1-16)
else
  kept=$version
fi
interpreter=$("$python" -c 'import sys, platform; print(f"{sys.version_info.major}.{sys.version_info.minor}-{platform.machine()}")')
home=${RUNNER_TOOL_CACHE:-${RUNNER_TEMP:-/tmp}}/karlint/$kept-$interpreter

if [[ ! -e $home/.complete || $version == latest ]]; then
  rm -rf "$home"
  "$python" -m venv "$home"
  "$home/bin/python" -m pip install --disable-pip-version-check --quiet "$source" ||
    fail "karlint could not be installed; what pip said stands above."
  touch "$home/.complete"
fi
echo "karlint=$home/bin/karlint" >> "$GITHUB_OUTPUT"
"$home/bin/karlint" --version
