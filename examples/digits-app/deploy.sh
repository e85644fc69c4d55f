#!/bin/sh
# Brings this folder to where it runs: here, a folder of the runner's machine
# that a service serves. Put your own way here.
set -eu
to=${DEPLOY_DIR:-$HOME/digits-app}
mkdir -p "$to"
rm -rf "$to.new"
mkdir "$to.new"
cp -R app.py strokes.py page model "$to.new"
rm -rf "$to.old"
mv "$to" "$to.old"
mv "$to.new" "$to"
echo "deployed to $to"
