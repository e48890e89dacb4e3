# The host SDK: libdph.a, dph-probe, the example plugin and the example host; and the rules by which
# any plugin of this tree is built.

DPH_SRC := $(filter-out host-sdk/loader/%_windows.c,$(wildcard host-sdk/loader/*.c)) $(SUPPORT_SRC)
DPH_LIBS := -ljansson -lsodium
EXAMPLE_HOST_SRC := $(wildcard host-sdk/example-host/*.c)
PROBE_SRC := $(wildcard host-sdk/probe/*.c)
LDPLUGIN := -shared -Wl,-z,defs -Wl,--version-script=host-sdk/exports.map

# $(eval $(call dph_plugin,ID,FOLDER,SOURCES,LIBRARIES,MANIFEST.json)): build/FOLDER/ID.so with its
# manifest.json beside it, the same under build/san, and build/gen/ID_manifest.h and .c with the
# object ID_manifest. Nothing but the owner may write what a loader is to accept, whatever the umask.
# The plain one has no debug data: all of it would be copied and hashed at every load.
define dph_plugin
$(B)/gen/$(1)_manifest.c $(B)/gen/$(1)_manifest.h &: $(5) host-sdk/tools/gen_manifest.py
	@mkdir -p $(B)/gen
	$$(if $$(Q),@echo "  GEN   $(1)_manifest")
	$$(Q)$$(PYTHON) host-sdk/tools/gen_manifest.py $(5) $(B)/gen/$(1)_manifest

$(call objs,$(3)) $(call sanobjs,$(3)): | $(B)/gen/$(1)_manifest.h

$(B)/$(2)/$(1).so: $(call objs,$(3) $(B)/gen/$(1)_manifest.c) host-sdk/exports.map
	@mkdir -p $$(@D) && chmod go-w $$(@D)
	$$(if $$(Q),@echo "  LD    $$@")
	$$(Q)$$(CC) $$(LDFLAGS_PLAIN) -Wl,--strip-debug $$(LDPLUGIN) $$(filter %.o,$$^) -o $$@ $(4)
	@chmod go-w $$@

$(B)/san/$(2)/$(1).so: $(call sanobjs,$(3) $(B)/gen/$(1)_manifest.c) host-sdk/exports.map
	@mkdir -p $$(@D) && chmod go-w $$(@D)
	$$(if $$(Q),@echo "  LD    $$@")
	$$(Q)$$(CC) $$(LDFLAGS_SAN) $$(LDPLUGIN) $$(filter %.o,$$^) -o $$@ $(4)
	@chmod go-w $$@

$(B)/$(2)/manifest.json $(B)/san/$(2)/manifest.json: $(5)
	@mkdir -p $$(@D) && chmod go-w $$(@D)
	@install -m 644 $$< $$@

GEN += $(B)/gen/$(1)_manifest.h
ALL += $(B)/$(2)/$(1).so $(B)/$(2)/manifest.json
SAN_ALL += $(B)/san/$(2)/$(1).so $(B)/san/$(2)/manifest.json
endef

$(eval $(call dph_plugin,example_plugin,example-plugin,host-sdk/example-plugin/example_plugin.c,,host-sdk/example-plugin/manifest.json))

$(B)/lib/libdph.a: $(call objs,$(DPH_SRC))
$(B)/san/lib/libdph.a: $(call sanobjs,$(DPH_SRC))
$(B)/lib/libdph.a $(B)/san/lib/libdph.a:
	@mkdir -p $(@D)
	$(if $(Q),@echo "  AR    $@")
	@rm -f $@
	$(Q)$(AR) rcsD $@ $^

$(B)/bin/dph-probe: $(call objs,$(PROBE_SRC)) $(B)/lib/libdph.a
$(B)/bin/example-host: $(call objs,$(EXAMPLE_HOST_SRC)) $(B)/lib/libdph.a
$(B)/bin/dph-probe $(B)/bin/example-host:
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_PLAIN) $^ -o $@ $(DPH_LIBS)

$(B)/san/bin/dph-probe: $(call sanobjs,$(PROBE_SRC)) $(B)/san/lib/libdph.a
$(B)/san/bin/example-host: $(call sanobjs,$(EXAMPLE_HOST_SRC)) $(B)/san/lib/libdph.a
$(B)/san/bin/dph-probe $(B)/san/bin/example-host:
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_SAN) $^ -o $@ $(DPH_LIBS)

$(B)/lib/dph.pc: host-sdk/dph.pc.in
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' $< > $@

# Plugins that a loader must refuse or survive; tests/unit/test_dph_loader.c says how.
BAD_PLUGINS := $(patsubst tests/bad-plugins/%.c,$(B)/san/bad-plugins/%.so,$(wildcard tests/bad-plugins/*.c))

$(BAD_PLUGINS): $(B)/san/bad-plugins/%.so: $(B)/san/obj/tests/bad-plugins/%.o host-sdk/exports.map
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_SAN) -shared -Wl,--version-script=host-sdk/exports.map $< -o $@
	@chmod go-w $@

.PHONY: example-host
example-host: $(B)/bin/example-host $(B)/bin/dph-probe $(B)/example-plugin/example_plugin.so $(B)/example-plugin/manifest.json ## run the example host with the example plugin
	$(Q)$(B)/bin/example-host $(abspath $(B)/example-plugin/example_plugin.so) $(abspath $(B)/example-plugin/manifest.json) $(abspath $(B)/bin/dph-probe)

ALL += $(B)/lib/libdph.a $(B)/lib/dph.pc $(B)/bin/dph-probe $(B)/bin/example-host
SAN_ALL += $(B)/san/lib/libdph.a $(B)/san/bin/dph-probe $(B)/san/bin/example-host $(BAD_PLUGINS)

# Host authors include "loader/loader.h" and "loader/gate.h"; plugin authors need the other two.
INSTALL_FILES += host-sdk/loader/loader.h:include/dph-sdk/loader host-sdk/loader/gate.h:include/dph-sdk/loader \
	host-sdk/tools/gen_manifest.py:share/dph host-sdk/exports.map:share/dph
