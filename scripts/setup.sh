#!/usr/bin/env bash
# Sets up edge-cls in this checkout: Node.js where it is missing, packages, compiled JavaScript, ffmpeg.
# Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}
apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" >&2; }

wanted=20.19
has_node() {
  command -v node >/dev/null && command -v npm >/dev/null &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}

# What apt-get would install, where that is new enough; Debian's is called 20.19.2+dfsg-1.
packaged_node() {
  local version
  version=$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]\)/\1/p')
  [ -n "$version" ] && dpkg --compare-versions "$version" ge "$wanted" && printf '%s\n' "$version"
}

install_node() {
  local version
  command -v apt-get >/dev/null || return 1
  # A new box has no lists of packages yet.
  version=$(packaged_node) || { apt update -qq && version=$(packaged_node); } || return 1
  say "installing Node.js $version with apt-get"
  apt install -y -qq --no-install-recommends nodejs || return 1
  hash -r
  # Debian has it apart, others within.
  command -v npm >/dev/null || apt install -y -qq --no-install-recommends npm
}

node_trouble() {
  if ! command -v node >/dev/null; then echo 'there is no node on the PATH'
  elif ! command -v npm >/dev/null; then echo 'there is no npm beside it'
  else echo "it is $(node --version)"; fi
}

node_help() {
  if packaged_node >/dev/null; then echo 'install it as root (apt-get install nodejs npm)'
  else echo "install it from https://nodejs.org, since the system's package manager has none"; fi
}

has_node || { install_node && has_node; } ||
  fail "Node.js must be $wanted or newer, but $(node_trouble): $(node_help), then run scripts/setup.sh again"

# The CUDA libraries of onnxruntime-node come from elsewhere than the package registry. Who has
# an NVIDIA GPU runs afterwards: ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node
export ONNXRUNTIME_NODE_INSTALL="${ONNXRUNTIME_NODE_INSTALL:-skip}"

# Installed packages stay as they are while package-lock.json does.
stamp=node_modules/.edge-cls-lock
if ! cmp -s package-lock.json "$stamp"; then
  say 'installing packages'
  npm ci --no-fund --no-audit --loglevel=error >&2
  cp package-lock.json "$stamp"
fi

say 'compiling'
npm run --silent build >&2

install_ffmpeg() {
  if command -v apt-get >/dev/null; then
    say 'installing ffmpeg with apt-get'
    apt update -qq && apt install -y -qq --no-install-recommends ffmpeg fonts-dejavu-core && return
  fi
  say 'trying the static ffmpeg of the npm package ffmpeg-static'
  [ -f node_modules/ffmpeg-static/install.js ] && timeout 300 node node_modules/ffmpeg-static/install.js >&2 && return
  return 1
}

has_ffmpeg() {
  [ -n "${EDGE_CLS_FFMPEG:-}" ] || command -v ffmpeg >/dev/null ||
    node -e 'import("ffmpeg-static").then((m) => process.exit(require("fs").existsSync(m.default ?? "") ? 0 : 1), () => process.exit(1))'
}

has_ffmpeg || install_ffmpeg ||
  say 'ffmpeg 5 or newer is needed and could not be installed: install it with your package manager (Debian and Ubuntu: sudo apt-get install ffmpeg), or set EDGE_CLS_FFMPEG to its path'
say 'done'
