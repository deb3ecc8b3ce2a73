# The images of examples and tests, made here from one static busybox: no registry, no builder.
# shellcheck shell=bash disable=SC2154 # engine: from engine.sh

# One stamp for each engine: what one of them has says nothing of another.
stamp=$cache/images.stamp
[ "$engine" = "$default_engine" ] || stamp=$cache/images.$(printf %s "$engine" | tr -c '[:alnum:]' _).stamp
tags=$(sed -n 's/^.*tag: "\([^"]*\)".*$/\1/p' scripts/images.cjs)
if cmp -s scripts/images.cjs "$stamp"; then
  if engine_is_plain; then
    present=$(engine_request /images/json)
  else
    present=$(docker image ls --format '"{{.Repository}}:{{.Tag}}"')
  fi
  missing=
  for tag in $tags; do
    case $present in *"\"$tag\""*) ;; *) missing="$missing $tag" ;; esac
  done
else
  missing=$tags # images.cjs has changed: what the engine has may be old
fi

if [ -n "$missing" ]; then
  # shellcheck disable=SC2116,SC2086 # on one line
  say "images: loading $(echo $missing)"
  busybox=$(command -v busybox || true)
  if ! node scripts/images.cjs --is-static "$busybox"; then
    if can_apt; then
      apt_install busybox-static
      hash -r
      busybox=$(command -v busybox)
    elif have docker; then
      # No Linux machine, for example: take it out of a public image.
      busybox=$cache/busybox
      container=$(docker create busybox:1.36-musl) || die "no static busybox here, and busybox:1.36-musl cannot be pulled"
      docker cp "$container:/bin/busybox" "$busybox" >/dev/null
      docker rm "$container" >/dev/null
    fi
    node scripts/images.cjs --is-static "$busybox" || die "images: a static busybox is needed (package busybox-static)"
  fi
  archive=$cache/images.tar
  # shellcheck disable=SC2086 # one word per tag
  node scripts/images.cjs "$busybox" "$archive" $missing
  if engine_is_plain; then
    # The engine can say 200 first and fail later, in the stream.
    answer=$(engine_request '/images/load?quiet=1' --data-binary "@$archive" -H 'Content-Type: application/x-tar')
    case $answer in *'"error"'*) die "images: $answer" ;; esac
  else
    docker load -q -i "$archive" >/dev/null
  fi
  rm -f "$archive"
  cp scripts/images.cjs "$stamp"
fi
