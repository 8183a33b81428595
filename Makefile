# Every target says what it does: run `make` or `make help`.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.installed
TEST := .venv/.installed-for-tests
LANG_OF_PROSE ?= en
LOCKING := --universal --python-version 3.11 --fork-strategy requires-python --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet

.PHONY: help report data test test-long check lab bench recover lock readme picture messages glossary dictionary api clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

report: $(RUN) data ## Set up, make the synthetic province, run the plan, build reports/site
	$(BIN)/analysis build

data: $(RUN) ## Make the synthetic province in data/synthetic, unless it is there
	@$(BIN)/analysis simulate --if-missing

test: $(TEST) data ## Run all tests but the long ones
	$(BIN)/python -m pytest -m "not long" -n 2 --dist loadfile --no-loadscope-reorder

test-long: $(TEST) data ## Run the long tests too
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(TEST) ## Lint, formatting and types, notebooks without outputs, and the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/nbstripout --keep-id --verify notebooks/*.ipynb
	$(MAKE) test

lab: $(RUN) data ## Open JupyterLab on the notebooks; `make lab LANG_OF_PROSE=vi` on a Vietnamese working copy
	$(BIN)/analysis lab --lang $(LANG_OF_PROSE)

bench: $(TEST) ## Compare with peers: ratios of CPU time and memory, never absolute times
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/emulation.py

recover: $(TEST) ## Are planted truths recovered, and deceptions refused: some hours of simulated provinces
	$(BIN)/python benchmarks/trials.py
	$(BIN)/python benchmarks/estimators.py
	$(BIN)/python benchmarks/verdict.py
	$(BIN)/python benchmarks/projection.py
	$(BIN)/python benchmarks/online.py
	$(BIN)/python benchmarks/access.py
	$(BIN)/python benchmarks/equality.py
	$(BIN)/python benchmarks/variation.py

lock: $(TEST) ## Resolve the dependencies anew into both locks, with hashes, for Python 3.11 to 3.13
	$(BIN)/uv pip compile pyproject.toml --extra build $(LOCKING) --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra cluster --extra test --constraint requirements.lock $(LOCKING) --output-file requirements-test.lock

readme: $(RUN) ## Write what was found into README.md and METHODS.md, from the released rows of the last report
	$(BIN)/python -m analysis.publishing.pages.readme

picture: report ## Take the picture of a page that README.md shows, with the Chromium of this machine
	mkdir -p docs
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1100,1180 --screenshot=docs/page.png \
		"file://$(CURDIR)/reports/site/en/promotion-effect.html" 2>/dev/null
	$(BIN)/python -c "from PIL import Image; Image.open('docs/page.png').convert('P', palette=Image.ADAPTIVE, colors=64).save('docs/page.png', optimize=True)"

messages: $(RUN) ## Bring locale/*.po in step with the messages of the code, new ones untranslated
	$(BIN)/python -m analysis.translate

glossary: $(RUN) ## Write GLOSSARY.md from data/reference/glossary.yml
	$(BIN)/python -m analysis.publishing.pages.glossary

dictionary: $(RUN) ## Write data/README.md from the contract
	$(BIN)/python -m analysis.registry.dictionary

api: $(RUN) ## Write docs/API.md from the docstrings of the public functions
	$(BIN)/python -m analysis.publishing.pages.api

clean: ## Remove runs, site and synthetic data; keep the environment
	rm -rf reports data/synthetic .hypothesis build src/*.egg-info/ .ruff_cache

$(RUN): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.11 to 3.13 is needed; $(PYTHON) is $$($(PYTHON) --version). Give another: make PYTHON=python3.12"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(RUN)

$(TEST): requirements-test.lock $(RUN)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-test.lock
	@touch $(TEST)
