# VirusMap. `make help` lists the targets.
SHELL := /bin/bash
BIN   := $(CURDIR)/bin
TOOLS := $(BIN)/tools
GO    := go

.DEFAULT_GOAL := help
.PHONY: help setup build web tools generate lint test unit fuzz system test-web test-clients sim-trust sim-economy test-market bench bench-lookups demo demo-stop clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what the system needs (Debian packages)
	scripts/setup.sh

build: web ## build vmtd, supernode and virusmap into bin/
	$(GO) build -o $(BIN)/ ./cmd/...

web: web/dist/index.html ## build the web app into web/dist

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && npm ci
	@touch $@

# The build comes anew when a source is newer than what was built.
web/dist/index.html: web/node_modules/.package-lock.json web/index.html $(wildcard web/*.ts web/*.js web/*.json) \
		$(shell find web/src web/public web/vite -type f 2>/dev/null)
	cd web && npm run --silent build

tools: ## build the pinned development tools into bin/tools
	cd tools && $(GO) build -o $(TOOLS)/ tool
	# Both versions of the plugin have one name: v1 is the chain's, v2 the supernode API's.
	cd tools && $(GO) build -o $(TOOLS)/protoc-gen-grpc-gateway-v2 github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway

generate: tools ## generate Go code and OpenAPI from proto/
	scripts/generate.sh

lint: tools web/node_modules/.package-lock.json ## check formatting, vet, static analysis, protos and generated code
	scripts/lint.sh

test: setup lint unit system ## run everything: lint, unit, keeper, fuzz seeds, simulation, system, browser and clients

unit: web ## run the tests beside the code
	cd web && npm run --silent check && npm run --silent test
	# What runs in parallel mostly waits: for a chain's blocks, and for what hangs.
	$(GO) test -parallel 4 -timeout 20m $$($(GO) list ./... | grep -v /tests/)

system: build ## run the tests that start real processes
	VIRUSMAP_BIN=$(BIN) $(GO) test -timeout 60m -count=1 ./tests/...

test-web: setup build ## have a browser do what people do with the page, and keep the pictures in docs/screenshots/
	@set -o pipefail; VIRUSMAP_BIN=$(BIN) WEB_SHOTS=$(CURDIR)/docs/screenshots \
		$(GO) test -count=1 -timeout 20m -v -run '^TestWeb' ./tests/system | grep -v '^=== '

test-clients: setup build ## run VirusTotal's own clients, unmodified, against a running node
	@set -o pipefail; VIRUSMAP_BIN=$(BIN) $(GO) test -count=1 -timeout 20m -v -run '^TestClients' ./tests/system | grep -v '^=== '

sim-trust: ## simulate selfish and hostile operators on the real keepers
	@set -o pipefail; $(GO) test -count=1 -timeout 40m -v ./sim/trust | grep -v '^=== '

sim-economy: ## simulate earning, honestly and not, and draw docs/economics/
	@mkdir -p docs/economics
	@set -o pipefail; ECONOMY_PLOTS=$(CURDIR)/docs/economics ECONOMY_BLOCKS=100000 \
		$(GO) test -count=1 -timeout 60m -v ./sim/economy | grep -v '^=== '

test-market: setup build ## trade for VMT on real processes and in simulation, and print what came of it
	@set -o pipefail; ECONOMY_PLOTS=$(CURDIR)/docs/economics \
		$(GO) test -count=1 -timeout 20m -v ./sim/market | grep -v '^=== '
	@set -o pipefail; VIRUSMAP_BIN=$(BIN) MARKET_ORDERS=200 MARKET_KILLS=50 \
		$(GO) test -count=1 -timeout 40m -v -run '^TestMarket' ./tests/system | grep -v '^=== '

FUZZTIME ?= 20s
fuzz: ## fuzz every decoder for FUZZTIME each
	scripts/fuzz.sh $(FUZZTIME)

bench-lookups: ## load a million samples into the index of both databases and look reports up over HTTP
	$(GO) test -run "^$$" -bench Lookups -benchtime 1x -timeout 60m ./supernode/gateway

bench: ## measure whole blocks and write docs/bench/
	$(GO) test -run "^$$" -bench LevelA -benchtime 1x -timeout 20m ./bench

demo: setup build ## run the main job on one validator and one supernode
	$(GO) run ./scripts/demo

demo-stop: ## stop what the demo left running
	$(GO) run ./scripts/demo -stop

clean: demo-stop ## remove build products and the demo's data
	rm -rf $(BIN) .build .demo
