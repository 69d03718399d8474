#!/usr/bin/env bash
# Generates src/chain/gen from the protos of the project and of the SDK, offline once
# node_modules and bin/tools are there. Usage: web/scripts/generate.sh [--check]
#   --check  fail when the committed code is not what would be generated
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$PWD
export PATH=$root/web/node_modules/.bin:$root/bin/tools:$PATH

paths=()
for module in bounty market samples supernode verdicts; do
  for file in base tx query; do paths+=(--path "project/virusmap/$module/v1/$file.proto"); done
done
for file in auth/v1beta1/auth auth/v1beta1/query bank/v1beta1/tx bank/v1beta1/query crypto/secp256k1/keys \
  tx/v1beta1/tx tx/v1beta1/service vesting/v1beta1/vesting; do
  paths+=(--path "deps/cosmos/$file.proto")
done

scripts/generate.sh --workspace
out=$root/.build/web-gen
rm -rf "$out"
(cd .build/workspace && buf generate --template "$root/web/buf.gen.yaml" --output "$out" --include-imports "${paths[@]}")
if [ "${1:-}" = --check ]; then
  diff -rq "$out" web/src/chain/gen || { echo "stale: web/src/chain/gen (run npm run generate in web/)"; exit 1; }
  exit 0
fi
rm -rf web/src/chain/gen
mkdir -p web/src/chain
cp -r "$out" web/src/chain/gen
