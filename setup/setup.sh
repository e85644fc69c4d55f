#!/bin/sh
# Downloads one version of assay, verifies it and puts it on the PATH of the
# steps that follow. Everything comes by environment:
#
#   ASSAY_VERSION   e.g. 0.3.0; empty: the newest release
#   ASSAY_SHA256    of the program; empty: as the release's checksums.txt says
#   ASSAY_RELEASES  base address of releases; empty: the project's own
#   ASSAY_FACES     true: cml and dvc (and cml's old names) are linked, too
#   ASSAY_BIN       folder to put it in; empty: one of the runner's
set -eu

releases=${ASSAY_RELEASES:-https://github.com/assay-ml/assay/releases}
case $(uname -s) in Linux) os=linux ;; Darwin) os=darwin ;; *) echo "setup: no release for $(uname -s)" >&2; exit 3 ;; esac
case $(uname -m) in x86_64 | amd64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;; *) echo "setup: no release for $(uname -m)" >&2; exit 3 ;; esac
name=assay_${os}_$arch
if [ -n "${ASSAY_VERSION:-}" ]; then from=$releases/download/v${ASSAY_VERSION#v}; else from=$releases/latest/download; fi

bin=${ASSAY_BIN:-${RUNNER_TEMP:-${TMPDIR:-/tmp}}/assay-bin}
mkdir -p "$bin"
new=$(mktemp -d "$bin/new.XXXXXX")
trap 'rm -rf "$new"' EXIT

# A mirror in one's own network may be plain HTTP; what comes is verified.
get() { curl --fail --silent --show-error --location --retry 3 --output "$2" "$1"; }

get "$from/$name" "$new/assay" || { echo "setup: $from/$name cannot be had" >&2; exit 3; }
want=${ASSAY_SHA256:-}
if [ -z "$want" ]; then
  get "$from/checksums.txt" "$new/checksums.txt" || { echo "setup: $from/checksums.txt cannot be had" >&2; exit 3; }
  want=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\$/\1/p" "$new/checksums.txt")
fi
if command -v sha256sum >/dev/null; then have=$(sha256sum "$new/assay"); else have=$(shasum -a 256 "$new/assay"); fi
have=${have%% *}
if [ -z "$want" ] || [ "$have" != "$want" ]; then
  echo "setup: $from/$name has the checksum $have, not ${want:-one that checksums.txt names}: it is not used" >&2
  exit 1
fi
chmod +x "$new/assay"
mv "$new/assay" "$bin/assay"
if [ "${ASSAY_FACES:-}" = true ]; then
  for face in cml cml-send-comment cml-publish cml-send-github-check cml-pr cml-tensorboard-dev cml-runner dvc; do ln -sf assay "$bin/$face"; done
fi
if [ -n "${GITHUB_PATH:-}" ]; then echo "$bin" >>"$GITHUB_PATH"; fi
"$bin/assay" version
