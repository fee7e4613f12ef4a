#!/usr/bin/env bash
# Sets up edge-cls in this checkout: packages, compiled JavaScript, ffmpeg. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

command -v node >/dev/null || fail 'Node.js must be 20.19 or newer, but there is no node on the PATH: install it from your distribution or https://nodejs.org'
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "Node.js must be 20.19 or newer, but it is $(node --version): install a newer one"

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

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

install_ffmpeg() {
  if command -v apt-get >/dev/null; then
    say 'installing ffmpeg with apt-get'
    as_root apt-get update -qq >&2 && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ffmpeg fonts-dejavu-core >&2 && return
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
