# The sample host: dochost, server and command line in one.

HOST_CORE_SRC := $(wildcard sample-host/src/*.c sample-host/src/base/*.c sample-host/src/store/*.c)
HOST_FRONT_SRC := $(wildcard sample-host/src/front/*.c)
HOST_SRC := $(HOST_CORE_SRC) $(HOST_FRONT_SRC) $(SUPPORT_SRC)
HOST_LIBS := -lsqlite3 -ljansson -lsodium -lmicrohttpd -lcsv -lcrypto -ldl

# Headers of this part are named from the root of the tree.
FLAGS_sample-host_src := -I.
FLAGS_sample-host_src_base := -I.
FLAGS_sample-host_src_store := -I.
FLAGS_sample-host_src_front := -I.

ALL += $(B)/bin/dochost
SAN_ALL += $(B)/san/bin/dochost

$(B)/bin/dochost: $(call objs,$(HOST_SRC)) $(B)/lib/libdph.a
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_PLAIN) -o $@ $(call objs,$(HOST_SRC)) $(B)/lib/libdph.a $(HOST_LIBS)

$(B)/san/bin/dochost: $(call sanobjs,$(HOST_SRC)) $(B)/san/lib/libdph.a
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_SAN) -o $@ $(call sanobjs,$(HOST_SRC)) $(B)/san/lib/libdph.a $(HOST_LIBS)
