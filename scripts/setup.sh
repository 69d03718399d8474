#!/usr/bin/env bash
# Installs the Debian packages the system needs and checks the Go and Node.js toolchains.
# Safe to run again: it does nothing when everything is there.
set -euo pipefail

packages=(gcc libc6-dev clamav-daemon clamav-testfiles ssdeep tlsh-tools postgresql-15 chromium fonts-wqy-zenhei
  python3-virustotal-api p7zip-full jq curl unzip)

command -v go >/dev/null || { echo "setup: Go is missing; install Go 1.26.5 or newer from https://go.dev/dl/" >&2; exit 1; }
node=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')
if [ "${node:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
  echo "setup: the web app is built by Node.js 20.19 or newer with npm, found ${node:+version $node}${node:-none}; see https://nodejs.org/" >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run as root, or install: ${missing[*]}" >&2; exit 1; }
  sudo=sudo
fi
echo "setup: installing ${missing[*]}"
$sudo apt-get update -qq
# ClamAV runs under the supernode, never as a system service of its own. Tests make their own
# PostgreSQL clusters, so that the package need not make one.
no_cluster=/etc/postgresql-common/createcluster.d/virusmap.conf
$sudo mkdir -p "${no_cluster%/*}"
echo 'create_main_cluster = false' | $sudo tee "$no_cluster" >/dev/null
$sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
$sudo rm "$no_cluster"
