# Everything a newcomer needs: `make book`, `make notebooks`, `make site`, `make test`, `make bench`, `make serve`, `make clean`.
# Each sets up what it needs the first time, in .venv, and reuses it the next.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BOOK_READY := $(VENV)/book-ready
TEST_READY := $(VENV)/test-ready
PORT ?= 8000
SEEDS ?= 1 11 21 31 41
REMOTE ?= origin

# Threads of PyTorch that wait let others work after a moment. By default they spin for long, which
# is many times slower as soon as anything else runs on the machine.
export GOMP_SPINCOUNT ?= 10000

# What is installed is locked, to the hash. Empty: the newest versions that pyproject.toml allows.
LOCKED ?= yes
install := $(BIN)/python -m pip install --quiet --disable-pip-version-check
locked = $(install) --no-deps --require-hashes -r locks/$(1).txt
# PyTorch's builds for GPUs ask for libraries of CUDA, its CPU builds do not.
for_gpus := grep -qsE '^Requires-Dist: (nvidia|cuda)' $(VENV)/lib/python*/site-packages/torch-*.dist-info/METADATA
ifeq ($(LOCKED),yes)
# A CPU build of PyTorch is enough, and it is small: it goes first, where pip is set up to find one.
install_book := { $(call locked,cpu) >/dev/null 2>&1 || true; } && $(call locked,book) && { ! $(for_gpus) || $(call locked,cuda); } && $(install) --no-deps --no-build-isolation -e .
else
install_book := $(install) --upgrade -e '.[book]'
endif

