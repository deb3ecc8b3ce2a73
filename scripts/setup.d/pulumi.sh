# Pulumi's CLI where the npm package `pulumi` looks for it: the official release, or, where that is out of reach,
# the same version built from Go modules, together with our two small plugins (a release has its own).
# shellcheck shell=bash disable=SC2154

pulumi_bin=$PULUMI_HOME/versions/$PULUMI_VERSION/bin

if [ ! -x "$pulumi_bin/pulumi" ]; then
  say "Pulumi: CLI $PULUMI_VERSION is missing; trying the official release"
  release=$PULUMI_HOME/versions/.release.part # on the same disk, so that mv puts it there at once
  mkdir -p "$PULUMI_HOME/versions/$PULUMI_VERSION"
  if NODE_USE_ENV_PROXY=1 node tools/pulumi/download.cjs "$release" >"$cache/pulumi-download.log" 2>&1; then
    rm -rf "$pulumi_bin"
    mv "$release/bin" "$pulumi_bin"
    rm -rf "$release"
  else
    have go || die "the release is out of reach ($(tail -n 1 "$cache/pulumi-download.log")), and there is no Go to build it"
    grep -q "pulumi/pkg/v3 v$PULUMI_VERSION " tools/pulumi/go.mod || die "package.json and tools/pulumi/go.mod name different versions"
    say "Pulumi: out of reach; building it from Go modules, which takes 3 to 9 minutes the first time"
    mkdir -p "$pulumi_bin"
    rm -f "$cache"/pulumi-build.*
    (
      cd tools/pulumi || exit
      # Beside its final place, so that mv swaps it in at once.
      go build -v -mod=readonly -trimpath -buildvcs=false \
        -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$PULUMI_VERSION" \
        -o "$pulumi_bin/.pulumi.part" github.com/pulumi/pulumi/pkg/v3/cmd/pulumi
    ) >"$cache/pulumi-build.log" 2>&1 </dev/null &
    build=$!
    seconds=0
    while kill -0 "$build" 2>/dev/null; do
      sleep 1
      seconds=$((seconds + 1))
      if [ $((seconds % 30)) -eq 0 ]; then
        # -v prints a line for each package compiled: some 1700 from an empty cache, after some 250 modules.
        modules=$(grep -c '^go: ' "$cache/pulumi-build.log" || true)
        packages=$(grep -cv '^go: ' "$cache/pulumi-build.log" || true)
        say "Pulumi: … ${seconds} s, $modules modules fetched, $packages packages compiled"
      fi
    done
    wait "$build" || die "building Pulumi failed: $(tail -n 5 "$cache/pulumi-build.log")"
    mv "$pulumi_bin/.pulumi.part" "$pulumi_bin/pulumi"
    say "Pulumi: built in $seconds s"
  fi
fi

# A release has the hosts of all languages beside it.
if [ ! -e "$pulumi_bin/pulumi-language-go" ]; then
  for plugin in leave-with-cli.cjs pulumi-language-nodejs pulumi-resource-pulumi-nodejs; do
    if ! cmp -s "tools/pulumi/bin/$plugin" "$pulumi_bin/$plugin"; then
      say "Pulumi: putting $plugin beside the CLI"
      cp "tools/pulumi/bin/$plugin" "$pulumi_bin/.$plugin.part"
      chmod 755 "$pulumi_bin/.$plugin.part"
      mv "$pulumi_bin/.$plugin.part" "$pulumi_bin/$plugin"
    fi
  done
fi
