#!/usr/bin/env bash
# Decide, then say so to the step summary, the annotations and the outputs. The script of the GitHub action.
# Reads CANDIDATE, BASELINE, POLICY, RESULTS; writes gate.md, gate.xml, gate.json, gate.flips.json; exits as `gate` does.
set -euo pipefail

code=0
adaptbench gate --candidate "$CANDIDATE" --baseline "$BASELINE" --policy "${POLICY:-default}" \
  --results "${RESULTS:-results}" --markdown gate.md --junit gate.xml --json gate.json || code=$?
[ -f gate.json ] || exit "$code"

adaptbench compare "$BASELINE" "$CANDIDATE" --results "${RESULTS:-results}" --json gate.flips.json >/dev/null || true
python - >>"${GITHUB_OUTPUT:-/dev/stdout}" <<'PY'
import json
print("verdict=" + json.load(open("gate.json"))["outcome"])
PY
if [ -n "${GITHUB_ACTIONS:-}" ] && [ -f gate.flips.json ]; then
  python <<'PY'
import json

def escaped(text):
    """Text that cannot end the annotation or begin another."""
    return str(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

for comparison in json.load(open("gate.flips.json")):
    examples = [flip for flips in comparison["flips"] for flip in flips["examples"]]
    for flip in [flip for flip in examples if not flip["gained"]][:10]:
        print(f"::warning title=answer got worse::{escaped(flip['item'])}: {escaped(flip['cause'])}")
PY
fi
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat gate.md >>"$GITHUB_STEP_SUMMARY"; fi
exit "$code"
