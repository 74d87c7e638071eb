# One word each; `make help` lists them. Python >= 3.11 and make are all you need.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3.13 python3.12 python3.11 python3
PORT ?= 8080
# Two more than there are cores: tests also wait for things. In each, arithmetic has one thread: others would wait for a core, and burn one while they do.
TESTS_AT_ONCE ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 2 )))
CACHE ?= training/runs/cache
RUN ?= training/runs/latest
STEPS ?= 6000
THIN_STEPS ?= 2500
ROUNDED_STEPS ?= 250
LESION_STEPS ?= 0
N ?=
MINUTES ?=
START ?=
STARTED = $(RUN)/start$(suffix $(START))
TEACHERS ?=
PAPER = $(if $(SIDE),--side $(SIDE)) $(if $(EPOCHS),--epochs $(EPOCHS))
UV := 0.13.9
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --no-strip-extras --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" pyproject.toml

.DELETE_ON_ERROR:
.PHONY: help run test check bench load chaos soak fuzz lock train paper paper-anew trials evaluate has-data has-compiler

help:  ## list these words
	@awk -F ':.*##' '/^[a-z]+:.*##/ {printf "%-10s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

# In the chat page the owner is Mod, the third person that the emulator makes.
run: $(VENV)/installed  ## start the bot: on Telegram with BOT_TOKEN, otherwise in a chat page on this machine
	@if [ -n "$$BOT_TOKEN" ] || grep -qs "^ *BOT_TOKEN *= *[\"']\{0,1\}[^ \"'#]" .env; then \
		exec $(BIN)/python -m bot run; \
	fi; \
	umask 077; export DATA_DIR="$${DATA_DIR:-data/demo}" WEB_PORT="$${WEB_PORT:-0}"; mkdir -p "$$DATA_DIR"; \
	grep -qs "^ *OWNER_IDS *= *[\"']\{0,1\}[^ \"'#]" .env || export OWNER_IDS="$${OWNER_IDS:-500000003}"; \
	exec $(BIN)/python -m emulator --port $(PORT) --state "$$DATA_DIR/emulator.db" -- $(BIN)/python -m bot run

test: $(VENV)/installed-dev  ## run the tests; ARGS go to pytest: ARGS="-k photo", or ARGS=--cov for what no test reaches, in about half as long again
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --quiet --numprocesses=$(TESTS_AT_ONCE) --dist=loadfile --no-loadscope-reorder --durations=15 --durations-min=5 $(ARGS)

check: $(VENV)/installed-dev  ## lint, formatting, types, who may import whom, and known vulnerabilities of what is pinned
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/mypy --no-error-summary
	@contracts=$$($(BIN)/lint-imports --no-logo) || { echo "$$contracts"; exit 1; }
	@$(BIN)/python -m ops.audit requirements.txt requirements-dev.txt

bench: $(VENV)/installed-dev  ## print the benchmarks, write benchmarks/RESULTS.md; all of them: make bench DATA=folder-of-the-data-sets
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks $(DATA) $(ARGS)
	@$(BIN)/python -m benchmarks.queueing

load: $(VENV)/installed-dev  ## measure the whole service under load (minutes; an idle machine), into benchmarks/RESULTS.md; ARGS="--only gateway"
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.load $(ARGS)
	@$(BIN)/python -m benchmarks.queueing

chaos: $(VENV)/installed-dev  ## kill -9 and faults by N random schedules; 1,000 take about an hour; ARGS="--seed 7" plays from that one on, ARGS="--at-once 2" two at a time
	@$(BIN)/python -m benchmarks.chaos $(N) $(ARGS)

soak: $(VENV)/installed-dev  ## an hour of mixed load by 200 people, or MINUTES: memory, errors
	@$(BIN)/python -m benchmarks.soak $(MINUTES) $(ARGS)

fuzz: $(VENV)/installed-dev  ## N mutated updates and files through webhook, emulator and workers
	@$(BIN)/python -m benchmarks.fuzz $(N) $(ARGS)

