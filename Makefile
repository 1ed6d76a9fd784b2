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

# Every relocation is against an image that is linked at a fixed address. NASM before 2.16.02 does
# not know the names of these warnings.
NASM_WARNINGS := -Wall -Werror -Wno-unknown-warning -Wno-reloc-abs -Wno-reloc-rel

LDFLAGS := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id=none \
           --fatal-warnings

# --- The kernel -------------------------------------------------------------------------------

# Pure logic: compiled for the kernel here and for the host in tests/unit.
OBJS_PURE := xen/abi/errno.o \
             lib/crc32c.o lib/error.o lib/format.o lib/number.o lib/string.o \
             boot/mbi.o boot/pvh.o \
             xen/pvclock.o xen/xenstore_wire.o \
             roles/options.o roles/pair/shared_page.o

OBJS := $(OBJS_PURE) \
        arch/x86_64/gdt.o arch/x86_64/paging.o arch/x86_64/pic.o arch/x86_64/stacks.o \
        arch/x86_64/traps.o arch/x86_64/traps_entry.o \
        boot/boot.o \
        kernel/console.o kernel/panic.o kernel/printk.o kernel/stop.o kernel/tap.o \
        kernel/verdict.o \
        drivers/serial/serial.o drivers/vga/vga.o \
        xen/assignment.o xen/clock.o xen/console.o xen/detect.o xen/evtchn.o xen/grant.o xen/hvm_param.o \
        xen/hypercall.o xen/shared_info.o xen/shutdown.o xen/unpopulated.o xen/version.o \
        xen/xenstore.o \
        roles/hypercall/conformance.o roles/hypercall/hypercall.o roles/pair/accounting.o \
        roles/pair/reader.o roles/pair/rendezvous.o roles/pair/writer.o \
        roles/roles.o roles/selftest/clocks.o roles/selftest/cpu.o roles/selftest/evtchns.o \
        roles/selftest/grants.o roles/selftest/hypercalls.o roles/selftest/selftest.o \
        roles/selftest/xenstore.o \
        init/main.o $(OBJS_SANITIZE)

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
	$(Q)$(NASM) -f elf64 -g -F dwarf $(NASM_WARNINGS) -o $@ $<

-include $(OBJ_FILES:.o=.d)

# Only Xen's headers, and no others of the host's, are found as <xen/...>.
$(O)/include/xen: | need-build
	@mkdir -p $(@D)
	@test -e $(XEN_INCLUDE)/xen.h || { echo "XEN_INCLUDE=$(XEN_INCLUDE): no xen.h there," \
	    "expected Xen's public headers" >&2; exit 1; }
	@ln -sfn $(XEN_INCLUDE) $@

BUILD_FLAGS = $(CC) $(CFLAGS) $(NASM_WARNINGS) $(XEN_INCLUDE)

# Changes when the flags do, so that everything is then built again.
$(O)/flags: need-build
	@mkdir -p $(@D)
	@echo '$(BUILD_FLAGS)' | cmp -s - $@ || echo '$(BUILD_FLAGS)' > $@

# Installs what is missing (tools/need). A static pattern: make looks for no implicit rule for a
# phony target.
NEEDS := need-build need-check need-iso need-lab need-xen
$(NEEDS): need-%:
	@tools/need $*

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

# The tables of roles and of keys, as text.
$(O)/tables: tests/tables/tables.c $(HOST_PURE)
	@echo "  TEST    $<"
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -MMD -MP -o $@ $< $(HOST_PURE)

-include $(HOST_PURE:.o=.d) $(O)/tables.d $(FUZZ_PURE:.o=.d) $(UNIT_TESTS:=.d) $(FUZZ_TARGETS:=.d)

fuzz: $(FUZZ_TARGETS) ## fuzz each parser for FUZZ_SECONDS (default 60)
	tests/fuzz/run $(O)/fuzz $(FUZZ_SECONDS)

# --- ISO and lab ------------------------------------------------------------------------------

