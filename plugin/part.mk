# The plugin: one shared object with one exported symbol, and its manifest beside it.

PLUGIN_SRC := $(sort $(wildcard plugin/src/*.c plugin/src/*/*.c)) $(SUPPORT_SRC)

FLAGS_plugin_src := -Iplugin/src
FLAGS_plugin_src_base := -Iplugin/src
FLAGS_plugin_src_domain := -Iplugin/src
FLAGS_plugin_src_graph := -Iplugin/src
FLAGS_plugin_src_hooks := -Iplugin/src
FLAGS_plugin_src_state := -Iplugin/src
FLAGS_plugin_src_usecase := -Iplugin/src

# Unicode's look-alike letters, read from ICU while building; the plugin does not link it.
$(B)/tools/gen_lookalikes: plugin/tools/gen_lookalikes.c
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(CFLAGS_PLAIN) -o $@ $< $(LDFLAGS_PLAIN) -licui18n -licuuc
$(B)/gen/lookalikes_gen.h: $(B)/tools/gen_lookalikes
	@mkdir -p $(@D)
	$(if $(Q),@echo "  GEN   $@")
	$(Q)$< > $@
GEN += $(B)/gen/lookalikes_gen.h
$(call objs,plugin/src/base/unicode.c) $(call sanobjs,plugin/src/base/unicode.c): $(B)/gen/lookalikes_gen.h

$(eval $(call dph_plugin,bitlocker_keys,plugin,$(PLUGIN_SRC),-lcurl -ljansson -lsodium -lpcre2-8 -lutf8proc -lcrypto,manifest.json))

# bkey-open reads sealed state without host and plugin: state/ and domain/, and nothing above them.
OPEN_SRC := $(sort $(wildcard plugin/tools/*open*.c plugin/src/state/*.c) plugin/src/base/error.c \
	plugin/src/base/secret.c plugin/src/domain/recovery_key.c) $(SUPPORT_SRC)
OPEN_LIBS := -lsodium -lsqlite3

FLAGS_plugin_tools := -Iplugin/src -Iplugin/tools

ALL += $(B)/bin/bkey-open
SAN_ALL += $(B)/san/bin/bkey-open

$(B)/bin/bkey-open: $(call objs,$(OPEN_SRC))
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_PLAIN) -o $@ $^ $(OPEN_LIBS)

$(B)/san/bin/bkey-open: $(call sanobjs,$(OPEN_SRC))
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_SAN) -o $@ $^ $(OPEN_LIBS)
