# shellcheck shell=bash
# Shared by the scripts of this folder. Source it; do not run it.
set -euo pipefail
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$ROOT"

if [ -t 1 ]; then BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'; else BOLD='' RED='' PLAIN=''; fi
say() { printf '%s== %s%s\n' "$BOLD" "$*" "$PLAIN"; }
die() { printf '%serror: %s%s\n' "$RED" "$*" "$PLAIN" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# packages_of GROUP…: the names that scripts/packages lists for these groups
packages_of() {
  local group
  for group in "$@"; do awk -v g="$group" '$1 == g { for (i = 2; i <= NF; ++i) print $i }' scripts/packages; done
}

# install_packages GROUP…: installs what is missing and keeps package scripts from starting daemons. Nothing to do: silent.
install_packages() {
  local missing=() name guard=0
  for name in $(packages_of "$@"); do
    # node and npm may come from elsewhere than Debian
    case "$name" in
      nodejs) command -v node > /dev/null && continue ;;
      npm) command -v npm > /dev/null && continue ;;
      node-gyp | libnode-dev) [ -e "$(dirname "$(dirname "$(readlink -f "$(command -v node || echo /none/bin/node)")")")/include/node/node.h" ] && continue ;;
    esac
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2> /dev/null)" = installed ] || missing+=("$name")
  done
  [ ${#missing[@]} = 0 ] && return 0
  say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d > /dev/null
    as_root chmod 755 /usr/sbin/policy-rc.d
    guard=1
  fi
  local ok=0
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" ||
    { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; } || ok=1
  [ $guard = 1 ] && as_root rm -f /usr/sbin/policy-rc.d
  [ $ok = 0 ] || die "apt-get could not install: ${missing[*]}"
}

# build PRESET [TARGET…]
build() {
  local preset="$1" began
  local targets=()
  shift
  [ $# = 0 ] || targets=(--target "$@")
  began=$(date +%s)
  say "Building preset $preset${*:+: $*}"
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" > "build-$preset.log" 2>&1 || { cat "build-$preset.log"; rm -f "build-$preset.log"; die "cmake --preset $preset failed"; }
  rm -f "build-$preset.log"
  cmake --build --preset "$preset" "${targets[@]}" || return 1 # said even where `build … || …` switches set -e off
  say "Built $preset in $(($(date +%s) - began)) s"
}
