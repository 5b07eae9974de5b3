# `make` alone lists the targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TOOLS := $(CURDIR)/.tools
export PATH := $(CURDIR)/$(BIN):$(PATH):$(TOOLS)

# Folder of real documents for tests; if it is empty, the tests that need them are skipped.
MIRAGE_TEST_DATA ?= $(wildcard $(CURDIR)/../shared/data)
export MIRAGE_TEST_DATA

IMAGE ?= mirage:latest
REGISTRY ?= localhost:5000/mirage-rag
# What to release, on which clusters it is proven (by commas), and from which version to upgrade.
COMMIT ?= HEAD
CLUSTER ?= local
FROM ?= fixture
# Without a key the workflow of IDENTITY signs, for all of PLATFORMS.
SIGNING_KEY ?= dist/signing.key
HELM_VERSION := v3.19.0
HELM4_VERSION := v4.3.1
ORAS_VERSION := v1.3.6
COSIGN_VERSION := v2.6.5
CT_VERSION := v3.14.0
KUBECONFORM_VERSION := v0.7.0
KUBE_SCORE_VERSION := v1.20.0
VERSITYGW_VERSION := v1.8.0
CHECKOV_VERSION := 3.3.30
ACTIONLINT_VERSION := v1.7.8
KIND_VERSION := v0.33.0
K3D_VERSION := v5.8.3
TRAEFIK_VERSION := 41.3.0
HELM_SOURCE := helm.sh/helm/v3/cmd/helm@$(HELM_VERSION)
# The Kubernetes that this Helm was made for, as its own release is built; else it renders for 1.20.
HELM_FLAGS_OF_GO := -ldflags "$(foreach package,chartutil lint/rules,$(foreach part,Major=1 Minor=34, \
  -X helm.sh/helm/v3/pkg/$(package).k8sVersion$(part)))"
KUBECONFORM_SOURCE := github.com/yannh/kubeconform/cmd/kubeconform@$(KUBECONFORM_VERSION)

KUBE_SCORE_SOURCE := github.com/zegl/kube-score/cmd/kube-score@$(KUBE_SCORE_VERSION)
# An S3 server over a folder, for tests.
VERSITYGW_SOURCE := github.com/versity/versitygw/cmd/versitygw@$(VERSITYGW_VERSION)

VERSION ?= $(shell sed -n 's/^version: //p' charts/mirage/Chart.yaml)
CHART_IMAGE := ghcr.io/mirage-rag/mirage:$(VERSION)

.DEFAULT_GOAL := help
.PHONY: help demo picture up fast test test-all test-page page-tools lint types borders unit coverage chaos bench mutants schema image e2e chart-lint scan chart-install \
  cluster cluster-kind cluster-k3d load load-kind load-k3d cluster-state package candidate verify rehearse-upgrade promote \
  release-rehearsal announce version-check notes login release-tools tools test-tools lock clean

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9 -]+:.*## / {sub(/:.*/, "", $$1); printf "  \033[1m%-25s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.embedded  ## Index a small library on this machine and ask it three questions
	@$(BIN)/python demo/run.py

picture: $(VENV)/.embedded  ## Draw the picture in the README from a run of the demo
	$(BIN)/python demo/run.py | $(BIN)/python demo/picture.py

up: $(VENV)/.embedded  ## Run everything on this machine until Ctrl-C
	@$(BIN)/mirage up

fast: lint types  ## Lint, types, and tests without a database or real documents: while you write
	$(PYTEST) -m "not slow" --durations=5 --durations-min=0.5 --ignore=tests/unit/parse/test_library.py \
	  tests/unit tests/schema $(ARGS)

test: MARKS ?= not exhaustive
test: lint types borders unit  ## All that needs no cluster: lint, types, borders, tests on PostgreSQL 18

test-all:  ## The same on every supported PostgreSQL, as CI does
	@$(MAKE) test MARKS= MIRAGE_TEST_POSTGRES="16 18" MIRAGE_TEST_GENERATED=1000

lint: $(VENV)/.dev
	ruff format --check .
	ruff check .

types: $(VENV)/.dev
	mypy

borders: $(VENV)/.dev
	lint-imports

# One process per core: psutil would make `auto` count cores without their second threads.
PYTEST = pytest -n logical --dist loadgroup

unit: $(VENV)/.dev test-tools
	$(PYTEST) --ignore=tests/cluster --ignore=tests/page -m "$(MARKS)" $(ARGS)

# In one process, because all its tests share one program and one browser.
test-page: $(VENV)/.dev  ## Test the page for people in a real browser
	pytest --durations=5 tests/page $(ARGS)

page-tools:  ## Install Chromium and poppler by apt where they are missing, for `make test-page`
	@$(if $(MIRAGE_TEST_CHROMIUM),,command -v chromium >/dev/null &&) command -v pdftotext >/dev/null || { \
	  sudo=$$(command -v sudo || true); $$sudo apt-get update -qq && $$sudo apt-get install -qq \
	  --no-install-recommends poppler-utils $(if $(MIRAGE_TEST_CHROMIUM),,chromium); }

