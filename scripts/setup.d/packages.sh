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

# The provider's constant text requires "longshore/provider", and a text has no file whose package could be asked.
if [ ! node_modules/longshore -ef . ]; then
  rm -rf node_modules/longshore
  ln -s .. node_modules/longshore
fi
