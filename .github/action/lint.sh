#!/usr/bin/env bash
# One run of karlint that writes SARIF, the job's summary and the annotations. Always succeeds, so that the report is
# uploaded; the exit code is an output, which the last step of the action ends with.
# Takes what action.yml passes in the environment.
set -euo pipefail

temporary=$(mktemp -d "${RUNNER_TEMP:-/tmp}/karlint.XXXXXX")
sarif=${KARLINT_SARIF:-$temporary/karlint.sarif}

# Splits a text into words as a shell would, without expanding anything.
words() {
  python3 -c 'import shlex, sys; sys.stdout.write("".join(word + "\0" for word in shlex.split(sys.argv[1])))' "$1"
}

options=(--format sarif --output "$sarif" --format json --output "$temporary/report.json")
[[ ${KARLINT_SUMMARY:-true} != true ]] || options+=(--format markdown --output "$temporary/summary.md")
if [[ ${KARLINT_ANNOTATIONS:-true} == true ]]; then options+=(--format github); else options+=(--format text); fi
[[ -z ${KARLINT_CONFIG:-} ]] || options+=("--config=$KARLINT_CONFIG")
[[ -z ${KARLINT_FAIL_ON:-} ]] || options+=("--fail-on=$KARLINT_FAIL_ON")
for version in ${KARLINT_KUBERNETES//,/ }; do options+=("--kubernetes-version=$version"); done

finish() {
  echo "exit-code=$1" >> "$GITHUB_OUTPUT"
  exit 0
}

if [[ $sarif == *$'\n'* ]]; then
  echo "::error title=karlint::The input sarif-file holds a line break."
  finish 2
fi

further=() paths=()
words "${KARLINT_ARGS:-}" > "$temporary/args" && words "${KARLINT_PATHS:-}" > "$temporary/paths" || {
  echo "::error title=karlint::The inputs args and paths must be words as a shell reads them: a quote is not closed."
  finish 2
}
while IFS= read -r -d '' word; do further+=("$word"); done < "$temporary/args"
while IFS= read -r -d '' word; do paths+=("$word"); done < "$temporary/paths"

code=0
"$KARLINT" check "${options[@]}" "${further[@]}" -- "${paths[@]}" || code=$?

if [[ -s $temporary/report.json ]]; then
  python3 - "$temporary/report.json" >> "$GITHUB_OUTPUT" <<'PYTHON'
import json
import sys
from collections import Counter

with open(sys.argv[1], encoding="utf-8") as file:
    severities = Counter(finding["severity"] for finding in json.load(file)["findings"])
for severity in ("error", "warning", "note"):
    print(f"{severity}s={severities[severity]}")
PYTHON
fi
[[ ! -s $sarif ]] || echo "sarif-file=$sarif" >> "$GITHUB_OUTPUT"
[[ ! -s $temporary/summary.md || -z ${GITHUB_STEP_SUMMARY:-} ]] || cat "$temporary/summary.md" >> "$GITHUB_STEP_SUMMARY"
finish "$code"
