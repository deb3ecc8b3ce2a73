# node_modules as package-lock.json says. A copy of that file inside is the stamp.
# shellcheck shell=bash disable=SC2154

stamp=node_modules/.longshore-lock
if ! cmp -s package-lock.json "$stamp"; then
  # npm writes this file last, so a newer one means that somebody has just run `npm install`.
  if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
    say "packages: node_modules is missing or not what package-lock.json says; npm ci"
    # Tests and CLI are devDependencies: wanted whatever NODE_ENV says.
    npm ci --include=dev --no-audit --no-fund --loglevel=error >"$cache/npm.log" 2>&1 ||
      die "npm ci failed: $(tail -n 5 "$cache/npm.log")"
  fi
  cp package-lock.json "$stamp"
fi

# Pulumi's docker packages, for tests alone: in node_modules they would have Pulumi look for a plugin (docs/adr/0007).
docker_packages=tests/packages/pulumi-docker
if ! cmp -s "$docker_packages/package-lock.json" "$docker_packages/node_modules/.longshore-lock"; then
  say "packages: $docker_packages; npm ci"
  npm ci --prefix "$docker_packages" --no-audit --no-fund --loglevel=error >"$cache/npm.log" 2>&1 ||
    die "npm ci in $docker_packages failed: $(tail -n 5 "$cache/npm.log")"
  cp "$docker_packages/package-lock.json" "$docker_packages/node_modules/.longshore-lock"
fi

# The provider's constant text requires "longshore/provider", and a text has no file whose package could be asked.
if [ ! node_modules/longshore -ef . ]; then
  rm -rf node_modules/longshore
  ln -s .. node_modules/longshore
fi
