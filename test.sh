#!/usr/bin/env bash
# Runs all tests. Names choose projects, what begins with a dash goes to the test runner:
#   ./test.sh                                          everything
#   ./test.sh Campaign.Tests Outreach.Tests            two projects
#   ./test.sh Campaign.Tests --filter-class '*Roster*' some tests of one
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source AppHost/prepare.sh

names=()
while [[ $# -gt 0 && $1 != -* ]]; do
  names+=("$1")
  shift
done
[[ ${#names[@]} -gt 0 ]] || mapfile -t names < <(find tests -mindepth 2 -maxdepth 2 -name '*.Tests.csproj' -printf '%f\n' | sort | sed 's/\.csproj$//')

need_sdk
# Installed even where containers could serve: the tests that stop and kill a broker need one of their own.
need_servers
command -v chromium >/dev/null || install_packages chromium
# For the sample in JavaScript and the linters of the documents.
need_node

results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"
echo "0 passed, 0 failed" >"$results/totals"

say "Building ..."
build aspire.sln

# One PostgreSQL and one RabbitMQ for all projects; every test host takes a database and a virtual host of its own.
servers=
finish() {
  if [[ -n $servers ]]; then
    kill -TERM "$servers" 2>/dev/null || true
    wait "$servers" 2>/dev/null || true
  fi
}
trap finish EXIT
if [[ -z ${ConnectionStrings__postgres:-} || -z ${ConnectionStrings__rabbitmq:-} ]]; then
  # The signal ends them even if this script is killed.
  setpriv --pdeathsig TERM -- dotnet AppHost/Standalone/bin/Debug/net10.0/Standalone.dll servers --env-file "$results/servers.env" >"$results/servers.log" 2>&1 &
  servers=$!
  until [[ -e $results/servers.env ]]; do
    kill -0 "$servers" 2>/dev/null || { cat "$results/servers.log" >&2; fail "PostgreSQL or RabbitMQ did not start."; }
    sleep 0.1
  done
  # shellcheck disable=SC1091
  source "$results/servers.env"
fi

passed=0 failed=0 skipped=0
count() { grep -o '<Counters[^>]*>' "$2" 2>/dev/null | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' || echo 0; }
for name in "${names[@]}"; do
  trx=$results/$name.trx
  code=0
  attended dotnet test --project "tests/$name" --no-build --no-progress --timeout 20m \
    --results-directory "$results" --report-xunit-trx --report-xunit-trx-filename "$name.trx" "$@" || code=$?
  passed=$((passed + $(count passed "$trx")))
  failed=$((failed + $(count failed "$trx")))
  skipped=$((skipped + $(count notExecuted "$trx")))
  # 8 says that a filter left nothing to run. Any other failure that no test owns up to is one of its own: a crash, a hang.
  if [[ $code -ne 0 && $code -ne 8 && $(count failed "$trx") -eq 0 ]]; then
    say "$name ended with $code"
    failed=$((failed + 1))
  fi
done

[[ $skipped -eq 0 ]] || say "$skipped skipped"

# At the end, where a reader looks first: which tests failed and why. The whole output stands above.
if [[ $failed -gt 0 ]]; then
  # shellcheck disable=SC2016
  awk -v RS='<UnitTestResult ' '
    /^[^>]*outcome="Failed"/ {
      name = $0; sub(/^.*testName="/, "", name); sub(/".*$/, "", name)
      text = ""
      if (match($0, /<ErrorInfo>.*<\/ErrorInfo>/)) { text = substr($0, RSTART, RLENGTH); gsub(/<\/Message>/, "\n", text); gsub(/<[^>]*>/, "", text) }
      gsub(/&#xD;|\r/, "", text); gsub(/&#xA;|\n/, "\n    ", text)
      print "FAILED " name "\n    " substr(text, 1, 1500)
    }' "$results"/*.trx | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&apos;/'"'"'/g; s/&amp;/\&/g' || true
fi
say "$passed passed, $failed failed" | tee "$results/totals"
[[ $failed -eq 0 && $passed -gt 0 ]]