# By the logs of earlier sittings a step took 2.3 to 7.5 s on two cores: 8,750 of them take 6 to 18 hours. `make train`
# again goes on where it was stopped. What it starts from is kept in RUN: the last commands write models/model.onnx anew,
# which START often is.
train: has-data has-compiler $(CACHE)/lesion_free.sum  ## train for STEPS, from START=model.onnx or the pretrained network, thin for THIN_STEPS, taught by itself and by TEACHERS (checkpoint.pt of others), and for ROUNDED_STEPS with eight bits; lesion.onnx stays, but for LESION_STEPS; then export, calibrate and measure; 6 to 18 hours on two cores: make train DATA=folder-of-the-data-sets
	@mkdir -p $(RUN)
	@$(if $(START),test -e $(STARTED) || { cp $(START) $(STARTED).part && mv $(STARTED).part $(STARTED); })
	@$(if $(START),cmp -s $(START) $(STARTED) || echo "$(RUN) began at $(STARTED) and goes on so: $(START) is another file now; for that one take another RUN")
	@$(BIN)/python -m training.train $(DATA) $(CACHE) $(RUN)/float --steps $(STEPS) $(if $(START),--start $(STARTED))
	@$(MAKE) --no-print-directory $(RUN)/thin.pt
	@$(BIN)/python -m training.train $(DATA) $(CACHE) $(RUN)/thin --start $(RUN)/thin.pt --steps $(THIN_STEPS) --seed 1 --teachers $(RUN)/float/checkpoint.pt $(TEACHERS)
	@$(BIN)/python -m training.train $(DATA) $(CACHE) $(RUN) --start $(RUN)/thin/checkpoint.pt --steps $(ROUNDED_STEPS) --seed 2 --rounded --teachers $(RUN)/thin/checkpoint.pt --taught 10
	@$(BIN)/python -m training.export $(DATA) $(CACHE) $(RUN) models
	@$(BIN)/python -m training.lesions $(DATA) $(CACHE) $(RUN) models --steps $(LESION_STEPS)
	@$(BIN)/python -m training.calibrate $(CACHE) $(RUN) models
	@$(BIN)/python -m training.quality $(DATA) $(CACHE) $(RUN) models
	@$(BIN)/python -m training.calibrate $(CACHE) $(RUN) models
	@$(BIN)/python -m training.views $(DATA) $(CACHE) $(RUN) models
	@if command -v qemu-x86_64 >/dev/null; then $(BIN)/python -m training.processors $(CACHE) $(RUN) models; fi
	@$(MAKE) --no-print-directory evaluate

paper: has-data $(VENV)/installed  ## measure what a split by image is worth, with the settings of papers; a row for each SIDE and EPOCHS
	@$(BIN)/python -m training.paper_rows $(RUN) models $(PAPER) || $(MAKE) --no-print-directory paper-anew

paper-anew: has-compiler $(CACHE)/lesion_free.sum
	@mkdir -p $(RUN)
	@$(BIN)/python -m training.paper $(DATA) $(CACHE) $(RUN) models $(PAPER)

trials: has-data has-compiler $(CACHE)/lesion_free.sum  ## cross-validate the recipe and measure what each part of it brings, in short trainings: two hours on two cores, which may be stopped and gone on with
	@mkdir -p $(RUN)
	@$(BIN)/python -m training.trials $(DATA) $(CACHE) $(RUN)

evaluate: has-data $(CACHE)/lesion_free.sum  ## measure the model on lesions it has not seen, write figures, pictures and model card; DATA as above
	@$(BIN)/python -m training.evaluate $(DATA) $(CACHE) $(RUN) models
	@$(BIN)/python -m training.plots $(DATA) $(CACHE) $(RUN) models
	@$(BIN)/python -m training.card models

$(RUN)/thin.pt: $(RUN)/float/checkpoint.pt
	@$(BIN)/python -m training.thin $(CACHE) $@ $<

$(CACHE)/lesion_free.sum: | $(VENV)/installed-train  # the last that training.data writes
	@mkdir -p $(CACHE)
	@$(BIN)/python -m training.data $(DATA) $(CACHE)

has-data:
	@test -d "$(DATA)" || { echo "Say where the data sets lie: make $(MAKECMDGOALS) DATA=folder" >&2; exit 1; }

has-compiler: $(BIN)/python
	@$(BIN)/python -m training.compiler

lock: $(VENV)/installed-dev  ## pin anew what pyproject.toml asks for; ARGS=--upgrade takes newer versions
	@$(PIP_INSTALL) uv==$(UV)
	@$(LOCK) $(ARGS) --output-file requirements.txt
	@$(LOCK) $(ARGS) --extra dev --constraint requirements.txt --output-file requirements-dev.txt

$(BIN)/python:
	@for name in $(PYTHON); do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			"$$name" -m venv --clear $(VENV) && exit; \
			rm -rf $(VENV); echo "Could not make $(VENV): on Debian and Ubuntu install python3-venv." >&2; exit 1; \
		fi; \
	done; echo "Lentigo needs Python 3.11 or newer, and none of these is one: $(PYTHON)." >&2; exit 1

$(VENV)/installed: requirements.txt
$(VENV)/installed-dev: requirements-dev.txt
$(VENV)/installed $(VENV)/installed-dev: $(BIN)/python
	@echo "Installing what $(filter %.txt,$^) pins (a minute, and only when it changes)"
	@$(PIP_INSTALL) --require-hashes --requirement $(filter %.txt,$^)
	@touch $@

$(VENV)/installed-train: requirements-train.txt $(VENV)/installed
	@echo "Installing what $< asks for (torch is large)"
	@$(PIP_INSTALL) --requirement $<
	@touch $@
