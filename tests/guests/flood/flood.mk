# SPDX-License-Identifier: MIT
#
# make -f tests/guests/flood/flood.mk: build/flood.elf, the kernel with flood.c in place of the
# selftest.
include Makefile

FLOOD_OBJS := $(filter-out %/selftest.o,$(OBJ_FILES)) $(O)/obj/tests/guests/flood/flood.o

.DEFAULT_GOAL := $(O)/flood.elf
$(O)/flood.elf: boot/kernel.ld $(FLOOD_OBJS)
	@echo "  LD      $@"
	$(Q)$(LD) $(LDFLAGS) -T boot/kernel.ld -o $@ $(FLOOD_OBJS)

-include $(O)/obj/tests/guests/flood/flood.d