coverage: $(VENV)/.dev test-tools
	$(PYTEST) --ignore=tests/cluster --ignore=tests/page --cov $(ARGS)

# Each scenario is compared with an undisturbed run. To repeat a failure, pass its SEED=...
chaos: $(VENV)/.dev  ## Kill indexers, PostgreSQL and the embedder while they work (KILLS=30)
	@python -m tests.chaos $(or $(KILLS),30) $(SEED)

bench: $(VENV)/.dev  ## Compare speed, memory and ranking with other ways, as ratios (ARGS="memory")
	@python -m tests.bench $(ARGS)

# A test that cannot fail is a defect: each of these mistakes must be noticed by the tests it names.
mutants: $(VENV)/.dev test-tools  ## Make known mistakes in a copy, and list those that no test notices (ARGS="bm25-without-idf")
	@nice -n 5 python -m tests.mutants $(ARGS)

schema: $(VENV)/.dev  ## Generate files from the code: chart values and the pages in docs/
	python -m schema write
	python -m reference write

image:  ## Build the container image
	docker build --build-arg VERSION=$(VERSION) \
	  --build-arg REVISION=$(shell git rev-parse HEAD) -t $(IMAGE) .

e2e: $(VENV)/.dev tools  ## Build, push, install and test on the cluster of KUBECONFIG
	pytest -p no:randomly -p helm-charts --durations=0 -s tests/cluster $(ARGS)

chart-lint: $(VENV)/.dev tools  ## Lint chart and workflows
	ct lint --config ct.yaml
	actionlint
	zizmor --offline --quiet .github/workflows

# In an environment of its own, because it fixes the versions of half a hundred packages.
scan: $(VENV)/.dev test-tools  ## Scan the renders of all values files with checkov
	@test -x $(TOOLS)/checkov/bin/checkov || { $(PYTHON) -m venv $(TOOLS)/checkov && \
	  $(TOOLS)/checkov/bin/pip install -q --disable-pip-version-check checkov==$(CHECKOV_VERSION); }
	PATH="$(PATH):$(TOOLS)/checkov/bin" python -m tests.chart.scanners

# What the tests of chart and S3 need; without it they are skipped, and with MIRAGE_TEST_STRICT they fail.
test-tools:
	@for tool in helm kubeconform kube-score versitygw; do \
	  command -v $$tool >/dev/null || command -v go >/dev/null || \
	    echo "$$tool is missing, and so is Go to build it: the tests that need it are skipped" >&2; done
	@! command -v go >/dev/null || { $(call tool,helm,$(HELM_SOURCE),$(HELM_FLAGS_OF_GO)); }
	@! command -v go >/dev/null || { $(call tool,kubeconform,$(KUBECONFORM_SOURCE)); }
	@! command -v go >/dev/null || { $(call tool,kube-score,$(KUBE_SCORE_SOURCE)); }
	@! command -v go >/dev/null || { $(call tool,versitygw,$(VERSITYGW_SOURCE)); }

tools:  ## Build Helm, chart-testing, kubeconform, versitygw and actionlint where they are missing
	@$(call tool,helm,$(HELM_SOURCE),$(HELM_FLAGS_OF_GO))
	@$(call tool,ct,github.com/helm/chart-testing/v3/ct@$(CT_VERSION))
	@$(call tool,kubeconform,$(KUBECONFORM_SOURCE))
	@$(call tool,versitygw,$(VERSITYGW_SOURCE))
	@$(call tool,actionlint,github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION))

announce: $(VENV)/.dev release-tools  ## Make the release on GitHub of the published COMMIT
	$(RELEASE)

version-check: $(VENV)/.dev  ## Demand a new version where files of a published one have changed
	$(RELEASE)

notes: $(VENV)/.dev  ## Write the changes of values and schema since FROM to the CHANGELOG
	$(RELEASE) --from $(FROM)

login:  ## Log in to the registry with ACTOR and TOKEN
	@echo "$$TOKEN" | docker login $(firstword $(subst /, ,$(REGISTRY))) --username "$$ACTOR" --password-stdin

release-tools: tools  ## Build Helm 4, oras and cosign where they are missing
	@$(call tool,helm4,helm.sh/helm/v4/cmd/helm@$(HELM4_VERSION),,helm)
	@$(call tool,oras,oras.land/oras/cmd/oras@$(ORAS_VERSION))
	@$(call tool,cosign,github.com/sigstore/cosign/v2/cmd/cosign@$(COSIGN_VERSION))

# Only for temporary clusters: a node image per Kubernetes, with an Ingress and a registry on localhost:5000.
KUBERNETES ?= 1.36
KIND_1.29 := v1.29.2@sha256:51a1434a5397193442f0be2a297b488b6c919ce8a3931be0ce822606ea5ca245
KIND_1.34 := v1.34.11@sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d
KIND_1.36 := v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed
K3S_1.29 := v1.29.15-k3s1
K3S_1.34 := v1.34.9-k3s1
K3S_1.36 := v1.36.4-k3s1

