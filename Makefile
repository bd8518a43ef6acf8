# Targets describe themselves: the text after ## is what `make help` prints.
.DEFAULT_GOAL := help
SHELL := bash
CARGO ?= cargo
URL ?=
OUT ?= out

.PHONY: help run test check bench services fleet fmt

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Brief the sample company, or any web site: make run URL=https://…
	$(CARGO) run --quiet --package assay -- $(if $(URL),run company '$(URL)',demo) --out '$(OUT)'

test: services nextest ## Run every test (starts the services they need)
	$(CARGO) build --workspace --bins
	$(CARGO) nextest run --workspace --no-fail-fast

check: ## Format, lints, licences and advisories, file hygiene
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- --deny warnings
	./deploy/dev/hygiene.sh

bench: ## Measure; figures and raw data go to benches/
	./benches/run.sh

services: ## Find or start PostgreSQL, RabbitMQ and Redis
	./deploy/dev/services.sh

fleet: services ## Run every process on local services, with one log
	$(CARGO) build --quiet --workspace --bins
	./deploy/dev/fleet.sh

fmt: ## Format the code
	$(CARGO) fmt --all

.PHONY: nextest
nextest:
	@$(CARGO) nextest --version >/dev/null 2>&1 || $(CARGO) install --locked --quiet cargo-nextest
