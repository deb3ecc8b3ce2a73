# How the scripts talk to the engine: straight to its socket, which takes milliseconds, or through the docker client
# where that would need certificates or ssh. Sourced after lib.sh.
# shellcheck shell=bash

default_engine=unix:///var/run/docker.sock

# DOCKER_HOST, else the client's current context, else the default socket: the order of the docker client.
find_engine() {
  engine=${DOCKER_HOST:-}
  [ -z "$engine" ] || return 0
  local config=${DOCKER_CONFIG:-$HOME/.docker}/config.json
  if { [ -n "${DOCKER_CONTEXT:-}" ] || grep -q '"currentContext"' "$config" 2>/dev/null; } && have docker; then
    engine=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || engine=
  fi
  engine=${engine:-$default_engine}
}

engine_is_plain() {
  case $engine in
    unix://*) have curl ;;
    tcp://*) have curl && [ -z "${DOCKER_TLS_VERIFY:-}${DOCKER_CERT_PATH:-}" ] && [ "$engine" = "${DOCKER_HOST:-}" ] ;;
    *) return 1 ;;
  esac
}

# engine_request PATH [curl options]
engine_request() {
  local path=$1
  shift
  case $engine in
    unix://*) curl -sS --fail --unix-socket "${engine#unix://}" "$@" "http://docker$path" ;;
    tcp://*) curl -sS --fail --noproxy '*' "$@" "http://${engine#tcp://}$path" ;;
  esac
}

engine_answers() {
  if engine_is_plain; then
    [ "$(engine_request /_ping --max-time 3 2>/dev/null)" = OK ]
  else
    have docker && docker version --format '{{.Server.Version}}' >/dev/null 2>&1
  fi
}

# For people: `20.10.24 (API 1.41, cgroup v1, overlay2) at unix:///var/run/docker.sock`.
engine_name() {
  if engine_is_plain; then
    local info
    info=$(engine_request /info)
    said() { printf %s "$info" | grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }
    local api
    api=$(engine_request /_ping -o /dev/null -D - | tr -d '\r' | sed -n 's/^[Aa]pi-[Vv]ersion: //p')
    echo "$(said ServerVersion) (API $api, cgroup v$(said CgroupVersion), $(said Driver)) at $engine"
  else
    docker version --format "{{.Server.Version}} (API {{.Server.APIVersion}}) at $engine"
  fi
}

# wait_for_engine SECONDS
wait_for_engine() {
  local end=$((SECONDS + $1))
  until engine_answers; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.1
  done
}

# forget_stale_pid FILE PROGRAM: a daemon that was killed leaves its number, and the next one waits for, or refuses, whoever
# has that number now.
forget_stale_pid() {
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 0
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] || as_root rm -f "$1"
}
