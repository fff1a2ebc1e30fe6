# shellcheck shell=bash
# The stages of scripts/test: each runs, is counted, and in a long run (`keep_stages`) is kept by commit, so that the next start
# runs only what has not passed yet. Source it after lib.sh.

passed=0 failed=0 failures=()
kept='' report='' STAGE_LIMIT="${STAGE_LIMIT:-2400}"

# keep_stages: from here on a stage that has passed for this very commit is not run again, and build/full/report.md tells of all.
# A tree with changes keeps nothing: what ran was not the commit.
keep_stages() {
  local commit changes
  commit=$(git rev-parse HEAD)
  changes=$(git status --porcelain)
  report="$ROOT/build/full/report.md"
  mkdir -p build/full
  {
    printf '# scripts/test --full\n\nCommit %s' "$commit"
    [ -z "$changes" ] || printf ' with changes that are not committed: nothing is kept'
    printf '.\n\n| stage | result | seconds | ended (UTC) | its last line |\n|---|---|---|---|---|\n'
  } > "$report"
  if [ -z "$changes" ]; then
    kept="$ROOT/build/full/$commit"
    mkdir -p "$kept"
  fi
}

# slug NAME: as a file may be called
slug() { printf '%s' "$1" | tr -c 'A-Za-z0-9.\n' '-'; }

# counts_of LOG STATUS: "good bad", from what the stage itself counted ("N passed, N failed", ctest's summary), else one test.
counts_of() {
  python3 - "$1" "$2" << 'P'
import re, sys
text, status = open(sys.argv[1], errors="replace").read(), int(sys.argv[2])
ctest = re.findall(r"(\d+)% tests passed, (\d+) tests failed out of (\d+)", text)
plain = re.findall(r"^(?:\w+: )?(\d+) passed, (\d+) failed", text, re.M)
if ctest:
    bad, total = int(ctest[-1][1]), int(ctest[-1][2])
    good = total - bad
elif plain:
    good, bad = int(plain[-1][0]), int(plain[-1][1])
else:
    good, bad = (1, 0) if status == 0 else (0, 1)
if status != 0 and bad == 0:
    bad = 1
print(good, bad)
P
}

# row NAME RESULT SECONDS ENDED LOG: one line of the report; the figures a stage prints ("figure: …") stand under its last line.
row() {
  [ -n "$report" ] || return 0
  local last
  last=$({ grep -aE '^figure:' "$5" || :; grep -av '^[[:space:]]*$' "$5" | tail -1 || :; } 2> /dev/null | cut -c1-300 | sed 's/|/\\|/g' |
    awk '{ printf "%s%s", (NR > 1 ? "<br>" : ""), $0 }')
  printf '| %s | %s | %s | %s | %s |\n' "$1" "$2" "$3" "$4" "$last" >> "$report"
}

# stage NAME COMMAND…: at most STAGE_LIMIT seconds. What it prints goes through a file, not a pipe: a process that a test left behind
# would hold a pipe open, and the run would wait for it for ever.
stage() {
  local name="$1" log counts began took ended shower mark='' status=0
  shift
  mkdir -p build
  [ -z "$kept" ] || mark="$kept/$(slug "$name")"
  if [ -n "$mark" ] && [ -f "$mark" ]; then
    read -r counts took ended < "$mark"
    passed=$((passed + counts))
    say "$name: $counts passed at $ended, not run again"
    row "$name" "$counts passed, kept" "$took" "$ended" "$mark.txt"
    return 0
  fi
  log="$ROOT/build/log-$(slug "$name").txt"
  began=$(date +%s)
  say "$name"
  : > "$log"
  tail -n +1 -s 0.2 -f "$log" &
  shower=$!
  timeout --foreground -k 30 "$STAGE_LIMIT" "$@" >> "$log" 2>&1 < /dev/null || status=$?
  [ $status != 124 ] || echo "FAIL $name: ended after its limit of $STAGE_LIMIT s" >> "$log"
  sleep 0.4
  kill $shower
  wait $shower 2> /dev/null || :
  counts=$(counts_of "$log" "$status")
  took=$(($(date +%s) - began)) ended=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
  if [ "${counts#* }" = 0 ]; then
    [ -z "$mark" ] || { cp "$log" "$mark.txt"; echo "${counts% *} $took $ended" > "$mark"; }
    row "$name" "${counts% *} passed" "$took" "$ended" "$log"
  else
    failures+=("$name")
    row "$name" "**${counts#* } failed**, ${counts% *} passed" "$took" "$ended" "$log"
  fi
  say "$name: ${counts% *} passed, ${counts#* } failed, $took s"
}

# finish: the last line of scripts/test; fails where anything did.
finish() {
  [ ${#failures[@]} = 0 ] || printf 'failed in: %s\n' "${failures[@]}"
  if [ -n "$report" ]; then
    printf '\n%d passed, %d failed.\n' "$passed" "$failed" >> "$report"
    echo "report: build/full/report.md"
  fi
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" = 0 ]
}
