# adaptbench: `make help` lists the targets.
SYSTEM  ?= hybrid
PROFILE ?= quick
PACK    ?= default
RESULTS ?= results
PYTHON  ?= python3
BIN     := .venv/bin
READY   := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup eval test lint train leaderboard reference constraints clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'
	@echo "  variables: SYSTEM=$(SYSTEM) PROFILE=$(PROFILE) PACK=$(PACK) RESULTS=$(RESULTS)"

setup: $(READY) ## Create .venv, install the pinned packages, fetch the default model and embedder
	@$(BIN)/adaptbench models fetch

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch --editable '.[dev]'
	@touch $@

eval: setup ## Run SYSTEM on all suites of PACK and print the leaderboard
	$(BIN)/adaptbench run $(SYSTEM) --profile $(PROFILE) --pack $(PACK) --results $(RESULTS)

train: setup ## Train the adapter that SYSTEM needs (default: both families')
	$(BIN)/adaptbench train $(if $(filter command line,$(origin SYSTEM)),$(SYSTEM),finetuned hybrid) --pack $(PACK)

leaderboard: $(READY) ## Rebuild results/leaderboard.{json,csv,md} from the stored runs
	$(BIN)/adaptbench leaderboard --results $(RESULTS)

test: setup ## Run the tests
	$(BIN)/python -m pytest

lint: $(READY) ## Formatter, linter, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

constraints: ## Pin what is installed now
	@{ head -n 1 constraints.txt; $(BIN)/pip freeze --exclude-editable --exclude adaptbench | sed 's/+cpu$$//'; } > .constraints && mv .constraints constraints.txt

clean: ## Remove the environment and local runs (keeps the reference leaderboard and the model cache)
	rm -rf .venv build *.egg-info results/runs
