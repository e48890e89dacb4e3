# Builds the plugin, the host SDK, the sample host and the simulated Microsoft cloud.
# Each part lists its own sources and programs in its part.mk; this file has what they share.
# `make help` prints the targets.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
.DELETE_ON_ERROR:

export PYTHONDONTWRITEBYTECODE := 1

B := build
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
CC := gcc
CXX := g++
CLANG := clang
PYTHON := /usr/bin/python3
PREFIX ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0

# The one list of Debian packages. deps-check holds it against what the tree uses.
PKGS_BUILD := gcc make libc6-dev pkg-config python3 libcurl4-openssl-dev libjansson-dev \
	libmicrohttpd-dev libsodium-dev libsqlite3-dev libpcre2-dev libh2o-evloop-dev \
	libh2o-dev-common libssl-dev zlib1g-dev ca-certificates \
	libutf8proc-dev libicu-dev libcsv-dev
PKGS_TEST := curl openssl libcriterion-dev g++ clang git
PKGS_CHECK := clang-format clang-tidy cppcheck binutils
PKGS_FRESH := debootstrap

WARN := -pedantic -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wcast-qual \
	-Wcast-align=strict -Wwrite-strings -Wformat=2 -Wvla -Wundef -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wredundant-decls -Wnull-dereference \
	-Wduplicated-cond -Wlogical-op -Wswitch-enum -Wimplicit-fallthrough -Werror
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection -fvisibility=hidden
LDHARDEN := -Wl,-z,relro,-z,now,-z,noexecstack
INC := -Ihost-sdk/include -Ihost-sdk -I$(B)/gen
BASEFLAGS := -std=c11 -g -fPIC -pthread $(WARN) $(INC) -DPRODUCT_VERSION='"$(VERSION)"'
CFLAGS_PLAIN := $(BASEFLAGS) -O2 -D_FORTIFY_SOURCE=2 $(HARDEN)
CFLAGS_SAN := $(BASEFLAGS) -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fvisibility=hidden -Wno-null-dereference
LDFLAGS_PLAIN := -pthread $(LDHARDEN)
LDFLAGS_SAN := -pthread -fsanitize=address,undefined

# $(call objs,sources) / $(call sanobjs,sources): the object files of either build.
objs = $(patsubst %.c,$(B)/obj/%.o,$(1))
sanobjs = $(patsubst %.c,$(B)/san/obj/%.o,$(1))

