# adaptbench: `make help` lists the targets.
SYSTEM  ?= hybrid
PROFILE ?= quick
PACK    ?= default
RESULTS ?= results
POLICY  ?= default
PYTHON  ?= python3
BIN     := .venv/bin
READY   := .venv/.ready
JUDGE   := .venv-judge/.ready
AXE     := 4.14.1
AXE_SHA512 := FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==
REFERENCE := always_abstain constant_decline copy_greeting copy_top3 copy_top_passage extractive oracle base rag finetuned hybrid

.DEFAULT_GOAL := help
.PHONY: help setup browser judge-env judge-constraints eval test test-fast lint train leaderboard report reference docs cost constraints hashes sbom fuzz clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'
	@echo "  variables: SYSTEM=$(SYSTEM) PROFILE=$(PROFILE) PACK=$(PACK) RESULTS=$(RESULTS)"

setup: $(READY) ## Create .venv, install the pinned packages, fetch the default model and embedder
	@$(BIN)/adaptbench models fetch

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	@rm -rf adaptbench.egg-info # a stale one hides the entry points of this version
	$(BIN)/python -m pip install --quiet --quiet --no-compile --constraint constraints.txt torch --editable '.[dev]'
	@touch $@

eval: setup ## Run SYSTEM on all suites of PACK and print the leaderboard
	$(BIN)/adaptbench run $(SYSTEM) --profile $(PROFILE) --pack $(PACK) --results $(RESULTS)

train: setup ## Train the adapter that SYSTEM needs (default: both families')
	$(BIN)/adaptbench train $(if $(filter command line,$(origin SYSTEM)),$(SYSTEM),finetuned hybrid) --pack $(PACK)

leaderboard: $(READY) ## Rebuild results/leaderboard.{json,csv,md} from the stored runs
	$(BIN)/adaptbench leaderboard --results $(RESULTS)

report: $(READY) ## Write report.html from the stored runs
	$(BIN)/adaptbench report --results $(RESULTS) --out report.html

gate: $(READY) ## Decide whether the run CANDIDATE may replace the run BASELINE under POLICY
	$(BIN)/adaptbench gate --candidate $(CANDIDATE) --baseline $(BASELINE) --policy $(POLICY) --results $(RESULTS)

browser: .cache/axe-core-$(AXE)/axe.min.js ## Install what the tests of the report need: Chromium, axe-core
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 || { echo "install chromium with your system's packages, or deselect its tests: pytest -m 'not browser'"; exit 1; }; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; }

judge-env: $(JUDGE) ## Create .venv-judge with ragas, which needs other versions than .venv holds

$(JUDGE): constraints-judge.txt
	$(PYTHON) -m venv .venv-judge
	.venv-judge/bin/python -m pip install --quiet --quiet --no-compile --no-deps --requirement constraints-judge.txt
	@touch $@

.cache/axe-core-$(AXE)/axe.min.js:
	@mkdir -p $(@D)
	@cd $(@D) && npm pack --silent axe-core@$(AXE) >/dev/null && test "$$(openssl dgst -sha512 -binary axe-core-$(AXE).tgz | base64 -w0)" = "$(AXE_SHA512)" && tar xzf axe-core-$(AXE).tgz --strip-components=1 package/axe.min.js && touch axe.min.js

test: setup browser judge-env ## Run all tests (about 10 minutes on 2 cores)
	$(BIN)/python -m pytest -n auto

test-fast: $(READY) ## Run the tests that need no model, browser, cluster, second environment or real time (2 minutes)
	$(BIN)/python -m pytest -n auto -m 'not real and not slow and not browser and not cluster and not environment'

lint: $(READY) ## Formatter, linter, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(READY) ## Build the documentation into build/site; a broken link or a warning is an error
	$(BIN)/python -m pip install --quiet --quiet --no-compile --constraint constraints.txt --editable '.[docs]'
	$(BIN)/python -m mkdocs build --strict --site-dir build/site

reference: setup ## Make the committed reference runs and leaderboard again (about an hour on 2 cores)
	@for system in $(REFERENCE); do \
	  $(BIN)/adaptbench run $$system --profile standard --results results/reference || exit; done

cost: $(READY) ## Regenerate the table and figure of docs/cost.md from the reference runs
	$(BIN)/adaptbench cost base rag finetuned hybrid --results results/reference --api-tokens rag --date 2026-11-01 \
	  --compare openai:gpt-4o-mini,openai:gpt-5,anthropic:claude-opus-5-5 --parameters 134515008 --training-hours 0.19 --queries 100000 --reindex-seconds 33 \
	  --finance docs/finance.toml --document docs/cost.md --plot docs/cost.svg

hashes: $(READY) ## Write constraints-hashed.txt for this platform and Python: pip install --require-hashes -r it
	@$(BIN)/python -m pip install --quiet --dry-run --ignore-installed --no-deps --requirement constraints.txt --report .report.json
	@$(BIN)/python -c "import json; [print(i['metadata']['name'] + '==' + i['metadata']['version'], '--hash=sha256:' + i['download_info']['archive_info']['hashes']['sha256']) for i in json.load(open('.report.json'))['install']]" > constraints-hashed.txt
	@rm .report.json

sbom: $(READY) ## Write sbom.json: what is installed, as CycloneDX
	@$(PYTHON) -m venv .venv-sbom && .venv-sbom/bin/pip install --quiet cyclonedx-bom==7.5.0 && .venv-sbom/bin/cyclonedx-py environment $(BIN)/python --output-file sbom.json; rm -rf .venv-sbom

fuzz: $(READY) ## Fuzz every reader for half an hour
	$(BIN)/python -m scripts.fuzz --minutes 30

constraints: ## Pin what is installed now
	@{ head -n 1 constraints.txt; $(BIN)/pip freeze --exclude-editable --exclude adaptbench | sed 's/+cpu$$//'; } > .constraints && mv .constraints constraints.txt

judge-constraints: ## Resolve and pin what ragas needs now
	@$(PYTHON) -m venv --clear .venv-judge && .venv-judge/bin/python -m pip install --quiet 'ragas==0.4.3' 'langchain-community==0.4.1' 'instructor>=1.17' 'rapidfuzz>=3.14'
	@{ head -n 1 constraints-judge.txt; .venv-judge/bin/python -m pip freeze; } > .constraints && mv .constraints constraints-judge.txt

clean: ## Remove the environments and local runs (keeps the reference leaderboard and the model cache)
	rm -rf .venv .venv-judge build *.egg-info results/runs
