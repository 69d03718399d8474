#!/usr/bin/env bash
# Checks formatting, vet, static analysis, the protos and the generated code.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/bin/tools:$PATH

sources() { git ls-files --cached --others --exclude-standard '*.go' | grep -vE '\.pb(\.gw)?\.go$'; }

echo "lint: gofumpt"
unformatted=$(sources | xargs -r gofumpt -l)
[ -z "$unformatted" ] || { echo "not formatted (gofumpt -w):"; echo "$unformatted"; exit 1; }
echo "lint: vet"
go vet ./...
echo "lint: staticcheck"
# The generated REST gateways use deprecated calls that only their generator could change.
findings=$(staticcheck ./... | grep -v '\.pb\.gw\.go:' || true)
[ -z "$findings" ] || { echo "$findings"; exit 1; }
echo "lint: generated code"
scripts/generate.sh --check
web/scripts/generate.sh --check
echo "lint: protos"
(cd .build/workspace && buf lint project)
