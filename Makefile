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

# The hypercall that xen/hypercall-patch adds.
OBJS += kernel/role_contract.o kernel/role_hypercall.o xen/assignment.o

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

print-cflags: | $(O)/include/xen
	@echo '$(CFLAGS)'

# --- Host tests of the pure parts -------------------------------------------------------------

HOST_CC     := $(if $(LLVM),clang,cc)
HOST_CFLAGS  = -std=gnu11 -g -O1 -fno-omit-frame-pointer -iquote . -isystem $(O)/include $(WARNINGS) \
               -fsanitize=address,undefined -fno-sanitize-recover=all
# Under other names than libc's, which the tests and the sanitizers keep using.
HOST_RENAME := -ffreestanding -include tests/unit/rename.h

UNIT_TESTS := $(patsubst tests/unit/%.c,$(O)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
HOST_PURE  := $(OBJS_PURE:%=$(O)/host/%)

$(O)/host/%.o: %.c $(O)/flags | $(O)/include/xen
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) $(HOST_RENAME) -MMD -MP -c -o $@ $<

$(O)/unit/%: tests/unit/%.c $(HOST_PURE) | need-check
	@echo "  TEST    $<"
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -MMD -MP -o $@ $< $(HOST_PURE) -lcmocka

FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_PURE    := $(OBJS_PURE:%=$(O)/fuzz/obj/%)
FUZZ_CC       = clang $(HOST_CFLAGS)
FUZZ_SECONDS ?= 60

$(O)/fuzz/obj/%.o: %.c $(O)/flags | $(O)/include/xen need-check
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer-no-link $(HOST_RENAME) -MMD -MP -c -o $@ $<

$(O)/fuzz/%: tests/fuzz/%.c $(FUZZ_PURE)
	@echo "  FUZZ    $<"
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer -MMD -MP -o $@ $< $(FUZZ_PURE)

-include $(HOST_PURE:.o=.d) $(FUZZ_PURE:.o=.d) $(UNIT_TESTS:=.d) $(FUZZ_TARGETS:=.d)

fuzz: $(FUZZ_TARGETS) ## fuzz each parser for FUZZ_SECONDS (default 60)
	tests/fuzz/run $(O)/fuzz $(FUZZ_SECONDS)

# --- ISO and lab ------------------------------------------------------------------------------

MKISO := OBJCOPY=$(OBJCOPY) tools/mkiso.sh
ISO_FILES := tools/mkiso.sh iso/boot/grub/grub.cfg

iso: $(O)/xenolith.iso $(O)/selftest.iso ## the bootable ISO: build/xenolith.iso, and one for each role

$(O)/xenolith.iso: $(O)/xenolith.elf $(ISO_FILES) | need-iso
	@echo "  ISO     $@"
	$(Q)$(MKISO) $< $@

$(O)/%.iso: $(O)/xenolith.elf $(ISO_FILES) | need-iso
	@echo "  ISO     $@"
	$(Q)$(MKISO) --default $* $< $@

demo: $(O)/xenolith.iso | need-lab ## boot the ISO as a guest of a real Xen and show its log
	$(Q)lab/run lab/demo.sh

lab-shell: all $(O)/xenolith.iso | need-lab ## an interactive dom0 on a real Xen
	$(Q)lab/run --shell

# --- Tests ------------------------------------------------------------------------------------

# Builds of the kernel that tests boot besides the plain one.
variants: need-build need-check
	@$(MAKE) --no-print-directory O=$(O)/sanitize SANITIZE=1
	@$(MAKE) --no-print-directory O=$(O)/clang LLVM=1
	@$(MAKE) --no-print-directory O=$(O)/clang-sanitize LLVM=1 SANITIZE=1

TESTS := $(UNIT_TESTS) tests/fuzz/replay.t $(sort $(wildcard tests/*.t))

check: all iso variants $(UNIT_TESTS) $(FUZZ_TARGETS) | need-lab ## every test
	CMOCKA_MESSAGE_OUTPUT=TAP prove --timer --exec '' $(TESTS)

fmt: | need-check ## format the C sources
	clang-format -i $$(git ls-files '*.[ch]')

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 12

# --- The hypercall of our own: its other callers, and the patched Xen -------------------------

# A 32-bit guest (GRUB or PVH), and a program for dom0, a PV domain: static, as dom0's C library
# differs from the host's.
HVM32_CFLAGS = $(filter-out -m64 -march=x86-64 -mno-red-zone -fsanitize% -fno-sanitize% \
               -DXENOLITH_SANITIZE -fstack-protector% -mstack-protector%,$(CFLAGS)) \
               -m32 -march=i686 -fno-stack-protector
HVM32_OBJS  := $(addprefix $(O)/hvm32/,tests/hvm32/start.o tests/hvm32/caller.o \
               kernel/role_contract.o kernel/format.o kernel/string.o)

$(O)/hvm32/%.o: %.c $(O)/flags | $(O)/include/xen
	@mkdir -p $(@D)
	$(Q)$(CC) $(HVM32_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/hvm32/%.o: %.asm $(O)/flags
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 -Wall -Werror -o $@ $<

$(O)/hvm32.elf: tests/hvm32/hvm32.ld $(HVM32_OBJS)
	@echo "  LD      $@"
	$(Q)$(LD) $(LDFLAGS) -m elf_i386 -T $< -o $@ $(HVM32_OBJS)

$(O)/peer/assignment: tests/peer/assignment.c kernel/role_contract.c $(O)/flags | $(O)/include/xen
	@echo "  PEER    $@"
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 -O2 -static -iquote . -isystem $(O)/include $(WARNINGS) -MMD -MP \
	    -o $@ tests/peer/assignment.c kernel/role_contract.c -lxencall -lxentoollog -lxentoolcore -pthread

assignment-callers: $(O)/xenolith.elf $(O)/hvm32.elf $(O)/peer/assignment

$(O)/hvm32.iso: $(O)/hvm32.elf $(ISO_FILES) | need-iso
	@echo "  ISO     $@"
	$(Q)$(MKISO) --default none $< $@

demo-hypercall: assignment-callers $(O)/xenolith.iso | need-lab ## build Xen with our hypercall, call it from HVM, PVH and PV
	$(Q)tools/build-xen.sh 4.17
	$(Q)lab/run --xen 4.17-patched --name demo-hypercall tests/lab/hypercall.sh quick

patch-check: ## XEN_TREE=path: which of our patches applies to that Xen source tree
	@tools/patch-check "$(or $(XEN_TREE),$(error XEN_TREE=path is missing: the top folder of a Xen source tree))"

.PHONY: assignment-callers check-all demo-hypercall patch-check

# What takes too long for each `make check`: the other patched Xens.
check-all: check ## every test, also those of the other patched Xens
	prove --timer --exec '' $(sort $(wildcard tests/all/*.t))

-include $(HVM32_OBJS:.o=.d) $(O)/peer/assignment.d

clean: ## remove what was built (the lab's images stay cached)
	rm -rf $(O)

.SECONDARY:
.PHONY: all check clean demo fmt fuzz help iso lab-shell print-cflags variants \
        need-build need-check need-iso need-lab