# Chapters are executed in another folder than this one, so a folder named from here is made absolute.
absolute = case "$$$(1)" in ""|/*) ;; *) export $(1)="$$PWD/$$$(1)";; esac

comma := ,

define build
echo "Looking for the data."; \
$(call absolute,DESCENT_DATA_DIR); $(call absolute,DESCENT_CACHE_DIR); \
dataset=$$($(BIN)/python -m descent.data) || exit 1; \
echo "$(1) A chapter whose code or data changed is executed."; \
DESCENT_DATASET=$$dataset $(BIN)/python -m livepage.build $(or $(3),.) $(2)
endef

.DEFAULT_GOAL := help
.PHONY: help book notebooks site test bench serve clean browser audit notebooks-branch publish-notebooks
.PHONY: night claims mutants links check-links report-links lock newest reproducible report-newest audit-dependencies
.DELETE_ON_ERROR:

help: ## say what there is to do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

book: $(BOOK_READY) ## build the book into _build/html, and its notebooks
	@$(call build,Building the book and its notebooks.,--all)

notebooks: $(BOOK_READY) ## write notebooks for students and instructors into _build/notebooks
	@$(call build,Writing a notebook for each chapter with code.,--notebooks)

site: $(TEST_READY) browser ## build all that is published: the book, its notebooks, its PDF
	@$(call build,Building the book$(comma) its notebooks and its PDF.,--all --pdf)

test: $(TEST_READY) site ## run all tests, those of the built pages too
	@echo "Checking style."
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory audit
	@echo "Checking that the packages import each other only as they may."
	@$(BIN)/lint-imports
	@echo "Running the tests."
	@$(BIN)/python -m pytest -n logical --maxprocesses 4 --dist loadfile -m "not quiet"
	@echo "Running those that need the machine to themselves."
	@$(BIN)/python -m pytest -m quiet

# What takes hours runs at night. It watches no clock, so it shares the machine.
night: $(TEST_READY) ## try 10,000 wrong inputs of each public function
	@$(BIN)/python -m pytest -n logical --dist worksteal --hypothesis-profile night tests/descent/inputs tests/livepage/test_inputs.py

claims: notebooks $(TEST_READY) ## run all chapters with other SEEDS, and say which claims fail
	@echo "Looking for the data."; \
	$(call absolute,DESCENT_DATA_DIR); $(call absolute,DESCENT_CACHE_DIR); \
	export DESCENT_DATASET=$$($(BIN)/python -m descent.data); \
	test "$$DESCENT_DATASET" || exit 1; \
	echo "Running all chapters with the seeds $(SEEDS)."; \
	$(BIN)/python -m tests.claims $(SEEDS)

mutants: $(TEST_READY) ## change each line of the numerics, and tell which changes no test finds
	@rm -rf _build/mutants && git clone --quiet . _build/mutants
	@$(BIN)/python -m tests.mutants _build/mutants

# Only MNIST is large enough to time.
bench: $(TEST_READY) ## measure what is fast, against what, into the README; and the build
	@echo "Looking for the data."; \
	$(call absolute,DESCENT_DATA_DIR); $(call absolute,DESCENT_CACHE_DIR); \
	export DESCENT_DATASET=mnist; $(BIN)/python -m descent.data >/dev/null || exit 1; \
	echo "Measuring. This takes a quarter of an hour. Leave the machine alone meanwhile."; \
	$(BIN)/python -m benchmarks --readme README.md && $(BIN)/python -m benchmarks.build && \
	$(MAKE) --no-print-directory site && $(BIN)/python -m benchmarks.pages

browser: $(TEST_READY)
	@$(BIN)/python -m livepage.browser

audit: $(TEST_READY)
	@echo "Checking the workflows."
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(BIN)/zizmor --offline --quiet --persona=pedantic .github

reproducible: book ## build the last commit once more, in another folder, and say what differs
	@rm -rf _build/again && git clone --quiet . _build/again
	@export PYTHONPATH="$$PWD/_build/again/src"; \
	$(call build,Building the last commit once more.,--all,_build/again)
	@$(BIN)/python -m livepage.execution.measured _build/html _build/again/_build/html

notebooks-branch: book ## put together what the branch of the notebooks holds
	@$(BIN)/python -m livepage.publishing.branch gather

# It needs nothing but Python and git, so that nothing else runs where writing is allowed.
publish-notebooks: ## push that to the branch "notebooks" of REMOTE=origin
	@PYTHONPATH=src $(PYTHON) -m livepage.publishing.branch push --remote "$(REMOTE)"

links: book ## list the links that lead out of the book in _build/links.json
	@$(BIN)/python -m livepage.publishing.links list

check-links: links ## ask for each of them, and say which are dead
	@$(BIN)/python -m livepage.publishing.links check

# Like what publishes, it needs nothing but Python.
report-links: ## open, update or close the issue about dead links, in GITHUB_REPOSITORY
	@PYTHONPATH=src $(PYTHON) -m livepage.publishing.links report

newest: ## build the book with the newest versions that pyproject.toml allows, installed in _build
	@rm -f _build/newest/book-ready
	@$(MAKE) --no-print-directory book VENV=_build/newest LOCKED=

report-newest: ## open or close the issue about OUTCOME of that, in GITHUB_REPOSITORY
	@PYTHONPATH=src $(PYTHON) -m livepage.publishing.issues newest "$(OUTCOME)"

lock: $(TEST_READY) ## write what is installed, with hashes, into locks/, after a pin has changed
	@$(BIN)/python locks/write.py

audit-dependencies: $(TEST_READY) ## ask whether a known hole is in what is installed
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r locks/book.txt -r locks/cuda.txt -r locks/tests.txt
	@PATH="$$PWD/$(BIN):$$PATH" $(BIN)/npm audit --package-lock-only
	@PATH="$$PWD/$(BIN):$$PATH" $(BIN)/npm audit --package-lock-only --prefix tests

serve: ## show the built book at http://localhost:8000
	@test -f _build/html/index.html || $(MAKE) book
	@echo "The book is at http://localhost:$(PORT). Stop with Ctrl-C."
	@$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

clean: ## remove all that was built and installed here
	rm -rf _build $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -prune -exec rm -rf {} +
	rm -rf src/*.egg-info
	@echo "Clean. The downloaded data stay in the cache of your home folder."

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "This needs Python 3.11 or later. Install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "This needs Python 3.11 or later, but $(PYTHON) is $$($(PYTHON) -V). Name another: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Making an environment in $(VENV)."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python could not make an environment. On Debian or Ubuntu: apt install python3-venv"; exit 1; }

$(BOOK_READY): locks/book.txt locks/cpu.txt locks/cuda.txt pyproject.toml package.json package-lock.json | $(BIN)/python
	@echo "Installing what the book is built with. The first time this takes some minutes."
	@$(install_book) || { echo "The installation failed; pip's message is above. Is the network there? Then run the same command again."; exit 1; }
	@cp package.json package-lock.json $(VENV)
	@PATH="$$PWD/$(BIN):$$PATH" $(BIN)/npm ci --prefix $(VENV) --silent --no-audit --no-fund --ignore-scripts || { echo "What sets the formulas and bundles what pages load could not be installed; npm's message is above. Is the network there? Then run the same command again."; exit 1; }
	@touch $@

$(TEST_READY): locks/tests.txt tests/package.json tests/package-lock.json $(BOOK_READY)
	@echo "Installing what the PDF and the tests need."
	@$(call locked,tests) || { echo "The installation failed; pip's message is above. Is the network there? Then run the same command again."; exit 1; }
	@mkdir -p $(VENV)/tests && cp tests/package.json tests/package-lock.json $(VENV)/tests
	@PATH="$$PWD/$(BIN):$$PATH" $(BIN)/npm ci --prefix $(VENV)/tests --silent --no-audit --no-fund --ignore-scripts || { echo "What measures and validates the pages could not be installed; npm's message is above. Is the network there? Then run the same command again."; exit 1; }
	@touch $@
