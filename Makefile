# scimproof: build, test, and check our own server with our own suites.
# `make` does it all; `make help` lists the targets.

GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -X main.version=$(VERSION)

# Pinned here and not in go.mod: the linter links some two hundred modules.
GOLANGCI_LINT := $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# The fuzz targets of every package run for this long each.
FUZZTIME ?= 10s

.DEFAULT_GOAL := all
.PHONY: all help build test lint conformance faults matrix mutate speed serve docs golden fuzz crash damage linear chaos proof repeat bench cover clean

all: build test conformance ## build, test, and check the reference server (what `make` does)
	@if command -v golangci-lint >/dev/null 2>&1; then golangci-lint run; else echo "golangci-lint is not installed: make lint builds and runs the pinned one"; fi

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/scimproof
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/scimproof ./cmd/scimproof

test: ## run all tests with the race detector, and the fault matrix without; container tests skip where no engine answers
	$(GO) test -race -timeout 25m ./...
	$(GO) test ./reference-server/fault

lint: ## run the pinned golangci-lint (its first build takes about a minute)
	$(GOLANGCI_LINT) run

conformance: build ## check the embedded reference server; the report is conformance-report/index.html
	bin/scimproof check

faults: build ## list the faults, then judge those checks that each must fail and a sixteenth of the others
	bin/scimproof list --faults
	$(GO) test ./reference-server/fault -run TestMatrix -count=1 -v

matrix: ## judge every check against every fault (for a nightly run: two to ten minutes)
	$(GO) test ./reference-server/fault -run TestMatrix -count=1 -v -timeout 1h -full

# make mutate SAMPLE=0 judges all of them: about half an hour on two cores.
SAMPLE ?= 150

mutate: ## change the engine's filters, PATCH and projection in SAMPLE places (150), one at a time, and count what the checks notice
	$(GO) run ./internal/mutate -sample $(SAMPLE)

speed: ## measure the whole catalogue and the quick checks against the embedded server, then with 50 ms of latency
	$(GO) test ./suites/ginkgosuite -run '^TestSpeed$$' -count=1 -v -speed-jobs 2 -limit 8s
	$(GO) test ./suites/ginkgosuite -run '^TestSpeed$$' -count=1 -v -latency 50ms -limit 60s

serve: build ## run the reference server on 127.0.0.1:8080
	bin/scimproof serve

docs: build ## regenerate docs/checks.md and docs/coverage.md from the catalogue, docs/requirements.md, docs/evidence.md and docs/commands
	bin/scimproof list --format md >docs/checks.md.new
	mv docs/checks.md.new docs/checks.md
	bin/scimproof list --coverage=rows --format md >docs/coverage.md.new
	mv docs/coverage.md.new docs/coverage.md
	$(GO) run ./internal/answers >docs/requirements.md.new
	mv docs/requirements.md.new docs/requirements.md
	$(GO) test ./cmd/scimproof -run '^(TestEvidencePage|TestCommandPages)$$' -count=1 -update

# Of the fault matrix, that is the rows of new faults, new checks in all rows, and
# what today's part of the others shows; FULL=-full judges everything again.
golden: ## rewrite golden files from what the code does now; read the diff
	$(GO) test $$(grep -rlE --include='*_test.go' 'flag\.Bool\("update"' . | xargs -r -n1 dirname | sort -u) -update
ifdef FULL
	$(GO) test ./reference-server/fault -run TestMatrix -count=1 -timeout 1h -update -full
endif

fuzz: ## run each fuzz target for FUZZTIME (10s)
	@grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed 's/:func /:/' | while IFS=: read -r file name; do \
		echo "== $$name"; $(GO) test "$$(dirname "$$file")" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) || exit 1; done

KILLS ?= 200

crash: ## kill a process that writes to a SQLite store KILLS times (200), and look for what it had acknowledged
	$(GO) test ./reference-server/store/sqlite -run '^TestKill$$' -count=1 -v -timeout 3h -kills $(KILLS)

# make damage EVERY=1 takes about a quarter of an hour.
EVERY ?= 53

damage: ## flip and cut a small SQLite store in its header and at every EVERYth byte (53; 1: at each), and look for a silent loss
	$(GO) test ./reference-server/store/sqlite -run '^TestEveryByte$$' -count=1 -v -timeout 3h -every $(EVERY)

linear: ## judge 201 histories of 2,000 requests by 16 clients: members, If-Match, one userName
	$(GO) test ./reference-server -run '^TestHistoriesAreLinearizable$$' -count=1 -v -timeout 1h -histories 67 -writers 16 -moves 125

INTERRUPTS ?= 500
ROUNDS     ?= 50

proof: ## put every verb in front of every hostile provider, interrupt INTERRUPTS runs (500), let runs meet ROUNDS times (50); docs/safety.md says what for
	$(GO) test ./internal/hostile -count=1 -v -timeout 3h -parallel 16 -whole -interrupts $(INTERRUPTS) -rounds $(ROUNDS)

REPEATS ?= 30

repeat: ## run all checks REPEATS times (30) with one seed against embedded servers; the reports differ in times alone
	$(GO) test ./cmd/scimproof -run '^TestSeedRepeatsARun$$' -count=1 -v -timeout 3h -repeat-all -repeats $(REPEATS)

chaos: ## send 10,000 requests with chaos on and 10,000 with it off, and count what came
	$(GO) test ./reference-server/admin -run '^TestChaosComesAsOftenAsItSays$$' -count=1 -v

bench: ## measure the reference server against a bare handler (docs/performance.md says how to read it)
	$(GO) run ./internal/bench $(BENCHFLAGS)

microbench: ## run the benchmarks of all packages
	$(GO) test -run '^$$' -bench . -benchmem ./...

cover: ## measure test coverage; the profile is cover.out
	$(GO) test -coverpkg=./... -coverprofile=cover.out ./...
	$(GO) tool cover -func=cover.out | tail -n 1

clean: ## remove what the other targets made
	rm -rf bin conformance-report cover.out
