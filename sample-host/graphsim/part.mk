# graphsim, the simulated Microsoft cloud. It shares only host-sdk/support with the rest.

SIM_SRC := $(wildcard sample-host/graphsim/*.c)
SIM_LIBS := -lh2o-evloop -lssl -lcrypto -ljansson -lsodium -lz

# h2o's headers live in the system directory, so their own warnings stay silent; these two are
# raised by its inline functions and macros where server.c uses them.
SIM_SERVER_WARN := -Wno-cast-align -Wno-null-dereference

$(B)/obj/sample-host/graphsim/server.o $(B)/san/obj/sample-host/graphsim/server.o: \
	private WARN += $(SIM_SERVER_WARN)

ALL += $(B)/bin/graphsim
SAN_ALL += $(B)/san/bin/graphsim

$(B)/bin/graphsim: $(call objs,$(SIM_SRC) $(SUPPORT_SRC))
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_PLAIN) $^ $(SIM_LIBS) -o $@

$(B)/san/bin/graphsim: $(call sanobjs,$(SIM_SRC) $(SUPPORT_SRC))
	@mkdir -p $(@D)
	$(if $(Q),@echo "  LD    $@")
	$(Q)$(CC) $(LDFLAGS_SAN) $^ $(SIM_LIBS) -o $@
