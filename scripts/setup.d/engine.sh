# A Docker engine: any that answers; else, on Debian and Ubuntu, the distribution's, started here.
# shellcheck shell=bash disable=SC2154

. scripts/engine.sh

start_engine() {
  if [ -d /run/systemd/system ]; then
    as_root systemctl start docker
  else
    forget_stale_pid /var/run/docker.pid dockerd
    forget_stale_pid /var/run/docker/containerd/containerd.pid containerd
    # In a session of its own and with nothing of ours open: it outlives this script and holds nobody's pipe.
    local group=()
    [ "$(id -u)" = 0 ] || group=(--group "$(id -gn)") # else only root and the group `docker` may open its socket
    as_root setsid dockerd -H "$default_engine" ${group[@]+"${group[@]}"} </dev/null >"$cache/dockerd.log" 2>&1 &
  fi
  wait_for_engine 120 || die "dockerd was started and does not answer: $(tail -n 5 "$cache/dockerd.log" 2>/dev/null)"
  cp /var/run/docker.pid "$cache/dockerd.pid" 2>/dev/null || true
}

find_engine
if ! engine_answers; then
  socket=${engine#unix://}
  if [ -S "$socket" ] && [ ! -w "$socket" ]; then
    die "engine: $socket may not be opened by $(id -un); join its group: sudo usermod -aG docker $(id -un)"
  elif [ "$engine" != "$default_engine" ]; then
    die "engine: none answers at $engine; start it, or unset DOCKER_HOST (docker context use default)"
  elif have dockerd && have iptables && can_be_root; then
    say "engine: none answers; starting dockerd (log: .longshore/dockerd.log)"
  elif can_apt; then
    say "engine: none answers; installing docker.io by apt and starting dockerd (log: .longshore/dockerd.log)"
    apt_install docker.io iptables busybox-static ca-certificates curl
    hash -r
  else
    die "engine: none answers at $engine; start Docker (Docker Desktop, colima, systemctl start docker) or set DOCKER_HOST"
  fi
  # A package may start its daemon as it is installed.
  engine_answers || start_engine
fi
