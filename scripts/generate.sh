#!/usr/bin/env bash
# Generates Go code and OpenAPI from proto/, offline: every import comes from the
# Go module cache. Usage: scripts/generate.sh [--check | --workspace]
#   --check      fail when the committed code is not what would be generated
#   --workspace  only collect the protos in .build/workspace, for web/scripts/generate.sh
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
build=$root/.build
export PATH=$root/bin/tools:$PATH

module_dir() { go list -m -f '{{.Dir}}' "$1"; }

# buf only reads modules below its workspace, so the third-party protos are copied there.
collect_imports() {
  local deps=$build/workspace/deps sdk gogo cosmosproto googleapis
  sdk=$(module_dir github.com/cosmos/cosmos-sdk)
  gogo=$(module_dir github.com/cosmos/gogoproto)
  cosmosproto=$(module_dir github.com/cosmos/cosmos-proto)
  googleapis=$(module_dir github.com/grpc-ecosystem/grpc-gateway)/third_party/googleapis
  rm -rf "$build/workspace" "$build/proto" "$build/openapi"
  mkdir -p "$deps" "$build/proto" "$build/openapi"
  cp -r "$sdk"/proto/{cosmos,amino,tendermint} "$deps"
  cp -r "$cosmosproto"/proto/* "$deps"
  mkdir -p "$deps/gogoproto" && cp "$gogo"/gogoproto/gogo.proto "$deps/gogoproto"
  mkdir -p "$deps/google/api" && cp "$googleapis"/google/api/{annotations,http,httpbody}.proto "$deps/google/api"
  chmod -R u+w "$deps"
  cp -r proto/virusmap proto/buf.gen.yaml "$build/workspace"
  mkdir -p "$build/workspace/project" && mv "$build/workspace/virusmap" "$build/workspace/project"
  sed 's|  - path: \.|  - path: project\n  - path: deps|' proto/buf.yaml >"$build/workspace/buf.yaml"
}

generate_go() {
  (cd "$build/workspace" && buf generate --template buf.gen.yaml \
    --path project/virusmap --exclude-path project/virusmap/node)
  # The supernode's own API is no module of the chain: plain Go messages, grpc-gateway v2.
  (cd "$build/workspace" && buf generate --template "$root/proto/buf.gen.node.yaml" --path project/virusmap/node)
  local from=$build/proto/github.com/virusmap/virusmap
  (cd "$from" && find . -name '*.pb*.go') | while read -r file; do
    mkdir -p "$1/$(dirname "$file")" && cp "$from/$file" "$1/$file"
  done
}

# One description of all REST routes a node serves: the project's and the SDK's; and one of
# the supernode's own API.
generate_openapi() {
  local paths=() module
  for module in bounty market samples supernode verdicts; do
    paths+=(--path "project/virusmap/$module")
  done
  for module in auth authz bank base/node base/tendermint consensus distribution epochs \
    evidence feegrant gov/v1 slashing staking tx upgrade; do
    paths+=(--path "deps/cosmos/$module")
  done
  (cd "$build/workspace" && buf generate --template "$root/proto/buf.gen.openapi.yaml" "${paths[@]}")
  mkdir -p "$1/app/openapi"
  sed -e '0,/"title": ".*"/s//"title": "VirusMap chain REST API"/' \
    -e '0,/"version": ".*"/s//"version": "v1"/' \
    "$build/openapi/chain.swagger.json" >"$1/app/openapi/openapi.json"
  (cd "$build/workspace" && buf generate --template "$root/proto/buf.gen.node.openapi.yaml" --path project/virusmap/node)
  mkdir -p "$1/supernode/gateway/openapi"
  sed -e '0,/"title": ".*"/s//"title": "VirusMap supernode API"/' \
    -e '0,/"version": ".*"/s//"version": "v1"/' \
    "$build/openapi/node.swagger.json" >"$1/supernode/gateway/openapi/node.json"
}

collect_imports
if [ "${1:-}" = --workspace ]; then exit 0; fi
if [ "${1:-}" = --check ]; then
  rm -rf "$build/check"
  generate_go "$build/check"
  generate_openapi "$build/check"
  stale=0
  while read -r file; do
    cmp -s "$build/check/$file" "$root/$file" || { echo "stale: $file (run make generate)"; stale=1; }
  done < <(cd "$build/check" && find . -type f | sort)
  while read -r file; do
    [ -e "$build/check/$file" ] || { echo "left over: $file (run make generate)"; stale=1; }
  done < <(find ./x ./supernode/api -name '*.pb*.go')
  exit $stale
fi
find x supernode/api -name '*.pb*.go' -delete
generate_go "$root"
generate_openapi "$root"
