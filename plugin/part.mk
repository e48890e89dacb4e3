# The plugin: one shared object with one exported symbol, and its manifest beside it.

PLUGIN_SRC := $(sort $(wildcard plugin/src/*.c plugin/src/*/*.c)) $(SUPPORT_SRC)

FLAGS_plugin_src := -Iplugin/src
FLAGS_plugin_src_base := -Iplugin/src
FLAGS_plugin_src_domain := -Iplugin/src
FLAGS_plugin_src_graph := -Iplugin/src
FLAGS_plugin_src_hooks := -Iplugin/src
FLAGS_plugin_src_state := -Iplugin/src
FLAGS_plugin_src_usecase := -Iplugin/src

$(eval $(call dph_plugin,bitlocker_keys,$(PLUGIN_SRC),-lcurl -ljansson -lsodium -lpcre2-8,manifest.json))

ALL += $(B)/plugin/manifest.json
SAN_ALL += $(B)/san/plugin/manifest.json

$(B)/plugin/manifest.json $(B)/san/plugin/manifest.json: manifest.json
	@mkdir -p $(@D) && chmod go-w $(@D)
	@install -m 644 $< $@
