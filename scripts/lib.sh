# Shared by the scripts; sourced after `root` (the checkout) is known.
# shellcheck shell=bash disable=SC2034,SC2154 # variables come from and go to who sources this
cache=$root/.longshore
say() { printf 'setup: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
can_be_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# Debian and Ubuntu only; the caller has asked can_apt.
can_apt() { have apt-get && can_be_root; }
apt_install() {
  as_root apt-get update -qq >"$cache/apt.log" 2>&1 || say "apt-get update failed, trying with the lists at hand"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>"$cache/apt.log" 2>&1 ||
    die "apt-get install $* failed: $(tail -n 3 "$cache/apt.log")"
}
