# A real systemd, booted in a container over this machine's own files. Sourced by run.sh.
#
# Nothing of the machine is written to: its root is the lower layer of an overlay whose upper
# layer is in memory. `container_start` sets $container (the files) and $init (its process 1);
# the checkout lies at $package there, where the sandbox of the service sees it wherever it lies here.
package=/opt/edge-cls

container_missing() {
  [ "$(id -u)" -eq 0 ] || { echo 'needs root'; return; }
  local program
  for program in systemd-nspawn nsenter node curl ffmpeg; do
    command -v "$program" >/dev/null || { echo "needs the program $program"; return; }
  done
  [ -x /lib/systemd/systemd ] || { echo 'needs systemd itself'; return; }
  /usr/bin/python3 -c "import gi; gi.require_version('GstRtspServer', '1.0')" 2>/dev/null ||
    { echo 'needs a camera: the Debian packages gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-good gstreamer1.0-plugins-bad'; return; }
  # A sandbox may give root and forbid this.
  unshare --mount sh -c 'd=$(mktemp -d) && trap "umount -R $d; rmdir $d" EXIT && mount -t tmpfs trial "$d" && mkdir "$d/upper" "$d/work" "$d/root" &&
    mount -t overlay -o "lowerdir=/,upperdir=$d/upper,workdir=$d/work" trial "$d/root"' 2>/dev/null ||
    echo 'needs a machine that lets root mount an overlay'
}

container_start() {
  work=$(mktemp -d)
  mount -t tmpfs -o size=1g edge-cls-test "$work"
  mkdir "$work/upper" "$work/work" "$work/root"
  mount -t overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" edge-cls-test "$work/root" ||
    return 1
  container=$work/root
  # Only what is tested starts.
  rm -f "$container"/etc/systemd/system/*.wants/*
  systemd-nspawn --quiet --register=no --keep-unit -D "$container" -b --link-journal=no --console=read-only \
    --private-network --bind-ro="$PWD:$package" --machine="edge-cls-test-$$" </dev/null >"$work/console" 2>&1 &
  nspawn=$!
  local state
  for _ in $(seq 150); do
    init=$(pgrep -P "$nspawn" -x systemd | head -n 1)
    # Units of the machine that fail in a container make it "degraded", with exit status 1: it has booted.
    state=$([ -z "$init" ] || inside systemctl is-system-running 2>/dev/null)
    case $state in running | degraded) return 0 ;; esac
    kill -0 "$nspawn" 2>/dev/null || break
    sleep 0.2
  done
  cat "$work/console"
  return 1
}

inside() { nsenter -t "$init" -a "$@"; }

container_stop() {
  if [ -n "${init:-}" ]; then kill -s RTMIN+4 "$init" 2>/dev/null; fi
  if [ -n "${nspawn:-}" ]; then
    for _ in $(seq 50); do kill -0 "$nspawn" 2>/dev/null || break; sleep 0.2; done
    kill -9 "$nspawn" 2>/dev/null
    wait "$nspawn" 2>/dev/null
  fi
  [ -z "${work:-}" ] || { umount "$work/root"; umount "$work" && rmdir "$work"; } 2>/dev/null
  return 0
}
