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
staticcheck ./...
echo "lint: generated code"
scripts/generate.sh --check
echo "lint: protos"
(cd .build/workspace && buf lint --path project)
