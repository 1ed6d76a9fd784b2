# SPDX-License-Identifier: MIT
#
# The tests' part of the Makefile, which includes it.

# --- Objects of the kernel's sources, compiled for something else ---------------------------------

# $(call objects,FOLDER,COMMAND): COMMAND, a compiler with its flags, makes the objects below
# FOLDER.
define objects
$(O)/$(1)/%.o: %.c $(O)/flags | $(O)/include/xen need-check
	@mkdir -p $$(@D)
	$$(Q)$(2) -MMD -MP -c -o $$@ $$<
endef
$(eval $(call objects,host,$$(HOST_CC) $$(HOST_CFLAGS) $$(HOST_RENAME)))
$(eval $(call objects,fuzz/obj,$$(FUZZ_CC) -fsanitize=fuzzer-no-link $$(HOST_RENAME)))
$(eval $(call objects,dom0/obj,$$(HOST_CC) $$(DOM0_CFLAGS) $$(HOST_RENAME)))
$(eval $(call objects,hvm32,$$(CC) $$(HVM32_CFLAGS)))

# --- Host tests of the pure parts -------------------------------------------------------------

HOST_CC     := $(if $(LLVM),clang,cc)
HOST_CFLAGS  = -std=gnu11 -g -O1 -fno-omit-frame-pointer -iquote . -isystem $(O)/include \
               $(WARNINGS) -fsanitize=address,undefined -fno-sanitize-recover=all
# Under other names than libc's, which the tests and the sanitizers keep using.
HOST_RENAME := -ffreestanding -include tests/unit/rename.h

UNIT_TESTS := $(patsubst tests/unit/%.c,$(O)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))
HOST_PURE  := $(OBJS_PURE:%=$(O)/host/%)

$(O)/unit/%: tests/unit/%.c $(HOST_PURE) | need-check
	@echo "  TEST    $<"
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -MMD -MP -o $@ $< $(HOST_PURE) -lcmocka

FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_PURE    := $(OBJS_PURE:%=$(O)/fuzz/obj/%)
FUZZ_CC       = clang $(HOST_CFLAGS)
FUZZ_SECONDS ?= 60

$(O)/fuzz/%: tests/fuzz/%.c $(FUZZ_PURE)
	@echo "  FUZZ    $<"
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer -MMD -MP -o $@ $< $(FUZZ_PURE)

# The tables of roles and of keys, as text.
$(O)/tables: tests/tools/tables.c $(HOST_PURE)
	@echo "  TEST    $<"
	$(Q)$(HOST_CC) $(HOST_CFLAGS) -MMD -MP -o $@ $< $(HOST_PURE)

-include $(HOST_PURE:.o=.d) $(O)/tables.d $(FUZZ_PURE:.o=.d) $(UNIT_TESTS:=.d) $(FUZZ_TARGETS:=.d)

fuzz: $(FUZZ_TARGETS) ## fuzz each parser for FUZZ_SECONDS (default 60)
	tests/fuzz/fuzz.sh $(O)/fuzz $(FUZZ_SECONDS)

# --- Programs for dom0, which speak with our guests through Xen's own libraries -----------------

DOM0_PROGRAMS := $(addprefix $(O)/dom0/,peer_reader peer_store peer_writer socket_end vchan_bench \
                 vchan_hostile vchan_peer)
DOM0_PURE     := $(addprefix $(O)/dom0/obj/,xen/abi/errno.o lib/crc32c.o lib/error.o lib/format.o \
                 lib/string.o roles/pair/shared_page.o roles/stream/content.o)
DOM0_CFLAGS    = -std=gnu11 -O2 -iquote . -isystem $(O)/include $(WARNINGS)
# Static: dom0 has another C library than the host.
DOM0_LIBS     := -lxenvchan -lxenstore -lxencall -lxenevtchn -lxengnttab -lxentoolcore -lxentoollog

$(O)/dom0/%: tests/dom0/%.c $(DOM0_PURE) | need-build
	@echo "  DOM0    $<"
	$(Q)$(HOST_CC) $(DOM0_CFLAGS) -static -MMD -MP -o $@ $< $(DOM0_PURE) $(DOM0_LIBS)

-include $(DOM0_PURE:.o=.d) $(DOM0_PROGRAMS:=.d)

peers: $(DOM0_PROGRAMS) ## programs for dom0 that read from, and write to, our guests

# --- Other callers of our hypercall -----------------------------------------------------------

# A 32-bit guest (GRUB or PVH), a 32-bit PV guest (xl), and a program for dom0, a PV domain: static,
# as dom0's C library differs from the host's.
HVM32_CFLAGS = $(filter-out -m64 -march=x86-64 -mno-red-zone -fsanitize% -fno-sanitize% \
               -DXENOLITH_SANITIZE -fstack-protector% -mstack-protector%,$(CFLAGS)) \
               -m32 -march=i686 -fno-stack-protector -D__XEN_INTERFACE_VERSION__=0x00040900
