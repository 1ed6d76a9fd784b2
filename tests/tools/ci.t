#!/bin/sh
# SPDX-License-Identifier: MIT
# docs/ci.md: its jobs are YAML, and have what GitHub and GitLab require; its script for Xen's own
# smoke test parses. tests/scenarios/smoke.t runs that script.
set -eu
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$root"

# block N LANGUAGE: prints the Nth block of code of this language
block() {
    awk -v wanted="$1" -v fence="\`\`\`$2" '
        $0 == fence { on = ++n == wanted; next }
        /^```/ { on = 0 }
        on' docs/ci.md
}
block 1 yaml >"$work/github.yml"
block 2 yaml >"$work/gitlab.yml"
block 1 sh >"$work/smoke.sh"

command -v yamllint >/dev/null || { echo '1..0 # SKIP yamllint is not installed'; exit 0; }
cat >"$work/rules" <<'END'
extends: default
rules: {document-start: disable, line-length: {max: 120}}
END
for job in github gitlab; do
    expect 0 "docs/ci.md: yamllint passes the job of $job" yamllint -s -c "$work/rules" "$work/$job.yml"
done

# The keys that each service knows, where a misspelt one would be ignored or refused.
cat >"$work/keys.py" <<'END'
import sys
import yaml

def only(what, keys, known):
    for key in keys:
        if key not in known.split():
            sys.exit(f"{what}: unknown key '{key}'")

github, gitlab = (yaml.safe_load(open(path)) for path in sys.argv[1:])
only('workflow', github, 'name on permissions jobs')
for name, job in github['jobs'].items():
    only(name, job, 'runs-on container timeout-minutes strategy env steps')
    only(name, job['strategy'], 'fail-fast matrix')
    for step in job['steps']:
        only(name, step, 'name id uses run with if')
        if ('uses' in step) == ('run' in step):
            sys.exit(f"{name}: a step needs either uses or run: {step}")
        if 'uses' in step and '@v' not in step['uses']:
            sys.exit(f"{name}: {step['uses']}: expected a version")
for name, job in gitlab.items():
    if name == 'stages':
        continue
    only(name, job, 'stage image timeout parallel variables cache before_script script artifacts')
    only(name, job['artifacts'], 'when paths reports')
    only(name, job['cache'], 'key paths')
    if job['stage'] not in gitlab['stages']:
        sys.exit(f"{name}: no stage '{job['stage']}'")
    for line in job['before_script'] + job['script']:
        if not isinstance(line, str):
            sys.exit(f"{name}: not a line of shell: {line}")
END
expect 0 'docs/ci.md: the jobs have the keys that their services know' \
    python3 "$work/keys.py" "$work/github.yml" "$work/gitlab.yml"
for xen in 4.14 4.17 4.20; do
    is "$(cat "$work"/git*.yml | grep -c "\"$xen\"")" 2 "docs/ci.md: both jobs run on Xen $xen"
done
# Each command of ours in them exists, with these targets.
make -pn NEED=true 2>/dev/null | sed -n 's/^\([a-z-]*\):.*/\1/p' >"$work/targets"
sed -n 's/^ *\(- \|run: \)make \(.*\)/\2/p' "$work/github.yml" "$work/gitlab.yml" | tr ' ' '\n' |
    grep -E '^[a-z-]+$' | sort -u >"$work/named"
while read -r target; do
    expect 0 "docs/ci.md: make $target exists" grep -qx "$target" "$work/targets"
done <"$work/named"
expect 0 'docs/ci.md: the script for Xen parses' bash -n "$work/smoke.sh"
is "$(grep -c . "$work/smoke.sh")" 10 "docs/ci.md: it has ten lines"
done_testing