MKISO := OBJCOPY=$(OBJCOPY) tools/mkiso.sh
ISO_FILES := tools/mkiso.sh iso/boot/grub/grub.cfg

ROLES := selftest writer reader

iso: $(O)/xenolith.iso $(ROLES:%=$(O)/%.iso) ## the bootable ISO: build/xenolith.iso, and one for each role

$(O)/xenolith.iso: $(O)/xenolith.elf $(ISO_FILES) | need-iso
	@echo "  ISO     $@"
	$(Q)$(MKISO) $< $@

$(O)/%.iso: $(O)/xenolith.elf $(ISO_FILES) | need-iso
	@echo "  ISO     $@"
	$(Q)$(MKISO) --default $* $< $@

demo: $(O)/writer.iso $(O)/reader.iso | need-lab ## writer and reader on a real Xen, both logs live
	$(Q)lab/run lab/demo.sh $$([ ! -t 1 ] || echo colour)

lab-shell: all $(O)/xenolith.iso | need-lab ## an interactive dom0 on a real Xen
	$(Q)lab/run --shell

# --- Programs for dom0, which speak with our guests through Xen's own libraries -----------------

PEERS     := $(O)/peer/peer_reader $(O)/peer/peer_store $(O)/peer/peer_writer
PEER_PURE := $(addprefix $(O)/peer/obj/,xen/abi/errno.o lib/crc32c.o lib/error.o lib/format.o lib/string.o \
             roles/pair/shared_page.o)
# Static: dom0 has another C library than the host.
PEER_LIBS := -lxenevtchn -lxengnttab -lxentoolcore -lxentoollog

$(O)/peer/obj/%.o: %.c | need-build
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 -O2 -iquote . $(WARNINGS) $(HOST_RENAME) -MMD -MP -c -o $@ $<

$(O)/peer/%: tests/peer/%.c $(PEER_PURE) | need-build
	@echo "  PEER    $<"
	$(Q)$(HOST_CC) -std=gnu11 -O2 -static -iquote . $(WARNINGS) -MMD -MP -o $@ $< $(PEER_PURE) $(PEER_LIBS)

-include $(PEER_PURE:.o=.d) $(PEERS:=.d)

peers: $(PEERS) ## programs for dom0 that read from, and write to, our guests

# --- The hypercall of our own: its other callers, and the patched Xen -------------------------

# A 32-bit guest (GRUB or PVH), and a program for dom0, a PV domain: static, as dom0's C library
# differs from the host's.
HVM32_CFLAGS = $(filter-out -m64 -march=x86-64 -mno-red-zone -fsanitize% -fno-sanitize% \
               -DXENOLITH_SANITIZE -fstack-protector% -mstack-protector%,$(CFLAGS)) \
               -m32 -march=i686 -fno-stack-protector
HVM32_OBJS  := $(addprefix $(O)/hvm32/,tests/hvm32/start.o tests/hvm32/caller.o \
               roles/hypercall/conformance.o lib/crc32c.o lib/format.o lib/string.o)

