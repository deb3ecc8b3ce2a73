# The engine's life: a network namespace without a way out, and a daemon in it with folders and a socket of its own.
# Two engines in one network namespace would rewrite each other's packet filter.
# shellcheck shell=bash disable=SC2154 # home, bin, log, run: from scripts/modern-engine; engine: here, for engine.sh

namespace=longshore-modern
engine=unix://$run/docker.sock

# It is entered by nsenter: `ip netns exec` would hide the machine's cgroups.
make_namespace() {
  [ ! -e "/run/netns/$namespace" ] || return 0
  ip netns add "$namespace"
  ip -n "$namespace" link set lo up
  # An interface and a route, as an engine expects of a machine; the other end is here too, and nothing leaves.
  ip -n "$namespace" link add eth0 type veth peer name nowhere
  ip -n "$namespace" addr add 10.99.0.2/24 dev eth0
  ip -n "$namespace" link set eth0 up
  ip -n "$namespace" link set nowhere up
  ip -n "$namespace" route add default via 10.99.0.1
}

daemon_pid() {
  local pid
  pid=$(cat "$run/docker.pid" 2>/dev/null) && [ "$(readlink "/proc/$pid/exe")" = "$bin/dockerd" ] && echo "$pid"
}

start() {
  engine_answers && return
  build
  mkdir -p "$run"
  make_namespace
  forget_stale_pid "$run/docker.pid" dockerd
  forget_stale_pid "$run/exec/containerd/containerd.pid" containerd
  [ -f "$home/daemon.json" ] || echo '{}' >"$home/daemon.json" # and not the machine's
  # Without our lock: it outlives this script.
  PATH=$bin:$PATH nsenter --net="/run/netns/$namespace" setsid "$bin/dockerd" -H "$engine" --pidfile "$run/docker.pid" \
    --config-file "$home/daemon.json" --data-root "$home/data" --exec-root "$run/exec" \
    </dev/null >"$log/dockerd.log" 2>&1 9>&- &
  wait_for_engine 60 || die "dockerd was started and does not answer: $(tail -n 5 "$log/dockerd.log")"
}

stop() {
  local pid
  pid=$(daemon_pid) || return 0
  kill "$pid"
  for _ in $(seq 300); do
    [ -d "/proc/$pid" ] || return 0
    sleep 0.1
  done
  die "dockerd ($pid) does not end: $(tail -n 3 "$log/dockerd.log")"
}

wipe() {
  if engine_answers; then
    docker -H "$engine" ps -aq | xargs -r docker -H "$engine" rm -f >/dev/null
  fi
  stop
  awk -v a="$home/data/" -v b="$run/" 'index($2, a) == 1 || index($2, b) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
  ip netns del "$namespace" 2>/dev/null || true
  rm -rf "$home/data" "$run"
}
