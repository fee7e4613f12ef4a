#!/usr/bin/env bash
# The unit under a real systemd: npm run test:systemd
#
# Makes the release of the commit, installs its archive into a container, and goes through the life of
# the service beside a camera; then installs, upgrades, removes and purges the Debian package.
# Skips, saying why, where no container can run or there is no camera; a container that does not boot is a failure.
set -uo pipefail
cd "$(dirname "$0")/../.."
. test/systemd/container.sh

missing=$(container_missing)
if [ -n "$missing" ]; then
  echo "test:systemd skipped: it $missing"
  exit 0
fi

unit=edge-cls.service
releases=$(mktemp -d)
# A second one, older by its name, to upgrade from.
{ npm run --silent release -- --arch x64 --output "$releases/new" &&
  npm run --silent release -- --arch x64 --only deb --as 0.0.1 --output "$releases/old"; } ||
  { echo 'test:systemd failed: the release cannot be made'; rm -rf "$releases"; exit 1; }
version=$(node -p "require('./package.json').version")
program=/opt/edge-cls-$version-linux-x64

passed=0
failed=0
ok() { # name, command…: the command succeeds
  local name=$1
  shift
  if "$@"; then passed=$((passed + 1)) && echo "ok      $name"; else failed=$((failed + 1)) && echo "FAILED  $name" && inside systemctl --no-pager status "$unit" 2>&1 | tail -n 12; fi
}
property() { inside systemctl show "$unit" --property="$1" --value; }
is() { [ "$(property "$1")" = "$2" ]; }
becomes() { # property, value: within 20 s
  for _ in $(seq 100); do is "$1" "$2" && return 0; sleep 0.2; done
  echo "        $1 is $(property "$1"), not $2"
  return 1
}
file() { cat >"$container$1"; }
main_pid() { property MainPID; }
signal() {
  local pid
  pid=$(main_pid)
  # To 0 it would go to this script.
  [ "$pid" -gt 0 ] && inside kill "-$1" "$pid"
}
start() { inside systemctl reset-failed "$unit" 2>/dev/null; inside systemctl start "$unit" 2>/dev/null; }

api() { inside curl --silent --fail --max-time 5 "http://127.0.0.1:9528$1"; }
live() { # within 60 s
  for _ in $(seq 120); do api /api/v1/streams/door | grep -q '"state":"live"' && return 0; sleep 0.5; done
  api /api/v1/streams/door
  return 1
}
camera_start() {
  ffmpeg -v error -y -f lavfi -i testsrc2=size=320x240:rate=5 -t 4 -c:v libx264 -preset ultrafast -g 5 -pix_fmt yuv420p \
    -x264-params aud=1:repeat-headers=1 "$container/srv/camera.h264" || return 1
  { echo "{\"mount\": \"door\", \"video\": \"/srv/camera.h264\", \"rate\": 5}"; exec sleep 3600; } |
    inside /usr/bin/python3 "$package/test/rig/camera.py" 8554 viewer 'pa!ss' >/dev/null &
}

trap 'container_stop; kill $(jobs -p) 2>/dev/null; rm -rf "$releases"' EXIT
container_start || { echo 'test:systemd failed: all that it needs is here, yet the container does not boot (its console is above)'; exit 1; }
echo "        systemd $(inside systemctl --version | sed -n '1s/systemd //p')"

