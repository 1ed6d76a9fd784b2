# SPDX-License-Identifier: MIT
#
# Xenolith. `make help` lists the targets; README.md says what they are for.
#
#   O=DIR             where everything is built (default: build)
#   LLVM=1            build with clang and ld.lld
#   CROSS_COMPILE=P   prefix of gcc and binutils (default: none on x86-64, else x86_64-linux-gnu-)
#   SANITIZE=1        kernel with UBSan and stack protector; a report is a FAIL
#   XEN_INCLUDE=DIR   Xen's public headers (default: /usr/include/xen, from libxen-dev)
#   V=1               show the commands

O           ?= build
NEED        ?= tools/need
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
CROSS_COMPILE ?= $(if $(filter x86_64,$(shell uname -m)),,x86_64-linux-gnu-)
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
            -Wimplicit-fallthrough -Wformat=2 -Wredundant-decls -Wnested-externs \
            -Wno-unused-parameter

# No libc, no floating point, no red zone (exceptions share the stack); frame pointers are what
# the panic's backtrace follows; address 0 is where the identity map starts.
CFLAGS = -std=c11 -O2 -g $(WARNINGS) -ffreestanding -nostdinc -isystem $(CC_INCLUDE) \
         -isystem $(O)/include -iquote . -m64 -march=x86-64 -mgeneral-regs-only -mno-red-zone \
         -fno-pic -fno-pie -fno-common -fno-omit-frame-pointer -fno-optimize-sibling-calls \
         -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks -fcf-protection=none \
         -ffile-prefix-map=$(CURDIR)=. -DXENOLITH_VERSION=$(shell cat VERSION) \
         $(CFLAGS_CC) $(CFLAGS_SANITIZE)

ifdef SANITIZE
CFLAGS_SANITIZE := -DXENOLITH_SANITIZE -fsanitize=undefined \
                   -fno-sanitize=null,pointer-overflow,returns-nonnull-attribute \
                   -fstack-protector-strong -mstack-protector-guard=global
OBJS_SANITIZE := kernel/sanitizer.o
else
CFLAGS_SANITIZE := -fno-stack-protector
endif

# It has the folder's name in it, which a release must not (tools/dist.sh).
NASM_DEBUG ?= -g -F dwarf

# Every relocation is against an image that is linked at a fixed address. NASM before 2.16.02 does
# not know the names of these warnings.
NASM_WARNINGS := -Wall -Werror -Wno-unknown-warning -Wno-reloc-abs -Wno-reloc-rel

LDFLAGS := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id=none \
           --fatal-warnings

# --- The kernel -------------------------------------------------------------------------------

# Pure logic: compiled for the kernel here and for the host in tests/unit.
OBJS_PURE := xen/abi/errno.o \
             lib/crc32c.o lib/elf.o lib/error.o lib/format.o lib/number.o lib/string.o \
             boot/mbi.o boot/pvh.o \
             xen/pvclock.o xen/vchan_ring.o xen/xenstore_wire.o \
             roles/options.o roles/pair/shared_page.o roles/stream/content.o