CALLER32    := $(addprefix $(O)/hvm32/,tests/guests/caller32.o roles/hypercall/conformance.o \
               lib/crc32c.o lib/format.o lib/string.o)
HVM32_OBJS  := $(addprefix $(O)/hvm32/tests/guests/hvm32/,start.o caller.o) $(CALLER32)
PV32_OBJS   := $(addprefix $(O)/hvm32/tests/guests/pv32/,start.o pv32.o) $(CALLER32)

$(O)/hvm32/%.o: %.asm $(O)/flags
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf32 $(NASM_WARNINGS) -o $@ $<

$(O)/hvm32.elf: tests/guests/hvm32/hvm32.ld $(HVM32_OBJS)
	@echo "  LD      $@"
	$(Q)$(LD) $(LDFLAGS) -m elf_i386 -T $< -o $@ $(HVM32_OBJS)

$(O)/pv32.elf: tests/guests/pv32/pv32.ld $(PV32_OBJS)
	@echo "  LD      $@"
	$(Q)$(LD) $(LDFLAGS) -m elf_i386 -T $< -o $@ $(PV32_OBJS)

ASSIGNMENT_SOURCES := tests/dom0/assignment.c roles/hypercall/conformance.c lib/crc32c.c

$(O)/dom0/assignment: $(ASSIGNMENT_SOURCES) $(O)/flags | $(O)/include/xen
	@echo "  DOM0    $@"
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(DOM0_CFLAGS) -static -MMD -MP \
	    -o $@ $(ASSIGNMENT_SOURCES) -lxencall -lxentoollog -lxentoolcore -pthread

assignment-callers: $(O)/xenolith.elf $(O)/hvm32.elf $(O)/pv32.elf $(O)/dom0/assignment

$(O)/hvm32.iso: $(O)/hvm32.elf $(ISO_FILES) | need-iso
	@echo "  ISO     $@"
	$(Q)$(MKISO) --default none $< $@

-include $(HVM32_OBJS:.o=.d) $(PV32_OBJS:.o=.d) $(O)/dom0/assignment.d

# --- Benchmarks -------------------------------------------------------------------------------

# The kernel's own code, optimised as in the kernel, not sanitised.
BENCH_PURE := $(addprefix $(O)/bench/obj/,arch/x86_64/vcpu.o xen/abi/errno.o lib/crc32c.o \
              lib/error.o lib/format.o lib/string.o xen/clock.o xen/pvclock.o xen/vchan_ring.o)
BENCH_CFLAGS = -std=gnu11 -O2 -iquote . -isystem $(O)/include $(WARNINGS)
$(eval $(call objects,bench/obj,$$(HOST_CC) $$(BENCH_CFLAGS) $$(CFLAGS_CC) -mgeneral-regs-only \
    $$(HOST_RENAME)))

$(O)/bench/native: tests/bench/native.c $(BENCH_PURE) | need-build
	@echo "  BENCH   $<"
	$(Q)$(HOST_CC) $(BENCH_CFLAGS) -MMD -MP -o $@ $< $(BENCH_PURE)

-include $(BENCH_PURE:.o=.d) $(O)/bench/native.d

bench-native: ## times the pure code on this host; build/bench/native.csv, .svg, .png
bench-native: $(O)/bench/native | need-bench
	@$(O)/bench/native $(O)/bench/native.csv
	@gnuplot -e "csv='$(O)/bench/native.csv'; out='$(O)/bench/native'" tests/bench/native.gp
	@echo "wrote $(O)/bench/native.csv, native.svg and native.png"

BENCH_BYTES ?= 1048576
bench: ## role=bench in the lab, beside libxenvchan: build/bench/lab.*
bench: all peers | need-bench need-lab
	@mkdir -p $(O)/bench
	@image=$$(lab/image.sh 4.17) && lab/run --xen 4.17 --name bench --timeout 5400 \
	    --share "$$image" tests/bench/lab.sh $(BENCH_BYTES) >$(O)/bench/lab.csv.part
	@mv $(O)/bench/lab.csv.part $(O)/bench/lab.csv
	@gnuplot -e "csv='$(O)/bench/lab.csv'; out='$(O)/bench/lab'" tests/bench/lab.gp
	@echo "wrote $(O)/bench/lab.csv, and lab-streams and lab-grants as .svg and .png"

# --- Tests ------------------------------------------------------------------------------------