SUPPORT_SRC := $(wildcard host-sdk/support/*.c)

# Parts add to these: programs and libraries that `all` builds, and what a sanitized run needs.
ALL :=
SAN_ALL :=
TESTS :=
# Headers and sources that are generated, and what `install` copies, as source:directory pairs.
GEN :=
INSTALL_FILES :=

include $(wildcard host-sdk/part.mk plugin/part.mk sample-host/part.mk sample-host/graphsim/part.mk tests/part.mk)

JOBS := $(shell nproc 2>/dev/null || echo 2)
AGAIN := $(MAKE) --no-print-directory -j$(JOBS)
DEPS := tests/tools/deps.sh
GATES := format tidy cppcheck layers banned sizes headers hygiene deps

.PHONY: all san run demo test torture sim check nightly help clean install bench fresh-check deps-check \
	gates-selftest \
	tidy-all symbols $(GATES)
all: $(ALL) ## build everything
san: $(SAN_ALL) ## build everything with sanitizers

run: ## the main job: install, build, start, sync, print, serve until Ctrl-C
	@$(DEPS) $(PKGS_BUILD)
	@$(AGAIN) all
	@bash sample-host/demo.sh

demo: ## like run, but exit after printing
	@$(DEPS) $(PKGS_BUILD)
	@$(AGAIN) all
	@bash sample-host/demo.sh --once

test: ## all tests; ends with "N passed, N failed"
	@$(DEPS) $(PKGS_BUILD) $(PKGS_TEST)
	@$(AGAIN) all san tests
	@$(PYTHON) tests/run.py --jobs $(JOBS) $(TESTFLAGS)

bench: ## figures against the floor, as one table
	@$(DEPS) $(PKGS_BUILD)
	@$(AGAIN) all bench-programs
	@$(PYTHON) tests/bench/run.py

torture: ## killed at every write, every allocation failed; takes long
	@$(DEPS) $(PKGS_BUILD) $(PKGS_TEST)
	@$(AGAIN) all $(TORTURE)
	@for one in $(TORTURE); do BKEY_OPEN=$(B)/bin/bkey-open $$one --all --jobs $(JOBS) || exit 1; done

SEEDS := 1000
sim: ## SEEDS random long lives of tenants and customers: no key lost, none shown at the wrong place
	@$(DEPS) $(PKGS_BUILD) $(PKGS_TEST)
	@$(AGAIN) $(B)/test/drivers/test_life
	@$(B)/test/drivers/test_life --seeds $(SEEDS)

nightly: ## the long campaigns: every file, every row of the tables, every point of every scenario
	@$(DEPS) $(PKGS_BUILD) $(PKGS_TEST) $(PKGS_CHECK)
	@$(AGAIN) tidy-all
	@$(AGAIN) check
	@GUARD_FULL=1 $(AGAIN) test TESTFLAGS="--timeout 3600 --sanitized-e2e"
	@$(B)/test/drivers/test_sync_scenarios --all
	@$(AGAIN) torture
	@$(AGAIN) sim
	@$(AGAIN) bench

check: ## format, static analysis, layers, banned words and the gates' own tests
	@$(DEPS) $(PKGS_BUILD) $(PKGS_TEST) $(PKGS_CHECK)
	@$(AGAIN) --keep-going $(GATES) symbols gates-selftest

$(GATES): $(GEN)
	@$(PYTHON) tests/gates/$@.py && echo "ok   $@"
symbols: $(filter $(B)/%.so,$(ALL))
	@$(PYTHON) tests/gates/$@.py && echo "ok   $@"
tidy-all: $(GEN) ## clang-tidy over every file, not only the changed ones
	@$(PYTHON) tests/gates/tidy.py --all
deps-check: deps ## everything used from the system belongs to a listed package
gates-selftest: $(HARNESS_BIN) ## every gate turns red on its fixtures
	@$(PYTHON) tests/gates/selftest.py
fresh-check: ## the two commands of the README in a bare Debian; needs root
	@$(DEPS) $(PKGS_FRESH)
	@bash tests/tools/fresh.sh $(B)/fresh $(FRESH)

# What parts put into ALL is installed by its place in build/. Examples and the simulated cloud are
# not for a user's system. dph.pc names the prefix, so it is made anew for each installation.
NOT_INSTALLED := %/graphsim %/example-host
pair = $(foreach f,$(1),$(f):$(2))
INSTALL_FILES += $(call pair,$(filter-out $(NOT_INSTALLED),$(filter $(B)/bin/%,$(ALL))),bin) \
	$(call pair,$(filter $(B)/plugin/%,$(ALL)),lib/dochost/plugins/bitlocker_keys) \
	$(call pair,$(filter $(B)/lib/%.a,$(ALL)),lib) \
	$(call pair,host-sdk/dph.pc.in,lib/pkgconfig) \
	$(call pair,$(wildcard host-sdk/include/dph/*.h),include/dph)
install: all ## copy what was built to DESTDIR/PREFIX
	@PREFIX="$(PREFIX)" VERSION="$(VERSION)" \
		sh tests/tools/install.sh "$(DESTDIR)$(PREFIX)" $(INSTALL_FILES)

# A per-directory flag: FLAGS_<dir with / as _>, set by a part (for example FLAGS_sample-host_src).
dirflags = $(FLAGS_$(subst /,_,$(patsubst %/,%,$(dir $(1)))))

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $<")
	$(Q)$(CC) $(CFLAGS_PLAIN) $(call dirflags,$*) -MMD -MP -c $< -o $@

$(B)/san/obj/%.o: %.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  CC    $< (san)")
	$(Q)$(CC) $(CFLAGS_SAN) $(call dirflags,$*) -MMD -MP -c $< -o $@

clean: ## remove build/
	rm -rf $(B)

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "%-16s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST) 2>/dev/null

-include $(shell find $(B)/obj $(B)/san/obj -name '*.d' 2>/dev/null)
