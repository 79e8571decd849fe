# The commands of the README. `make help` lists them.

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
DATA_DIR ?= .data
BROWSER ?= yes

export READERSTUDY_VENV ?= .venv
# Where it is set, every single process compiles torch and all else for seconds.
unexport PYTHONDONTWRITEBYTECODE
IN_VENV = $(READERSTUDY_VENV)/bin
# What the site keeps in DATA_DIR; whatever else lies there is not ours to remove.
STORED = readerstudy.sqlite3 readerstudy.sqlite3-shm readerstudy.sqlite3-wal \
	media broker static secret-key
CHECKS = check-format check-lint check-templates check-types check-migrations \
	check-openapi check-locks check-lengths check-audit check-bill check-licences \
	check-messages

.PHONY: help demo demo-reset test coverage check simulate fuzz drill drill-times load \
	load-growth load-peer bench docs screenshots licences messages $(CHECKS) format \
	openapi locks clean checkpoint worker-set \
	test-set

help: ## List these commands
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) \
		| awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'
	@echo "Variables: PYTHON=$(PYTHON) PORT=$(PORT) HOST=$(HOST)" \
		"DATA_DIR=$(DATA_DIR) BROWSER=$(BROWSER)"

# --- The demonstration ---

# Its own embedded database and broker, whatever .env says; the environment may still
# name others.
demo: export DEMONSTRATION = true
demo: export DATA_DIR := $(DATA_DIR)
demo: export MEDIA_ROOT ?= $(DATA_DIR)/media
demo: export DATABASE_URL ?= sqlite:///$(DATA_DIR)/readerstudy.sqlite3
demo: export BROKER_URL ?= filesystem://
demo: export ALLOWED_HOSTS ?= $(if $(filter 0.0.0.0 ::,$(HOST)),*,$(HOST),127.0.0.1,localhost)
demo: export SECURE_COOKIES ?= false
demo: export SECURE_SSL_REDIRECT ?= false
demo: worker-set ## Show the demonstration until Ctrl-C
	@exec $(IN_VENV)/python manage.py demo --host "$(HOST)" --port "$(PORT)"

demo-reset: ## Remove what the demonstration has stored and start it anew
	@for name in $(STORED); do rm -rf -- "$(DATA_DIR)/$$name"; done
	@$(MAKE) --no-print-directory demo

# --- Tests ---

# One more than there are cores, as each waits now and then; four are enough.
PROCESSES ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
PYTEST = $(IN_VENV)/pytest --numprocesses $(PROCESSES) --maxprocesses 4 --dist loadfile \
	--no-loadscope-reorder -m "not gpu$(if $(filter no,$(BROWSER)), and not browser)"

test: test-set ## Run every test; BROWSER=no leaves the browser tests out
	@$(IN_VENV)/python -m tests.machine $(if $(filter no,$(BROWSER)),,--browser)
	@$(PYTEST)

# A thread that begins while another is being traced raises, and leaves its socket open.
TRACED = -W ignore::pytest.PytestUnraisableExceptionWarning \
	-W ignore::pytest.PytestUnhandledThreadExceptionWarning
coverage: test-set ## Run every test and see that it meets the lines and branches wanted
	@$(IN_VENV)/python -m tests.machine --browser
	@mkdir -p "$(DATA_DIR)"
	@$(PYTEST) --cov --cov-report= --cov-report=json:$(DATA_DIR)/coverage.json $(TRACED)
	@$(IN_VENV)/python -m tests.covered $(DATA_DIR)/coverage.json

# --- Checks ---

check: $(CHECKS) ## Check format, lint, types, migrations, OpenAPI, locks, packages

$(CHECKS): test-set
check-% format openapi: export SECRET_KEY = only-for-checks
check-% format openapi: export DATA_DIR := $(READERSTUDY_VENV)/check
check-% format openapi: export DATABASE_URL = sqlite://:memory:
check-% format openapi: export BROKER_URL = filesystem://
check-% format openapi: export DEBUG = false

check-format:
	$(IN_VENV)/ruff format --check .
check-lint:
	$(IN_VENV)/ruff check .
check-templates:
	@$(IN_VENV)/djade --check --target-version 5.2 $$(find templates -name '*.html') \
		|| (echo "make format puts them into shape." && false)
check-types:
	$(IN_VENV)/mypy
check-migrations:
	$(IN_VENV)/python manage.py makemigrations --check --dry-run
check-openapi:
	$(IN_VENV)/python manage.py spectacular --validate --fail-on-warn \
		--file $(DATA_DIR)/openapi.yaml
	@diff -u docs/reference/openapi.yaml $(DATA_DIR)/openapi.yaml \
		|| (echo "make openapi writes it anew." && false)
check-locks check-lengths:
	$(IN_VENV)/python requirements/check.py $(@:check-%=%)
check-audit check-bill:
	$(IN_VENV)/python -m requirements.supply $(@:check-%=%) --folder $(DATA_DIR)
check-licences:
	$(IN_VENV)/python -m requirements.licences --check
check-messages:
	$(IN_VENV)/python -m wording --check

# --- Documentation and words ---

