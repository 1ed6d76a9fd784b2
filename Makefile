# SPDX-License-Identifier: MIT
#
# Xenolith. `make help` lists the targets; README.md says what they are for.
#
#   O=DIR             where everything is built (default: build)
#   LLVM=1            build with clang and ld.lld
#   CROSS_COMPILE=P   prefix of gcc and binutils (default: x86_64-linux-gnu-, where present)
#   SANITIZE=1        kernel with UBSan and stack protector; a report is a FAIL
#   XEN_INCLUDE=DIR   Xen's public headers (default: /usr/include/xen, from libxen-dev)
#   V=1               show the commands

O           ?= build
XEN_INCLUDE ?= /usr/include/xen

.DEFAULT_GOAL := all
Q := $(if $(V),,@)

# --- Tools ------------------------------------------------------------------------------------

ifdef LLVM
CC      := clang --target=x86_64-linux-gnu
LD      := ld.lld
OBJCOPY := llvm-objcopy
CC_INCLUDE = $(shell clang -print-resource-dir)/include
else
CROSS_COMPILE ?= $(if $(shell command -v x86_64-linux-gnu-gcc),x86_64-linux-gnu-)
CC      := $(CROSS_COMPILE)gcc
LD      := $(CROSS_COMPILE)ld
OBJCOPY := $(CROSS_COMPILE)objcopy
CC_INCLUDE = $(shell $(CC) -print-file-name=include)
CFLAGS_CC := -fno-tree-loop-distribute-patterns
endif
NASM := nasm

# --- Flags ------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wundef -Wvla -Wcast-qual -Wstrict-prototypes \
            -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wwrite-strings \
            -Wimplicit-fallthrough -Wformat=2 -Wredundant-decls -Wnested-externs

# No libc, no floating point, no red zone (exceptions share the stack); frame pointers are what
# the panic's backtrace follows; address 0 is where the identity map starts.
CFLAGS = -std=c11 -O2 -g $(WARNINGS) -ffreestanding -nostdinc -isystem $(CC_INCLUDE) \
         -isystem $(O)/include -iquote . -m64 -march=x86-64 -mgeneral-regs-only -mno-red-zone \
         -fno-pic -fno-pie -fno-common -fno-omit-frame-pointer -fno-optimize-sibling-calls \
         -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks -fcf-protection=none \
         -ffile-prefix-map=$(CURDIR)=. $(CFLAGS_CC) $(CFLAGS_SANITIZE)

ifdef SANITIZE
CFLAGS_SANITIZE := -DXENOLITH_SANITIZE -fsanitize=undefined \
                   -fno-sanitize=null,pointer-overflow,returns-nonnull-attribute \
                   -fstack-protector-strong -mstack-protector-guard=global
OBJS_SANITIZE := kernel/sanitizer.o
else
CFLAGS_SANITIZE := -fno-stack-protector
endif

LDFLAGS := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id=none \
           --fatal-warnings

# --- The kernel -------------------------------------------------------------------------------

# The parts that are pure logic: compiled for the kernel here and for the host in tests/unit.
OBJS_PURE := boot/mbi.o boot/pvh.o kernel/cmdline.o kernel/format.o kernel/string.o kernel/why.o \
             xen/pvclock.o

OBJS := $(OBJS_PURE) boot/boot.o \
        arch/x86_64/gdt.o arch/x86_64/paging.o arch/x86_64/traps.o arch/x86_64/traps_entry.o \
        drivers/serial/serial.o drivers/vga/vga.o \
        kernel/console.o kernel/main.o kernel/panic.o kernel/printk.o kernel/role_selftest.o \
        kernel/stop.o kernel/tap.o kernel/verdict.o \
        xen/console.o xen/detect.o xen/hole.o xen/hypercall.o xen/shared_info.o xen/shutdown.o \
        xen/time.o xen/version.o $(OBJS_SANITIZE)

OBJ_FILES := $(addprefix $(O)/obj/,$(OBJS))

all: $(O)/xenolith.elf ## the kernel: build/xenolith.elf

$(O)/xenolith.elf: boot/kernel.ld $(OBJ_FILES)
	@echo "  LD      $@"
	$(Q)$(LD) $(LDFLAGS) -T boot/kernel.ld -o $@ $(OBJ_FILES)

$(O)/obj/%.o: %.c $(O)/flags | $(O)/include/xen
	@echo "  CC      $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/obj/%.o: %.asm $(O)/flags
	@echo "  NASM    $<"
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf64 -g -F dwarf -Wall -Werror -o $@ $<

-include $(OBJ_FILES:.o=.d)

# Only Xen's headers, and no others of the host's, are found as <xen/...>.
$(O)/include/xen: | need-build
	@mkdir -p $(@D)
	@test -e $(XEN_INCLUDE)/xen.h || { echo "XEN_INCLUDE=$(XEN_INCLUDE): no xen.h there," \
	    "expected Xen's public headers" >&2; exit 1; }
	@ln -sfn $(XEN_INCLUDE) $@

# Changes when the flags do, so that everything is then built again.
$(O)/flags: need-build
	@mkdir -p $(@D)
	@echo '$(CC) $(CFLAGS) $(XEN_INCLUDE)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(XEN_INCLUDE)' > $@

need-%:
	@true tools/need $*

clean: ## remove what was built (the lab's images stay cached)
	rm -rf $(O)

.PHONY: all clean need-build