tar --extract --gzip --file "$releases/new/${program##*/}.tar.gz" --directory "$container/opt" --no-same-owner
cp "$releases"/old/*.deb "$container/srv/old.deb"
cp "$releases"/new/*.deb "$container/srv/new.deb"
installed() {
  inside "$program/bin/edge-cls" install >"$work/install" || { cat "$work/install"; return 1; }
}
has_groups() { inside getent group render video >/dev/null; }
no_group_fails() {
  inside sed -i '/^render:/d' /etc/group
  inside sed -i '/^render:/d' /etc/gshadow
  start
  becomes ExecMainStatus 216
}
again() { installed && ! grep -Eq '^done +(file|directory)' "$work/install"; }

ok 'install' installed
[ "$failed" -eq 0 ] || exit 1
ok 'install brings the groups' has_groups
inside mkdir -p "/etc/systemd/system/$unit.d"
# Limits that a test can wait for.
file "/etc/systemd/system/$unit.d/test.conf" <<'DROP_IN'
[Unit]
StartLimitIntervalSec=0
[Service]
WatchdogSec=2
RestartSec=200ms
DROP_IN
inside systemctl daemon-reload

ok 'without the group render it cannot start (216/GROUP)' no_group_fails
inside systemctl stop "$unit"
inside systemd-sysusers edge-cls.conf
ok 'the groups come back' has_groups

file /etc/edge-cls/credentials/door <<'SECRET'
pa!ss
SECRET
ok 'start waits for READY' start
ok 'active' is ActiveState active
ok 'ready as soon as it is active' api /readyz
ok 'runs as a user of its own' test "$(inside stat -c %U "/proc/$(main_pid)")" = edge-cls
credential() {
  local pid path=/run/credentials/$unit/secret_door
  pid=$(main_pid)
  [ "$(inside nsenter -t "$pid" -m cat "$path")" = 'pa!ss' ] &&
    [ "$(inside nsenter -t "$pid" -m stat -c %a "$path")" = 400 ]
}
ok 'the credential is there, for the service only' credential
ok 'no secret in what systemctl shows' sh -c "! nsenter -t $init -a systemctl show $unit | grep -q 'pa!ss'"
sandboxed() {
  local pid
  pid=$(main_pid)
  inside grep -q '^NoNewPrivs:.*1$' "/proc/$pid/status" && inside grep -q '^CapEff:.*0000000000000000$' "/proc/$pid/status" &&
    inside grep -q '^Seccomp:.*2$' "/proc/$pid/status"
}
ok 'no capabilities, system calls filtered' sandboxed

pid=$(main_pid)
before=$(property StatusText)
camera_start
file /etc/edge-cls/config.yaml <<'CONFIG'
streams:
  - name: door
    source: rtsp://viewer:${credential:secret_door}@127.0.0.1:8554/door
    stall_seconds: 2
CONFIG
ok 'reload' inside systemctl reload "$unit"
says_something_else() { # within 15 s: the daemon says it anew every ten
  for _ in $(seq 75); do [ "$(property StatusText)" != "$before" ] && return 0; sleep 0.2; done
  return 1
}
ok 'reload changes what it says of itself' says_something_else
ok 'reload keeps the process' is MainPID "$pid"
ok 'the stream that came with the reload is live, with its credential' live
decoder() { inside pgrep -x ffmpeg | head -n 1; }
stopped_decoder() {
  local before
  before=$(decoder)
  inside kill -STOP "$before"
  for _ in $(seq 100); do [ -n "$(decoder)" ] && [ "$(decoder)" != "$before" ] && live && return 0; sleep 0.2; done
  return 1
}
ok 'a decoder that stands still is replaced' stopped_decoder
ok 'by the same process' is MainPID "$pid"
no_secret() { ! { inside ps ax -o args; inside journalctl --no-pager -u "$unit"; api /metrics; api /api/v1/streams; } | grep -Eq 'pa(!|%21)ss'; }
ok 'no secret in arguments, journal, metrics or interface' no_secret

cp "$container/etc/edge-cls/config.yaml" "$work/good.yaml"
file /etc/edge-cls/config.yaml <<'BAD'
bad: true
BAD
inside systemctl reload "$unit"
sleep 1
ok 'a bad configuration leaves the running one' is MainPID "$pid"
ok 'and the service active' is ActiveState active
cp "$work/good.yaml" "$container/etc/edge-cls/config.yaml"

ok 'no restart so far' is NRestarts 0
signal STOP
ok 'a blocked event loop is killed by the watchdog, and started again' becomes NRestarts 1
ok 'active after the watchdog' becomes ActiveState active
ok 'another process' test "$(main_pid)" != "$pid"
ok 'the stream is live again' live
old=$(decoder)
signal KILL
ok 'a crash is started again' becomes NRestarts 2
ok 'active after the crash' becomes ActiveState active
ok 'no decoder is left of the one that crashed' sh -c "[ -n '$old' ] && ! nsenter -t $init -a test -d /proc/$old"

began=$(date +%s)
inside systemctl stop "$unit"
ok 'stop' is ActiveState inactive
ok 'stop is a success' is Result success
ok 'stop takes no more than 3 s' test $(($(date +%s) - began)) -le 3

cp "$work/good.yaml" "$container/etc/edge-cls/config.yaml"
file /etc/edge-cls/config.yaml <<'BAD'
bad: true
BAD
start
ok 'a bad configuration fails the start' becomes ActiveState failed
ok 'with exit code 78' is ExecMainStatus 78
sleep 1
ok 'and is not started again' is NRestarts 0
ok 'stays failed' is ActiveState failed
cp "$work/good.yaml" "$container/etc/edge-cls/config.yaml"
{ cat "$work/good.yaml"; echo 'models_directory: /srv/models'; } >"$container/etc/edge-cls/config.yaml"
model=efficientnet-lite0-imagenet
inside mkdir -p /srv/models
inside cp -r "$package/models/$model" /srv/models
inside dd if=/dev/zero of="/srv/models/$model/model.onnx" bs=1k seek=1000 count=1000 conv=notrunc status=none
start
ok 'with a model that does not answer it never says READY' becomes ActiveState failed
ok 'and says why' sh -c "nsenter -t $init -a journalctl --no-pager -u $unit | grep -q 'copy the bundle again'"
cp "$work/good.yaml" "$container/etc/edge-cls/config.yaml"
ok 'mended, it starts' start
rm "$container/etc/edge-cls/credentials/door"
printf 'streams: []\n' >"$container/etc/edge-cls/config.yaml"
ok 'starts without any credential' inside systemctl restart "$unit"
inside rm /usr/local/bin/edge-cls
ok 'install again changes nothing but what is missing' sh -c "nsenter -t $init -a '$program/bin/edge-cls' install | grep -E '^done +(file|directory)' | grep -qv /usr/local/bin/edge-cls && exit 1 || exit 0"
ok 'and then nothing' again

. test/systemd/debian.sh

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
