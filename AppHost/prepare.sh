# Sourced by run.sh and test.sh: what both need before they can start.
# shellcheck shell=bash

# Nothing of ours stays behind: no build nodes, no compiler server (build ends its own). And no word to anybody.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }

# Runs a command so that a signal for us reaches it too: bash alone would only look at the signal when the command has ended.
child=
stop_child() {
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    kill -TERM "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  end_compiler
  exit "$1"
}
attended() {
  trap 'stop_child 130' INT
  trap 'stop_child 143' TERM HUP
  "$@" &
  child=$!
  local code=0
  wait "$child" || code=$?
  child=
  trap - INT TERM HUP
  return "$code"
}

# One compiler for all projects of a build, as each would else start and warm up its own; under a name that no other build asks for. It measures nothing in order to
# compile itself better: it does not live long enough to gain by that. Left alone, by a SIGKILL, it ends after ten idle minutes.
compiler=
end_compiler() {
  [[ -n $compiler ]] || return 0
  local version sdk
  version=$(dotnet --version)
  sdk=$(dotnet --list-sdks | sed -n "s|^$version \[\(.*\)\]$|\1/$version|p")
  dotnet exec "$sdk/Roslyn/bincore/VBCSCompiler.dll" -shutdown "-pipename:$compiler" >/dev/null 2>&1 || true
  compiler=
}
build() {
  compiler=creator-connections-$$
  local code=0
  attended env DOTNET_TieredPGO=0 dotnet build -v:quiet -nologo "-clp:ErrorsOnly;NoSummary" -nodeReuse:false -p:UseSharedCompilation=true "-p:SharedCompilationId=$compiler" "$@" || code=$?
  end_compiler
  return "$code"
}

need_sdk() {
  command -v dotnet >/dev/null || fail "The .NET 10 SDK is not installed: https://dotnet.microsoft.com/download/dotnet/10.0"
  dotnet --list-sdks | grep -q '^10\.' || fail "The .NET 10 SDK is not installed, only: $(dotnet --list-sdks | cut -d' ' -f1 | paste -sd' '). https://dotnet.microsoft.com/download/dotnet/10.0"
}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_rabbitmq() { compgen -G '/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server' >/dev/null; }

# The packages' own system services are not wanted, only the programs. Debian asks policy-rc.d before a package starts a service.
as_root() { if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi; }
install_packages() {
  command -v apt-get >/dev/null || fail "Please install these first, this is no Debian: $*"
  [[ $EUID -eq 0 ]] || command -v sudo >/dev/null || fail "Root's rights are needed to install: $*. As root: apt-get install $*"
  say "Installing from Debian's packages: $*"
  local policy=/usr/sbin/policy-rc.d ours=
  if ! [[ -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod +x $policy
    ours=yes
  fi
  local code=0
  { as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq \
    && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; } || code=$?
  [[ -z $ours ]] || as_root rm -f $policy
  [[ $code -eq 0 ]] || fail "apt-get could not install: $*"
}

# Are there servers in the environment, in a container engine, or on this machine? Says which, and installs what is missing.
postgres_image=postgres:17-alpine
rabbitmq_image=rabbitmq:4-management-alpine
image() { docker image inspect "$1" >/dev/null 2>&1 || timeout 180 docker pull -q "$1" >/dev/null 2>&1; }
choose_servers() {
  if [[ -n ${ConnectionStrings__postgres:-} && -n ${ConnectionStrings__rabbitmq:-} ]]; then
    say "PostgreSQL and RabbitMQ: yours, from the environment."
    return
  fi
  if [[ ${SERVERS:-} != machine ]] && command -v docker >/dev/null && timeout 5 docker info >/dev/null 2>&1; then
    if image $postgres_image && image $rabbitmq_image; then
      say "PostgreSQL and RabbitMQ: containers."
      export SERVERS=containers
      return
    fi
    say "A container engine runs, but it cannot get $postgres_image and $rabbitmq_image."
  fi
  export SERVERS=machine
  need_servers
  say "PostgreSQL and RabbitMQ: this machine's own, private to this checkout."
}
need_servers() {
  local missing=()
  has_postgres || missing+=(postgresql)
  has_rabbitmq || missing+=(rabbitmq-server)
  [[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
}
need_node() {
  local missing=()
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  [[ ${#missing[@]} -eq 0 ]] || install_packages "${missing[@]}"
}

# Can the Aspire packages be had? Asked once: a success stays in the package folder, a failure is believed for a day.
choose_registry() {
  local version folder marker=.run/no-aspire-packages
  version=$(sed -n 's:.*<AspireVersion>\(.*\)</AspireVersion>.*:\1:p' Directory.Build.props)
  folder=${NUGET_PACKAGES:-$HOME/.nuget/packages}/aspire.apphost.sdk/$version
  if ! [[ -d $folder ]] && [[ -z $(find $marker -mtime -1 2>/dev/null) ]]; then
    say "Looking once for the Aspire packages $version ..."
    mkdir -p .run
    if attended timeout 60 dotnet restore AppHost -p:FullRegistry=true >/dev/null 2>&1; then rm -f $marker; else touch $marker; fi
  fi
  [[ -d $folder && ! -e $marker ]]
}