$(O)/hvm32/%.o: %.c $(O)/flags | $(O)/include/xen
	@mkdir -p $(@D)
	$(Q)$(CC) $(HVM32_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/hvm32/%.o: %.asm $(O)/flags
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 $(NASM_WARNINGS) -o $@ $<

$(O)/hvm32.elf: tests/hvm32/hvm32.ld $(HVM32_OBJS)
	@echo "  LD      $@"
	$(Q)$(LD) $(LDFLAGS) -m elf_i386 -T $< -o $@ $(HVM32_OBJS)

ASSIGNMENT_SOURCES := tests/peer/assignment.c roles/hypercall/conformance.c lib/crc32c.c

$(O)/peer/assignment: $(ASSIGNMENT_SOURCES) $(O)/flags | $(O)/include/xen
	@echo "  PEER    $@"
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu11 -O2 -static -iquote . -isystem $(O)/include $(WARNINGS) -MMD -MP \
	    -o $@ $(ASSIGNMENT_SOURCES) -lxencall -lxentoollog -lxentoolcore -pthread

assignment-callers: $(O)/xenolith.elf $(O)/hvm32.elf $(O)/peer/assignment

$(O)/hvm32.iso: $(O)/hvm32.elf $(ISO_FILES) | need-iso
	@echo "  ISO     $@"
	$(Q)$(MKISO) --default none $< $@

demo-hypercall: assignment-callers $(O)/xenolith.iso | need-lab ## build Xen with our hypercall, call it from HVM, PVH and PV
	$(Q)tools/build-xen.sh 4.17
	$(Q)lab/run --xen 4.17-patched --name demo-hypercall tests/lab/hypercall.sh quick

patch-check: ## XEN_TREE=path: which of our patches applies to that Xen source tree
	@tools/patch-check "$(or $(XEN_TREE),$(error XEN_TREE=path is missing: the top folder of a Xen source tree))"

-include $(HVM32_OBJS:.o=.d) $(O)/peer/assignment.d

# --- Tests ------------------------------------------------------------------------------------

# Builds of the kernel that tests boot besides the plain one.
variants: need-build need-check
	@$(MAKE) --no-print-directory O=$(O)/sanitize SANITIZE=1
	@$(MAKE) --no-print-directory O=$(O)/clang LLVM=1
	@$(MAKE) --no-print-directory O=$(O)/clang-sanitize LLVM=1 SANITIZE=1

# Two run at a time: the longest first. A test that is named in neither list needs a Xen, too.
# patch.t is early as headers.t, which comes late, unpacks the same sources.
BUILD_TESTS := tests/lint.t tests/iso.t tests/guests-none.t tests/fuzz/replay.t tests/layers.t \
               tests/logdiff.t tests/summary.t tests/tables.t tests/docs.t $(UNIT_TESTS)
LONG_TESTS  := $(addprefix tests/,guests-4.17.t roles-4.17.t hypercall.t oxenstored.t patch.t \
               guests-4.20.t guests-4.14.t grub.t roles-4.20.t roles-4.14.t preempt.t)
XEN_TESTS   := $(LONG_TESTS) $(filter-out $(LONG_TESTS) $(BUILD_TESTS),$(sort $(wildcard tests/*.t)))
# $(call prove,TESTS): runs them, and says at the end which took longest and what was skipped.
prove = rm -rf $(O)/tap; status=0; \
        TAP_DIR=$(O)/tap CMOCKA_MESSAGE_OUTPUT=TAP prove --timer --jobs 2 --exec tests/record $(1) || \
        status=$$?; tests/summary $(O)/tap; exit $$status

BUILT := all iso variants $(O)/tables $(UNIT_TESTS) $(FUZZ_TARGETS)

check: $(BUILT) peers assignment-callers $(O)/hvm32.iso | need-lab need-xen ## the tests, on Xen 4.14, 4.17, 4.20
	@$(call prove,$(XEN_TESTS) $(BUILD_TESTS))

check-build: $(BUILT) | need-lab ## the tests that need no Xen: compilers, unit tests, corpora, ISO
	@$(call prove,$(BUILD_TESTS))

check-all: check ## `check`, then the hypercall on the other patched Xens
	@$(call prove,$(sort $(wildcard tests/all/*.t)))

# Each in a bare root of that Debian.
HOSTS ?= debian12 debian13 testing debian11

check-host: ## HOST=debian12|debian13|testing: README's commands in a bare root of it
	tests/hosts/run $(or $(HOST),$(error HOST is missing: one of $(HOSTS)))

check-hosts: ## the same on all of them
	status=0; for host in $(HOSTS); do tests/hosts/run $$host || status=1; done; exit $$status

fmt: | need-check ## format the C sources
	clang-format -i $$(git ls-files '*.[ch]')

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 20

clean: ## remove what was built (the lab's images stay cached)
	rm -rf $(O)

.SECONDARY:
.DELETE_ON_ERROR:
.PHONY: all assignment-callers check check-all check-build check-host check-hosts clean demo demo-hypercall fmt fuzz help iso lab-shell \
        patch-check peers print-cflags variants $(NEEDS)
