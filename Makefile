# Vitrine. Two commands on a Debian machine with Go and Node do everything: make run, make test.

SHELL       := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

VERSION     := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
BIN         := bin/vitrine
TOOLS       := bin/tools/minio bin/tools/versitygw bin/tools/gotosocial bin/tools/golangci-lint bin/tools/deadcode bin/tools/promtool bin/tools/nginx test/pds/node_modules/.installed test/twitter-text/node_modules/.installed

PORTAL      := web/portal
PORTAL_MADE := $(PORTAL)/src/api/schema.d.ts $(PORTAL)/src/i18n/paraglide/% $(PORTAL)/src/api/generated/descriptors.ts
PORTAL_SRC  := $(filter-out $(PORTAL_MADE),$(shell find $(PORTAL)/src $(PORTAL)/messages $(PORTAL)/public $(PORTAL)/project.inlang/settings.json -type f 2>/dev/null)) \
               docs/search.md dam/asset.go dam/event_types.go dam/format.go search/fields.go $(wildcard tools/descriptors/*.go) $(wildcard $(PORTAL)/*.json $(PORTAL)/*.ts $(PORTAL)/*.html $(PORTAL)/*.mjs)

# The engine on libvips is built where pkg-config finds it; looked up anew in each recipe, for setup may have installed it.
export GOFLAGS = $(shell pkg-config --exists vips libwebp 2>/dev/null && echo -tags=vips)

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-zA-Z_%-]+:.*## / { sub(/%/, "NAME", $$1); printf "  make %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: setup-run build ## build what changed and serve http://127.0.0.1:8080 with data under ./data
	exec $(BIN) serve --data ./data

.PHONY: dev
dev: setup-run portal-stub $(PORTAL)/node_modules/.installed ## portal and server with hot reload on http://127.0.0.1:5173
	@scripts/dev

.PHONY: build
build: portal ## build bin/vitrine with the portal inside
	@mkdir -p bin
	go build -ldflags '-X vitrine/cmd/vitrine/cli.version=$(VERSION)' -o $(BIN) ./cmd/vitrine

.PHONY: portal
portal: $(PORTAL)/dist/index.html ## build the web portal, only when its sources changed

$(PORTAL)/node_modules/.installed: $(PORTAL)/package-lock.json
	cd $(PORTAL) && npm ci --no-audit --no-fund
	@touch $@

$(PORTAL)/dist/index.html: $(PORTAL)/node_modules/.installed $(PORTAL_SRC)
	cd $(PORTAL) && npm run build
	@touch $@

.PHONY: test
test: ## everything, as CI runs it
	@scripts/test

.PHONY: test-unit
test-unit: portal-stub ## the tests that need no service and no Debian package, on SQLite
	@scripts/test unit

.PHONY: test-quick
test-quick: ## the inner loop: vet and the tests of every package but the end-to-end ones
	@scripts/test quick

# With SHARD=I/N only the Ith of N shares of 1,680 kills, 1,440 faults of S3 and the corpus of files runs; begun again it
# goes on where it stopped.
.PHONY: soak
soak: setup tools build ## the long tests (an hour and more), or with SHARD=I/N a share of kills, faults of S3 and files
ifdef SHARD
	VITRINE_SHARD=$(SHARD) go test -count=1 -timeout 12h -run 'TestKillPoints|TestS3Faults|TestCorpus' ./test/e2e/...
else
	VITRINE_SOAK=1 go test -count=1 -p 1 -timeout 240m ./test/e2e/... ./storage/... ./search/bleve ./publishers/plugin ./publishers/social/mastodon ./dam/rendition/convert ./cmd/vitrine
endif

.PHONY: fuzz
fuzz: setup ## run each fuzz target for FUZZTIME (a minute); what one finds is added to its corpus
	@scripts/fuzz

.PHONY: soak-report
soak-report: ## add up what the shards of `make soak SHARD=I/N` have found on this commit
	go run ./test/soak/report

.PHONY: screenshot
screenshot: setup build ## draw the picture of the portal that README shows
	VITRINE_README=docs/images/portal.png scripts/test-portal readme

.PHONY: bench
bench: setup tools ## run every benchmark and write docs/benchmarks.json and docs/benchmarks.md
	go run ./test/bench

bench-%: setup tools ## run the benchmarks whose names begin with NAME
	go run ./test/bench $*

.PHONY: lint
lint: bin/tools/golangci-lint bin/tools/deadcode portal-stub $(PORTAL)/node_modules/.installed ## golangci-lint, dead code, import directions, ESLint and Prettier of the portal
	bin/tools/golangci-lint run ./...
	@# Without libvips what only its engine uses would look dead.
	@[ -z "$$GOFLAGS" ] || { dead=$$(bin/tools/deadcode -tags vips -test ./...) && [ -z "$$dead" ] || { echo "nothing uses:" "$$dead"; exit 1; }; }
	go test ./test/architecture
	cd $(PORTAL) && npm run lint

.PHONY: tools
tools: $(TOOLS) ## build the pinned tools and install the servers that tests and lint need

bin/tools/minio: tools/minio/go.mod tools/minio/go.sum
	go build -C tools/minio -o ../../$@ github.com/minio/minio

bin/tools/versitygw: tools/versitygw/go.mod tools/versitygw/go.sum
	go build -C tools/versitygw -o ../../$@ github.com/versity/versitygw/cmd/versitygw

# A real server with Mastodon's API for its channel's tests. Its pages are in its module, sign-in's among them.
bin/tools/gotosocial: tools/gotosocial/go.mod tools/gotosocial/go.sum
	go build -C tools/gotosocial -o ../../$@ github.com/superseriousbusiness/gotosocial/cmd/gotosocial
	rm -rf $@-web && mkdir $@-web
	cp -r "$$(go list -C tools/gotosocial -m -f '{{.Dir}}' github.com/superseriousbusiness/gotosocial)"/web/[at]* $@-web
	chmod -R u+w $@-web
	@touch $@

# A real Bluesky server for its channel's tests; SQLite in it is compiled where no binary can be fetched.
test/pds/node_modules/.installed: test/pds/package-lock.json
	cd test/pds && npm ci --no-audit --no-fund
	@touch $@

# X's own counting of characters, the independent reader of its channel's tests.
test/twitter-text/node_modules/.installed: test/twitter-text/package-lock.json
	cd test/twitter-text && npm ci --no-audit --no-fund
	@touch $@

# Prometheus' checker of rules, and the proxy of packaging/compose: the programs without their services.
bin/tools/promtool: scripts/unpack
	scripts/unpack prometheus usr/bin/promtool $@

bin/tools/nginx: scripts/unpack
	scripts/unpack nginx usr/sbin/nginx $@

bin/tools/golangci-lint: tools/lint/go.mod tools/lint/go.sum
	go build -C tools/lint -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/tools/deadcode: tools/lint/go.mod tools/lint/go.sum
	go build -C tools/lint -o ../../$@ golang.org/x/tools/cmd/deadcode

.PHONY: setup
setup: ## check Go and Node, install (or name) the Debian packages that the tests need
	@scripts/setup test

.PHONY: setup-run
setup-run:
	@scripts/setup run

# A checkout without the built portal must still compile: the folder that is embedded has to exist.
.PHONY: portal-stub
portal-stub:
	@mkdir -p $(PORTAL)/dist && touch $(PORTAL)/dist/.gitkeep

.PHONY: clean
clean: ## remove what was built; ./data and the Go build cache stay
	rm -rf bin $(PORTAL)/node_modules $(PORTAL)/src/i18n/paraglide $(PORTAL)/src/api/schema.d.ts
	find $(PORTAL)/dist -mindepth 1 ! -name .gitkeep -delete
