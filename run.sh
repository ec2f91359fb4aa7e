#!/usr/bin/env bash
# Starts everything on this machine and says where. ./run.sh --help lists the options.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source AppHost/prepare.sh

need_sdk
aspire=no
if [[ " $* " != *" --help "* ]]; then
  choose_servers
  if ! choose_registry; then
    say "Aspire's packages cannot be had here: Standalone starts the same topology."
  elif [[ -n ${ConnectionStrings__postgres:-}${ConnectionStrings__rabbitmq:-} ]]; then
    say "With servers of your own Standalone starts the topology, not the Aspire app host."
  else
    say "Aspire's packages are here: the Aspire app host starts the topology."
    aspire=yes
  fi
fi

# What is started here shares a machine and lives for an afternoon: a compiler that does not count first what it compiles better later has everything ready sooner. Who
# wants the code that a service has in production sets it to 1.
export DOTNET_TieredPGO=${DOTNET_TieredPGO:-0}

say "Building ..."
build AppHost/Standalone
standalone=AppHost/Standalone/bin/Debug/net10.0/Standalone.dll
if [[ $aspire == yes ]]; then
  build AppHost
  [[ " $* " != *" --reset "* ]] || dotnet "$standalone" reset
  exec dotnet run --project AppHost --no-build -- "$@"
fi

# Started in the background by a script, a process finds SIGINT ignored, and .NET leaves it so. This one is stopped by it.
exec env --default-signal=INT dotnet "$standalone" "$@"