OBJS := $(OBJS_PURE) \
        arch/x86_64/apic.o arch/x86_64/gdt.o arch/x86_64/paging.o arch/x86_64/pic.o \
        arch/x86_64/stacks.o arch/x86_64/secondary.o arch/x86_64/syscall.o \
        arch/x86_64/syscall_entry.o arch/x86_64/traps.o arch/x86_64/traps_entry.o \
        arch/x86_64/user_copy.o arch/x86_64/user_memory.o arch/x86_64/vcpu.o \
        boot/boot.o \
        kernel/console.o kernel/panic.o kernel/printk.o kernel/program.o kernel/stop.o \
        kernel/tap.o kernel/verdict.o \
        drivers/serial/serial.o drivers/vga/vga.o \
        xen/assignment.o xen/clock.o xen/console.o xen/detect.o xen/evtchn.o xen/grant.o \
        xen/hvm_param.o xen/hypercall.o xen/lifecycle.o xen/result.o xen/shared_info.o \
        xen/shutdown.o xen/suspend.o xen/timer.o xen/unpopulated.o xen/vchan.o xen/vcpus.o \
        xen/version.o xen/xenstore.o \
        roles/bench/alone.o roles/bench/bench.o roles/bench/client.o roles/bench/report.o \
        roles/bench/server.o roles/hypercall/conformance.o roles/hypercall/hypercall.o \
        roles/idle/idle.o roles/pair/accounting.o roles/pair/reader.o roles/pair/rendezvous.o \
        roles/pair/writer.o roles/roles.o roles/selftest/clocks.o roles/selftest/cpu.o \
        roles/selftest/evtchns.o roles/selftest/grants.o roles/selftest/hypercalls.o \
        roles/selftest/selftest.o roles/selftest/vcpus.o roles/selftest/xenstore.o \
        roles/user/calls.o roles/user/hostile.o roles/user/image.o roles/user/run.o \
        roles/user/user.o roles/stream/link.o roles/stream/receiver.o roles/stream/sender.o \
        roles/stream/stream.o \
        init/main.o \
        $(OBJS_SANITIZE)

OBJ_FILES := $(addprefix $(O)/obj/,$(OBJS))

all: $(O)/xenolith.elf ## the kernel: build/xenolith.elf

$(O)/xenolith.elf: boot/kernel.ld $(OBJ_FILES)
	@echo "  LD      $@"
	$(Q)$(LD) $(LDFLAGS) -T boot/kernel.ld -o $@ $(OBJ_FILES)

$(O)/obj/%.o: %.c $(O)/flags | $(O)/include/xen
	@echo "  CC      $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/obj/%.o: %.asm $(wildcard arch/x86_64/*.inc) $(O)/flags
	@echo "  NASM    $<"
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf64 $(NASM_DEBUG) $(NASM_WARNINGS) -i $(O)/ -o $@ $<

-include $(OBJ_FILES:.o=.d)

# --- Programs for ring 3 ----------------------------------------------------------------------

# An ELF file of their own, far above 2 GiB: what they refer to is relative to where they are.
USER_CFLAGS  = $(filter-out -fno-pic -fno-pie $(CFLAGS_SANITIZE),$(CFLAGS)) -fno-stack-protector \
               -fpie -fvisibility=hidden
USER_OBJS   := $(addprefix $(O)/user/,user/crt.o user/hello.o user/hello_asm.o user/hostile.o \
               user/main.o user/memory.o user/random.o user/registers.o user/text.o user/time.o xen/pvclock.o)

$(O)/user/%.o: %.c $(O)/flags | $(O)/include/xen
	@echo "  CC      $<"
	@mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -MMD -MP -c -o $@ $<

# The numbers that C has from these headers.
$(O)/user/numbers.inc: kernel/syscalls.h arch/x86_64/memlayout.h
	@mkdir -p $(@D)
	$(Q)sed -nE 's/^#define ((SYS|USER)_[A-Z_]+) +([0-9a-fx]+)$$/%define \1 \3/p' $^ > $@

$(O)/user/%.o: %.asm $(O)/user/numbers.inc $(O)/flags
	@echo "  NASM    $<"
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf64 $(NASM_DEBUG) $(NASM_WARNINGS) -p $(O)/user/numbers.inc -o $@ $<

$(O)/user.elf: user/user.ld $(USER_OBJS)
	@echo "  LD      $@"
	$(Q)$(LD) $(LDFLAGS) -T user/user.ld -o $@ $(USER_OBJS)

$(O)/user/image: $(O)/user.elf
	$(Q)$(OBJCOPY) --strip-all $< $@

$(O)/obj/roles/user/image.o: $(O)/user/image

-include $(USER_OBJS:.o=.d)

# Only Xen's headers, and no others of the host's, are found as <xen/...>.
$(O)/include/xen: | need-build
	@mkdir -p $(@D)
	@test -e $(XEN_INCLUDE)/xen.h || { echo "XEN_INCLUDE=$(XEN_INCLUDE): no xen.h there," \
	    "expected Xen's public headers" >&2; exit 1; }
	@ln -sfn $(XEN_INCLUDE) $@

