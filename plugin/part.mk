# The plugin: one shared object with one exported symbol, and its manifest beside it.

PLUGIN_SRC := $(sort $(wildcard plugin/src/*.c plugin/src/*/*.c)) $(SUPPORT_SRC)

FLAGS_plugin_src := -Iplugin/src
FLAGS_plugin_src_base := -Iplugin/src
FLAGS_plugin_src_domain := -Iplugin/src
FLAGS_plugin_src_graph := -Iplugin/src
FLAGS_plugin_src_hooks := -Iplugin/src
FLAGS_plugin_src_state := -Iplugin/src
FLAGS_plugin_src_usecase := -Iplugin/src

$(eval $(call dph_plugin,bitlocker_keys,plugin,$(PLUGIN_SRC),-lcurl -ljansson -lsodium -lpcre2-8,manifest.json))
