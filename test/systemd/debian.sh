# The Debian package through its life. Sourced by run.sh, in whose container an archive was installed before.
# shellcheck shell=bash
dpkg_says() { inside env DEBIAN_FRONTEND=noninteractive dpkg "$@" >"$work/dpkg" 2>&1 || { cat "$work/dpkg"; return 1; }; }
both() { "$1" && "$2"; }
config=$container/etc/edge-cls/config.yaml
state=/var/lib/private/edge-cls/kept

inside systemctl stop "$unit"
ok 'the Debian package installs over an archive' dpkg_says --install /srv/old.deb
ok 'and says that the unit from before is used' grep -q 'of an earlier "edge-cls install" is used' "$work/dpkg"
ok 'it can be purged' dpkg_says --purge edge-cls
# All that `edge-cls install` made goes, for a box that has seen none.
inside rm -rf /etc/edge-cls /etc/sysusers.d/edge-cls.conf /etc/tmpfiles.d/edge-cls.conf /usr/local/bin/edge-cls \
  "/etc/systemd/system/$unit" /etc/systemd/system/edge-cls-adapt@.service /etc/systemd/system/edge-cls-adapt@.timer
inside sed -i '/^render:/d' /etc/group
inside sed -i '/^render:/d' /etc/gshadow
inside systemctl daemon-reload

runs_version() { # within 60 s
  for _ in $(seq 120); do api /metrics | grep '^edge_cls_build_info' | grep -q "version=\"$1\"" && return 0; sleep 0.5; done
  api /metrics | grep build_info
  return 1
}
inactive() { is ActiveState inactive; }
disabled() { [ "$(inside systemctl is-enabled "$unit")" = disabled ]; }
ok 'the Debian package installs' dpkg_says --install /srv/old.deb
ok 'it brings the groups' has_groups
ok 'it brings a configuration' test -s "$config"
ok 'credentials are for root only' test "$(stat -c %a "$container/etc/edge-cls/credentials")" = 700
ok 'it neither enables nor starts the service' both disabled inactive
needless() { ! inside edge-cls install >"$work/install" 2>&1 && grep -q 'There is nothing to install' "$work/install"; }
ok 'edge-cls install says that there is nothing to do' needless

printf 'pa!ss\n' >"$container/etc/edge-cls/credentials/door"
cp "$work/good.yaml" "$config"
inside systemctl enable --quiet "$unit"
ok 'the service of the package starts' start
ok 'its stream is live' live
ok 'it is the older version' runs_version 0.0.1
inside sh -c "echo mine >$state"
pid=$(main_pid)
ok 'upgrade' dpkg_says --install /srv/new.deb
ok 'the service runs on with the new program' runs_version "$version"
ok 'in another process' test "$(main_pid)" != "$pid"
ok 'its stream is live again' live
kept() {
  cmp "$work/good.yaml" "$config" && [ "$(cat "$container/etc/edge-cls/credentials/door")" = 'pa!ss' ] &&
    [ "$(inside cat "$state")" = mine ]
}
ok 'an upgrade keeps configuration, credentials and state' kept
ok 'and that it is enabled' inside systemctl is-enabled --quiet "$unit"
inside systemctl stop "$unit"
ok 'an upgrade from there' dpkg_says --install /srv/new.deb
ok 'leaves a stopped service stopped' inactive

ok 'it starts again' start
ok 'its stream is live before it is removed' live
# One that is left alone crashes when its files are gone: what counts is that systemd stopped it.
stops() { inside journalctl --no-pager -u "$unit" | grep -c 'Stopped edge-cls.service'; }
stopped_before=$(stops)
pid=$(main_pid)
ok 'remove' dpkg_says --remove edge-cls
ok 'it stops the service' test "$(stops)" -eq $((stopped_before + 1))
gone() { ! inside test -e "/proc/$pid" -o -e /usr/lib/edge-cls -o -e /usr/bin/edge-cls; }
ok 'it leaves no process and no program' gone
ok 'but configuration, credentials and state' kept
ok 'it installs again' dpkg_says --install /srv/new.deb
ok 'with what was there' kept
ok 'purge' dpkg_says --purge edge-cls
left() { inside find /etc /usr/bin /usr/lib /usr/share /var/lib /var/cache -xdev -name '*edge-cls*' -not -path "/etc/systemd/system/$unit.d*"; }
clean() { [ -z "$(left)" ] || { left; return 1; }; }
ok 'it leaves nothing' clean
