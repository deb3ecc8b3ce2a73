# The binaries of a current engine, built from Go modules into a folder outside of the checkout; what is there is kept.
# shellcheck shell=bash disable=SC2154 # bin: from scripts/modern-engine

# build_one NAME PACKAGE@VERSION [go install's options]: through a folder of its own, so that what `bin` holds is whole.
build_one() {
  local name=$1 package=$2 begun=$SECONDS
  shift 2
  [ ! -x "$bin/$name" ] || return 0
  say "building $name (${package##*@})"
  # From a folder without a go.mod, and without the caller's flags: the same everywhere.
  (cd "$bin" && GOBIN=$bin/.made GOFLAGS=-mod=mod nice -n 19 go install -trimpath "$@" "$package") >>"$log/build.log" 2>&1 ||
    die "$name could not be built: $(tail -n 5 "$log/build.log")"
  mv "$bin/.made/$name" "$bin/$name"
  say "built $name in $((SECONDS - begun)) s"
}

build_all() {
  local stamp=github.com/moby/moby/v2/dockerversion
  export CGO_ENABLED=0
  build_one dockerd "github.com/moby/moby/v2/cmd/dockerd@$moby" \
    -ldflags "-s -w -X $stamp.Version=$version -X $stamp.GitCommit=$moby"
  build_one docker-proxy "github.com/moby/moby/v2/cmd/docker-proxy@$moby" -ldflags "-s -w"
  build_one containerd "github.com/containerd/containerd/v2/cmd/containerd@$containerd" -ldflags "-s -w"
  build_one containerd-shim-runc-v2 "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2@$containerd" -ldflags "-s -w"
  # Without the tag, runc refuses every container that has the default seccomp profile.
  CGO_ENABLED=1 build_one runc "github.com/opencontainers/runc@$runc" -tags seccomp -ldflags "-s -w"
  rm -rf "$bin/.made"
}

built() {
  local name
  for name in dockerd docker-proxy containerd containerd-shim-runc-v2 runc; do
    [ -x "$bin/$name" ] || return 1
  done
}

build() {
  built && return
  have go || die "Go is needed to build an engine"
  if [ ! -f /usr/include/seccomp.h ] || ! have gcc || ! have pkg-config; then
    can_apt || die "gcc, pkg-config and libseccomp's headers are needed to build runc"
    apt_install gcc libc6-dev libseccomp-dev pkg-config
  fi
  build_all
}