cluster: cluster-$(CLUSTER)  ## Create a temporary cluster with CLUSTER=kind or CLUSTER=k3d

cluster-kind: tools
	@$(call tool,kind,sigs.k8s.io/kind@$(KIND_VERSION))
	kind create cluster --name mirage --config tests/cluster/kind/cluster.yaml --image kindest/node:$(KIND_$(KUBERNETES)) --wait 180s
	docker run --detach --name mirage-registry --network kind --publish 127.0.0.1:5000:5000 registry:3
	helm install traefik oci://ghcr.io/traefik/helm/traefik --version $(TRAEFIK_VERSION) --namespace kube-system --wait \
	  --set service.type=ClusterIP --set ports.web.hostPort=80 --set ports.websecure.hostPort=443

cluster-k3d: tools
	@$(call tool,k3d,github.com/k3d-io/k3d/v5@$(K3D_VERSION))
	k3d cluster create --config tests/cluster/k3d.yaml --image rancher/k3s:$(K3S_$(KUBERNETES)) --wait

load: load-$(CLUSTER)  ## Load the image into that cluster, under the name in the chart, so that nothing is pulled
load-kind load-k3d: load-%:
	docker tag $(IMAGE) $(CHART_IMAGE)
	$(if $(filter kind,$*),kind load docker-image --name mirage,k3d image import --cluster mirage) $(CHART_IMAGE)

cluster-state:  ## Write events, descriptions and logs of the cluster to dist/cluster-state
	kubectl cluster-info dump --all-namespaces --output-directory dist/cluster-state
	kubectl describe pods --all-namespaces >dist/cluster-state/pods.txt

chart-install: $(VENV)/.dev tools  ## Install and test the chart with chart-testing on the current cluster
	ct install --config ct.yaml

RELEASE = python -m release $@ --commit $(COMMIT) --registry $(REGISTRY) --clusters $(CLUSTER) \
  $(addprefix --key ,$(SIGNING_KEY)) $(addprefix --identity ,$(IDENTITY)) $(addprefix --platforms ,$(PLATFORMS))

package: $(VENV)/.dev release-tools  ## Make image, chart, checksums, SBOMs and provenance of COMMIT in dist/
	$(RELEASE)

candidate: $(VENV)/.dev release-tools  ## Push them to REGISTRY by digest, under COMMIT, signed
	$(RELEASE)

verify: $(VENV)/.dev release-tools  ## Verify the candidate of COMMIT, and run all its tests on the cluster
	$(RELEASE)

rehearse-upgrade: $(VENV)/.dev release-tools  ## Upgrade a release with data to the candidate, and back (FROM=0.1.0)
	$(RELEASE) --from $(FROM)

promote: $(VENV)/.dev release-tools  ## Give the candidate its version, if all of CLUSTER have proven it
	$(RELEASE)

release-rehearsal: $(VENV)/.dev release-tools  ## All of this in a place of its own on a local registry, with a table
	$(RELEASE) --from $(FROM)

lock:  ## Resolve all dependencies again and write the lock files
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install -q uv
	$(COMPILE) pyproject.toml -o requirements/base.txt
	$(COMPILE) --extra embedded pyproject.toml -o requirements/embedded.txt
	$(COMPILE) --extra embedded --group dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) requirements/build.in -o requirements/build.txt
	rm -rf $(VENV)-lock

clean:  ## Remove generated files and environments
	rm -rf $(VENV) $(TOOLS) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage build dist

# A development environment includes all dependencies of the embedded mode.
$(VENV)/.embedded: requirements/embedded.txt requirements/build.txt
	@test -e $(VENV)/.dev || { $(call install,embedded); }
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/build.txt
	@$(call install,dev)
	@touch $@

COMPILE = $(VENV)-lock/bin/uv pip compile -q --upgrade --universal --python-version 3.11 \
  --generate-hashes --no-annotate --custom-compile-command "make lock"

install = $(PYTHON) -c 'import sys; sys.exit("miRAGe needs Python 3.11 to 3.13") if not (3, 11) <= sys.version_info < (3, 14) else None' \
  && echo "creating the environment in $(VENV) (about a minute)" \
  && $(PYTHON) -m venv $(VENV) \
  && $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/$(1).txt -r requirements/build.txt \
  && $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --editable .

tool = command -v $(1) >/dev/null || { \
  command -v go >/dev/null || { echo "$(1) and Go are missing: install $(1), or Go to build it" >&2; exit 1; }; \
  echo "building $(2)"; GOBIN=$(TOOLS) GOFLAGS=-trimpath CGO_ENABLED=0 go install $(3) $(2) \
  $(if $(4),&& mv $(TOOLS)/$(4) $(TOOLS)/$(1)); }