# Builds of the kernel that tests boot besides the plain one.
variants: need-build need-check
	@$(MAKE) --no-print-directory O=$(O)/sanitize SANITIZE=1
	@$(MAKE) --no-print-directory O=$(O)/clang LLVM=1
	@$(MAKE) --no-print-directory O=$(O)/clang-sanitize LLVM=1 SANITIZE=1

# Two run at a time: the longest first. `make check` leaves out what ALL_TESTS and tests/slow have.
# A test in none of these lists needs a Xen, too.
BUILD_TESTS := $(addprefix tests/,tools/lint.t tools/iso.t boot/boot-none.t fuzz/replay.t \
               tools/layers.t tools/logdiff.t tools/summary.t tools/tables.t tools/tap.t \
               tools/docs.t models/vchan.t tools/ci.t tools/lab-boot.t) $(UNIT_TESTS)
ALL_TESTS   := $(addprefix tests/,scenarios/xenolith-check.t scenarios/oxenstored.t \
               boot/boot-4.17-more.t scenarios/pairs-4.17-iso.t scenarios/peers.t \
               scenarios/console.t boot/grub.t tools/package.t scenarios/pairs-grants-v1.t \
               scenarios/lifecycle-4.17.t scenarios/lifecycle-4.20.t scenarios/lifecycle-4.14.t \
               scenarios/lifecycle-oxenstored.t scenarios/lifecycle-upgrade.t \
               scenarios/hello.t scenarios/gdb.t scenarios/xenolith-check-4.14.t \
               scenarios/xenolith-check-4.20.t scenarios/smoke.t boot/foreign.t \
               scenarios/streams-4.17.t scenarios/streams-4.14.t scenarios/streams-4.20.t \
               scenarios/streams-saved.t scenarios/vchan-hostile.t scenarios/vchan-proxy.t)
# What takes too long for CI: `make check-hours`.
HOURS_TESTS := $(sort $(wildcard $(addprefix tests/slow/,lifecycle-all-*.t xenolith-check-all.t \
               foreign-slow.t denied.t new-hypercall.t unchecked.t streams-long.t \
               hypercall-4.14-patched.t hypercall-4.17-patched-debug.t) \
               tests/boot/boot-4.17-hours.t))
LONG_TESTS  := $(addprefix tests/,scenarios/pairs-4.17.t boot/boot-4.17.t scenarios/hypercall.t \
               boot/boot-4.20.t boot/boot-4.14.t scenarios/faults.t tools/patch.t \
               scenarios/pairs-4.20.t scenarios/pairs-4.14.t scenarios/preempt.t)
XEN_TESTS   := $(LONG_TESTS) $(filter-out $(LONG_TESTS) $(ALL_TESTS) $(HOURS_TESTS) $(BUILD_TESTS) \
               tests/slow/%,$(sort $(wildcard tests/*/*.t)))
# $(call prove,TESTS): runs them, and says at the end which took longest and what was skipped.
prove = rm -rf $(O)/tap; status=0; \
        TAP_DIR=$(O)/tap CMOCKA_MESSAGE_OUTPUT=TAP prove --timer --jobs 2 --exec tests/lib/record \
            $(1) 9>&2 || status=$$?; tests/lib/summary $(O)/tap; exit $$status

BUILT := all iso variants $(O)/tables $(UNIT_TESTS) $(FUZZ_TARGETS)

check: ## the tests, on Xen 4.14, 4.17, 4.20
check: $(BUILT) peers assignment-callers $(O)/hvm32.iso | need-lab need-xen
	@$(call prove,$(XEN_TESTS) $(BUILD_TESTS))

check-build: $(BUILT) | need-lab ## the tests that need no Xen: compilers, unit tests, corpora, ISO
	@$(call prove,$(BUILD_TESTS))

check-all: ## `check`, then what takes longer: more guests, oxenstored, other patched Xens
check-all: check $(O)/xenolith.deb | need-gdb
	@$(call prove,$(ALL_TESTS) $(filter-out $(HOURS_TESTS),$(sort $(wildcard tests/slow/*.t))))

check-hours: ## what takes hours: every command of the toolstack to every guest
check-hours: $(BUILT) peers assignment-callers $(O)/hvm32.iso $(O)/xenolith.deb | need-lab \
    need-xen need-flask
	@$(call prove,$(HOURS_TESTS))

# Each in a bare root of that Debian.
HOSTS ?= debian12 debian13 testing debian11

check-host: ## HOST=debian12|debian13|testing: README's commands in a bare root of it
	tests/hosts/check-host $(or $(HOST),$(error HOST is missing: one of $(HOSTS)))

check-hosts: ## the same on all of them
	status=0; for host in $(HOSTS); do tests/hosts/check-host $$host || status=1; done; exit $$status

.PHONY: assignment-callers bench bench-native check check-all check-build check-host check-hosts \
    check-hours fuzz peers variants
