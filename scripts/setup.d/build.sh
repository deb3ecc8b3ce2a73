# dist/, which programs and the provider's process load. Folders are looked at too: removing a file changes them.
# shellcheck shell=bash disable=SC2154

stamp=dist/.built
sources=()
for source in provider constructs cli policy tsconfig.json tsconfig.build.json package.json; do
  [ ! -e "$source" ] || sources+=("$source")
done
if [ ! -e "$stamp" ] || [ -n "$(find "${sources[@]}" -newer "$stamp" -print | head -n 1)" ]; then
  say "build: a source is newer than dist/; npm run build"
  touch "$cache/build-began" # not the end: what changes while tsc runs is not in the build
  npm run --silent build >&2 || die "the build failed"
  mkdir -p dist
  mv "$cache/build-began" "$stamp"
fi
