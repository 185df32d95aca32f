# Sextant. `make` prints this help. `make run` and `make test` set up what they need.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export CGO_ENABLED := 0
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)

help: ## Print this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: assets ## Build bin/sextant
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/sextant ./cmd/sextant

assets: node_modules/.package-lock.json ## Bundle style, script and font for the pages
	npm run --silent build

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund --silent --ignore-scripts

run: build ## Build and start on 127.0.0.1:8080 with SQLite and files in ./data
	./bin/sextant serve --data ./data --listen 127.0.0.1:8080

demo: build ## Make a company with a year of history in a fresh folder and serve it on 127.0.0.1:8080
	./bin/sextant demo --listen 127.0.0.1:8080

test: ## Set up PostgreSQL, moto and Chromium where possible, then run every test
	build/test

bench: assets ## Measure against the budgets and write docs/bench.md
	go run ./bench

lint: ## Formatting, vet, generated code, structure
	build/lint

generate: ## Generate page code from the .templ files
	go tool templ generate -path internal/server/web

pictures: build ## Photograph every page of the demo into pictures/, light and dark, wide and narrow
	go run ./build/pictures

fuzz: ## Fuzz every parser of foreign bytes for a short while
	build/fuzz

.PHONY: help build assets run demo test bench lint generate pictures fuzz
