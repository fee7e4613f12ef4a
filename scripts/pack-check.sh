#!/usr/bin/env bash
# What `npm pack` makes must install and run elsewhere, also on a path with a space in it.
set -euo pipefail
cd "$(dirname "$0")/.."

there=$(mktemp -d "${TMPDIR:-/tmp}/edge-cls pack.XXXXXX")
trap 'rm -rf "$there"' EXIT

npm pack --silent --pack-destination "$there" >/dev/null
cd "$there"
npm init --yes >/dev/null
ONNXRUNTIME_NODE_INSTALL=skip npm install --ignore-scripts --no-audit --no-fund --loglevel=error ./edge-cls-*.tgz
npx --no-install edge-cls models verify --device cpu