BUILD_FLAGS = $(CC) $(CFLAGS) $(USER_CFLAGS) $(NASM_WARNINGS) $(XEN_INCLUDE)

# Changes when the flags do, so that everything is then built again.
$(O)/flags: need-build
	@mkdir -p $(@D)
	@echo '$(BUILD_FLAGS)' | cmp -s - $@ || echo '$(BUILD_FLAGS)' > $@

# Installs what is missing (tools/need). A static pattern: make looks for no implicit rule for a
# phony target.
NEEDS := need-bench need-build need-check need-deb need-flask need-gdb need-iso need-lab need-xen
$(NEEDS): need-%:
	@$(NEED) $*

print-cflags: | $(O)/include/xen
	@echo '$(CFLAGS)'

# --- ISO and lab ------------------------------------------------------------------------------

MKISO := OBJCOPY=$(OBJCOPY) tools/mkiso.sh
ISO_FILES := tools/mkiso.sh iso/boot/grub/grub.cfg

ROLES := idle selftest writer reader

iso: $(O)/xenolith.iso $(ROLES:%=$(O)/%.iso) ## the bootable ISO: build/xenolith.iso, and one for each role

$(O)/xenolith.iso: $(O)/xenolith.elf $(ISO_FILES) | need-iso
	@echo "  ISO     $@"
	$(Q)$(MKISO) $< $@

$(O)/%.iso: $(O)/xenolith.elf $(ISO_FILES) | need-iso
	@echo "  ISO     $@"
	$(Q)$(MKISO) --default $* $< $@

demo: $(O)/writer.iso $(O)/reader.iso | need-lab ## writer and reader on a real Xen, both logs live
	$(Q)lab/run lab/demo.sh $$([ ! -t 1 ] || echo colour)

lab-image: | need-lab ## prepares the lab's images (XEN='4.14 4.17 4.20')
	@for xen in $(or $(XEN),4.14 4.17 4.20); do lab/image.sh $$xen || exit; done

lab-shell: all $(O)/xenolith.iso | need-lab ## an interactive dom0 on a real Xen
	$(Q)lab/run --shell

# --- The hypercall of our own -----------------------------------------------------------------

demo-hypercall: assignment-callers $(O)/xenolith.iso | need-lab ## build Xen with our hypercall, call it from HVM, PVH and PV
	$(Q)tools/build-xen.sh 4.17
	$(Q)lab/run --xen 4.17-patched --name demo-hypercall tests/scenarios/hypercall.sh quick

patch-check: ## XEN_TREE=path: which of our patches applies to that Xen source tree
	@tools/patch-check "$(or $(XEN_TREE),$(error XEN_TREE=path is missing: the top folder of a Xen source tree))"

# --- For other hosts --------------------------------------------------------------------------

check-data: all iso variants ## what tools/xenolith-check runs: build/check
	$(Q)tools/check-data.sh $(O)/check

dist: | need-build need-check need-deb need-iso ## a release: build/xenolith-VERSION.tar.xz, the same bytes each time
	$(Q)tools/dist.sh

deb: $(O)/xenolith.deb ## a Debian package with xenolith-check

$(O)/xenolith.deb: $(O)/xenolith.elf $(ISO_FILES) $(wildcard debian/* debian/tests/* cfg/*) \
    tools/check-data.sh tools/deb.sh tools/xenolith-check tools/logdiff docs/xenolith-check.8 VERSION \
    tests/boot/boot.table tests/boot/kernels.sh $(wildcard tests/scenarios/*.table) \
    $(wildcard tests/boot/golden/*) | need-iso need-check need-deb
	@echo "  DEB     $@"
	$(Q)tools/deb.sh $@

# --- The rest ---------------------------------------------------------------------------------

include tests/tests.mk

fmt: | need-check ## format the C sources
	clang-format -i $$(git ls-files '*.[ch]')

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile tests/tests.mk | expand -t 20

clean: ## remove what was built (the lab's images stay cached)
	rm -rf $(O)

.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all check-data clean deb demo demo-hypercall dist fmt help iso lab-image lab-shell patch-check print-cflags $(NEEDS)
