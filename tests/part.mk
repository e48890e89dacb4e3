# Tests: every tests/unit/test_*.c and tests/drivers/*.c becomes a sanitized program of its own.
# What such a file links is written in it (repo-relative sources; wildcards allowed):
#   /* LINK: plugin/src/domain/plan.c host-sdk/support/guid.c */
#   /* LIBS: -lsodium -ljansson */
# Headers that are generated go into GEN, so that they exist before a test is compiled.

TEST_INC := -I. -Iplugin/src
TEST_WARN := -Wno-pedantic -Wno-shadow -Wno-cast-qual -Wno-redundant-decls -Wno-null-dereference
FLAGS_tests_unit := $(TEST_INC) $(TEST_WARN)
FLAGS_tests_drivers := $(TEST_INC) $(TEST_WARN)
FLAGS_tests_support := $(TEST_INC) $(TEST_WARN)
FLAGS_tests_harness := $(TEST_INC) $(TEST_WARN)

UNIT_SRC := $(wildcard tests/unit/test_*.c)
DRIVER_SRC := $(wildcard tests/drivers/*.c)
HARNESS_SRC := $(wildcard tests/harness/*.c)
UNIT_BIN := $(patsubst tests/%.c,$(B)/test/%,$(UNIT_SRC))
DRIVER_BIN := $(patsubst tests/%.c,$(B)/test/%,$(DRIVER_SRC))
HARNESS_BIN := $(patsubst tests/%.c,$(B)/test/%,$(HARNESS_SRC))
# Every point of these takes a day of sanitized runs and minutes of plain ones; a share of the
# points is sanitized in `make test`.
TORTURE := $(B)/torture/test_crash_store $(B)/torture/test_alloc
TESTS += $(UNIT_BIN) $(DRIVER_BIN)

ifneq ($(MAKECMDGOALS),clean)
include $(B)/gen/tests.mk
endif

# The list of sources is part of the rule, so that a file that goes away is noticed too.
$(B)/gen/tests.list: FORCE
	@mkdir -p $(@D)
	@echo '$(UNIT_SRC) $(DRIVER_SRC) $(HARNESS_SRC)' | cmp -s - $@ || \
		echo '$(UNIT_SRC) $(DRIVER_SRC) $(HARNESS_SRC)' > $@
$(B)/gen/tests.mk: $(B)/gen/tests.list tests/tools/links.awk $(UNIT_SRC) $(DRIVER_SRC) $(HARNESS_SRC)
	@awk -f tests/tools/links.awk $(UNIT_SRC) $(DRIVER_SRC) $(HARNESS_SRC) < /dev/null > $@

expand = $(foreach f,$(1),$(if $(findstring *,$(f)),$(wildcard $(f)),$(f)))
linked = $(call sanobjs,$(sort $(1) $(call expand,$(LINK_$(1)))))

$(B)/san/obj/tests/%.o: | $(GEN)

.SECONDEXPANSION:
$(UNIT_BIN) $(HARNESS_BIN): $(B)/test/%: $$(call linked,tests/%.c)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_SAN) -o $@ $^ $(LIBS_tests/$*.c) -lcriterion
$(DRIVER_BIN): $(B)/test/%: $$(call linked,tests/%.c)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_SAN) -o $@ $^ $(LIBS_tests/$*.c)

plainly = $(call objs,$(sort $(1) $(call expand,$(LINK_$(1)))))
$(B)/obj/tests/%.o: | $(GEN)
$(TORTURE): $(B)/torture/%: $$(call plainly,tests/drivers/%.c)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_PLAIN) -o $@ $^ $(LIBS_tests/drivers/$*.c)

.PHONY: FORCE tests harness
FORCE:
tests: $(TESTS)
harness: $(HARNESS_BIN)

# What `make bench` measures with: the yardsticks, and the gate in one process.
.PHONY: bench-programs
bench-programs: $(B)/bench/client $(B)/bench/gate $(B)/bench/sealed $(B)/bench/throttle

$(B)/bench/client: $(call objs,tests/bench/client.c)
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_PLAIN) $^ -o $@ -lcurl -lsqlite3

$(B)/bench/gate: $(call objs,tests/bench/gate.c) $(B)/lib/libdph.a
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_PLAIN) $^ -o $@ -ljansson -lsodium

FLAGS_tests_bench := -I. -Iplugin/src
SEALED_SRC := tests/bench/sealed.c $(wildcard plugin/src/state/*.c) plugin/src/base/error.c \
	plugin/src/base/secret.c $(wildcard sample-host/src/keyring*.c) \
	$(wildcard sample-host/src/base/*.c) $(SUPPORT_SRC)
$(B)/bench/sealed: $(call objs,$(SEALED_SRC))
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_PLAIN) $^ -o $@ -ljansson -lsodium -lsqlite3 -lcsv

# The real scheduler of reads; only what keeps a secret is left out.
THROTTLE_SRC := tests/bench/throttle.c $(addprefix plugin/src/usecase/,sync_fetch.c \
	sync_fetch_send.c sync_fetch_take.c sync_request.c recall.c vec.c) \
	$(addprefix plugin/src/domain/,pace.c contest.c backoff.c) \
	$(addprefix plugin/src/graph/,endpoints.c json_batch.c http_date.c decode_failure.c) \
	$(addprefix plugin/src/base/,error.c json.c jsonscan.c jsonscan_check.c secret.c) \
	$(SUPPORT_SRC)
$(B)/bench/throttle: $(call objs,$(THROTTLE_SRC))
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_PLAIN) $^ -o $@ -ljansson -lsodium