docs: test-set ## Build the site of the documentation into build/docs
	@$(IN_VENV)/python -m sphinx --fail-on-warning --keep-going --quiet \
		--jobs auto docs build/docs
	@echo "Open build/docs/index.html."

screenshots: test-set ## Take the pictures of the documentation anew; starts the demonstration
	@$(IN_VENV)/python docs/screenshots/take.py

licences: test-set ## Write docs/reference/licences.md anew
	@$(IN_VENV)/python -m requirements.licences

messages: test-set ## Bring locale/ in step with the code, and compile it
	@$(IN_VENV)/python -m wording

# --- Proof ---

simulate: test-set ## Show how often the headline and its parts reject what is equal
	@$(IN_VENV)/python -m benchmarks.simulate

DRILLED = $(if $(SEED),--seed $(SEED))
drill: SECONDS ?= 600
drill: READERS ?= 50
drill: DATABASE ?= postgresql
drill: test-set ## Kill all of a site for SECONDS=600 under READERS=50, then drill-times
	@$(IN_VENV)/python -m drills.faults --seconds $(SECONDS) --readers $(READERS) \
		--database $(DATABASE) $(DRILLED) $(if $(LOG),--log $(LOG)) --json drill.json
	@$(IN_VENV)/python -m drills.times $(DRILLED) --json drill-times.json

drill-times: test-set ## Compare the times of answers of both arms
	@$(IN_VENV)/python -m drills.times $(DRILLED) --json drill-times.json

# So many inputs for all parsers together, and so many requests to each operation.
FUZZ_RUNS ?= 100000
FUZZ_EXAMPLES ?= 200
FUZZ_SEED ?= $(shell date +%s)
fuzz: test-set ## Feed the parsers and the API what breaks others
	@$(IN_VENV)/python -m fuzz --runs $(FUZZ_RUNS) --seed $(FUZZ_SEED)
	@FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) FUZZ_SEED=$(FUZZ_SEED) $(IN_VENV)/pytest \
		tests/openapi --timeout 3600

# Begun with load-peer: a line that begins with `load` and a space means something else.
load-peer load: SECONDS ?= 60
load-peer load: READERS ?= 32
LOAD = $(IN_VENV)/python -m load --seconds $(SECONDS) --readers $(READERS)

load: test-set ## Let scripted readers read; SECONDS, READERS
	@$(LOAD)

load-growth: test-set ## Show what a read costs beside up to a million
	@$(IN_VENV)/python -m load.growth

load-peer: test-set ## Run Label Studio beside it; installs that in DATA_DIR/.peers
	@$(LOAD) saturation --peers "$(DATA_DIR)/.peers"

bench: test-set ## Measure every figure of speed and write the page of them; ONLY="labeler"
	@$(IN_VENV)/python -m benchmarks --peers "$(DATA_DIR)/.peers" $(ONLY)

# --- The demonstration's model ---

TRAINED = .data/train
STAGES = classify contrast align instruct
BUNDLED = inference/demonstration

checkpoint: worker-set ## Train the bundled model anew; an hour or two of two cores
	@for stage in $(STAGES); do \
		$(IN_VENV)/python -m inference train $$stage \
			--config inference/train/configs/demonstration-$$stage.toml || exit; \
	done
	@install -m 644 $(TRAINED)/instruct/checkpoint/* $(BUNDLED)
	@$(IN_VENV)/python -m inference curves --out docs/explanation/training-curves.svg \
		$(TRAINED)/classify/write.csv \
		$(foreach stage,$(STAGES),$(TRAINED)/$(stage)/$(stage).csv)
	@$(IN_VENV)/python -m inference evaluate --count 500 --drawn 160
	@$(IN_VENV)/python -m inference evaluate --count 500 --drawn 160 \
		--thumbnails $(TRAINED)/phantoms

# --- Keeping things in shape ---

format: test-set ## Put code and templates into shape
	$(IN_VENV)/ruff check --fix .
	$(IN_VENV)/ruff format .
	$(IN_VENV)/djade --target-version 5.2 $$(find templates -name '*.html')

openapi: test-set ## Write docs/reference/openapi.yaml anew
	$(IN_VENV)/python manage.py spectacular --validate --fail-on-warn \
		--file docs/reference/openapi.yaml

# torch is installed apart from the rest; the locked sets hold what its CPU build needs,
# so this wants that build in UV_FIND_LINKS or TORCH_INDEX_URL.
COMPILE = $(IN_VENV)/uv pip compile --quiet --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
	--no-emit-package torch $(if $(TORCH_INDEX_URL),--index "$(TORCH_INDEX_URL)")
locks: test-set ## Lock what pyproject.toml asks for into requirements/
	$(COMPILE) pyproject.toml --output-file requirements/web.txt
	$(COMPILE) pyproject.toml --extra worker --output-file requirements/worker.txt
	$(COMPILE) pyproject.toml --extra worker --extra test \
		--output-file requirements/test.txt

clean: ## Remove environment and caches; DATA_DIR stays
	rm -rf -- "$(READERSTUDY_VENV)" .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.coverage test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

worker-set test-set: %-set:
	@$(PYTHON) requirements/install.py $*
