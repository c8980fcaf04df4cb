# The two commands of every day are `make run` (the whole system on this machine) and `make test`.
# They need Python, make and a package registry: uv itself is fetched when it is not on the PATH.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run sam-local invoke test prove check api-key logs sample-logs costs bench restored-tables requirements \
	openapi client cli-page clean

# No report about its use leaves this machine.
export SAM_CLI_TELEMETRY := 0

UV := $(or $(shell command -v uv),.local/uv/bin/uv)
# Makes or updates .venv first, where the lock file asks for it.
RUN := $(UV) run --locked
SUITES := unit services functions client faults prove dynamodb_local template typescript local_cloud browser \
	sam_local
REQUIREMENTS := layers/common/requirements.txt
# Only what ships: no development tools and no project. Hashes are left out because pip would
# then refuse a layer built for another platform than the one that locked it.
EXPORT := $(UV) export --locked --quiet --no-dev --no-emit-project --no-hashes --no-annotate \
	--no-header

.local/uv/bin/uv:
	python3 -m venv .local/uv
	.local/uv/bin/python -m pip install --quiet --disable-pip-version-check uv

# These use the package that the layer ships, to speak to the stores as the functions do.
run sam-local invoke costs prove bench openapi: export PYTHONPATH := $(CURDIR)/layers/common

help: ## Say what can be made.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: requirements | $(UV) ## Run everything on this machine; Ctrl-C stops it.
	@$(RUN) python -m tools.local_cloud

sam-local: requirements | $(UV) ## Serve the same API from containers, by sam local; needs Docker.
	@$(RUN) python -m tools.sam_local start-api

invoke: requirements | $(UV) ## Invoke a function in a container: make invoke FUNCTION=run_billing [EVENT=file]
	@$(RUN) python -m tools.sam_local invoke "$(FUNCTION)" $(EVENT)

test: | $(UV) ## Run every suite of tests and say how many tests each one ran.
	@$(RUN) python -m tools.run_suites $(SUITES)

prove: | $(UV) ## Explore flows side by side under faults: make prove [SECONDS=600] [SEED=1] [REPLAY='line']
	@$(RUN) python -m tools.prove --seconds $(or $(SECONDS),600) --processes $(or $(PROCESSES),2) \
		--seed $(or $(SEED),1) $(if $(REPLAY),--replay '$(REPLAY)')

check: | $(UV) ## Check format, lint, types, direction of imports, template, API and lock file.
	$(UV) lock --check
	@$(EXPORT) | diff -u $(REQUIREMENTS) - || { echo "run 'make requirements'"; exit 1; }
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	PYTHONPATH=layers/common $(RUN) lint-imports --no-cache
	$(RUN) statelint functions/workflows/dunning.asl.json
	$(RUN) cfn-lint template.yaml detailed-alarms.yaml docs/examples/deploy-roles.yaml
	$(RUN) sam validate --lint
	$(RUN) python -m tools.template_scan
	$(RUN) openapi-spec-validator docs/openapi.json

requirements: | $(UV) ## Export what the layer ships from the lock file.
	@$(EXPORT) --output-file $(REQUIREMENTS) > /dev/null

openapi: | $(UV) ## Write docs/openapi.json: the description of the API as it is served.
	@$(RUN) python -m tools.openapi

client: | $(UV) ## Write what of the client follows from docs/openapi.json.
	@$(RUN) python -m tools.client_code

cli-page: | $(UV) ## Write docs/cli.md from the command that it is about.
	@$(RUN) python -m tools.cli_page

# Without --stack the keys are those of the local cloud, whose table and address its file names.
api-key: | $(UV) ## Create, list and revoke API keys: make api-key ARGS=--help says how.
	@$(if $(findstring --stack,$(ARGS)),,[ ! -f .local/env ] || . .local/env;) $(RUN) billing keys $(ARGS)

logs: | $(UV) ## Have the local cloud read a log file: make logs FILE=.local/sample-logs.ndjson
	@[ ! -f .local/env ] || . .local/env; $(RUN) billing logs upload "$(FILE)" --read

sample-logs: | $(UV) ## Write .local/sample-logs.ndjson: 10,000 lines of 10 customers.
	@$(RUN) python -m tools.sample_logs .local/sample-logs.ndjson

costs: | $(UV) ## Print the tables of docs/costs.md.
	@$(RUN) python -m tools.costs

bench: requirements | $(UV) ## Measure starts and CPU, and write docs/benchmarks.md: make bench [AGAINST=revision]
	@$(RUN) python -m tools.bench $(if $(AGAINST),--against $(AGAINST))

restored-tables: | $(UV) ## Prepare the import of restored tables; docs/operations.md says how.
	@$(RUN) python -m ops.restored_tables "$(ACCOUNTS)" "$(LEDGER)" "$(USAGE)"

vendor: | $(UV) ## Make the console's third-party files again, as functions/console/vendor pins them.
	@$(RUN) python -m tools.vendor

clean: ## Remove everything that can be made again, the state of the local cloud included.
	rm -rf .venv .local .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
