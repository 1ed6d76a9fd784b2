/* SPDX-License-Identifier: MIT */
#include "xen/version.h"

#include "kernel/printk.h"
#include "lib/string.h"
#include "xen/abi/xen.h"
#include "xen/hypercall.h"

static struct {
    bool known;
    uint32_t features;
} state;

/* Prints one of Xen's texts of at most `size` bytes, which Xen need not have terminated. */
static void print_text(const char *label, unsigned int command, char *text, size_t size)
{
    char shown[256];
    int64_t result = hypercall_xen_version(command, text);

    if (result < 0) {
        printk("%s: refused, -%s\n", label, xen_errno_name(result));
        return;
    }
    string_escape(shown, sizeof(shown), text, strnlen(text, size));
    printk("%s: %s\n", label, shown);
}

bool version_features(uint32_t *features, struct error *err)
{
    struct xen_feature_info info = {.submap_idx = 0};

    if (!state.known) {
        if (!check_result(err, hypercall_xen_version(XENVER_get_features, &info),
                          "cannot read Xen's features"))
            return false;
        state.features = info.submap;
        state.known = true;
    }
    *features = state.features;
    return true;
}

static void print_features(void)
{
    static const struct {
        unsigned int bit;
        const char *name;
    } names[] = {
        {XENFEAT_writable_page_tables, "writable_page_tables"},
        {XENFEAT_writable_descriptor_tables, "writable_descriptor_tables"},
        {XENFEAT_auto_translated_physmap, "auto_translated_physmap"},
        {XENFEAT_supervisor_mode_kernel, "supervisor_mode_kernel"},
        {XENFEAT_pae_pgdir_above_4gb, "pae_pgdir_above_4gb"},
        {XENFEAT_mmu_pt_update_preserve_ad, "mmu_pt_update_preserve_ad"},
        {XENFEAT_highmem_assist, "highmem_assist"},
        {XENFEAT_gnttab_map_avail_bits, "gnttab_map_avail_bits"},
        {XENFEAT_hvm_callback_vector, "hvm_callback_vector"},
        {XENFEAT_hvm_safe_pvclock, "hvm_safe_pvclock"},
        {XENFEAT_hvm_pirqs, "hvm_pirqs"},
        {XENFEAT_dom0, "dom0"},
        {XENFEAT_memory_op_vnode_supported, "memory_op_vnode_supported"},
        {XENFEAT_linux_rsdp_unrestricted, "linux_rsdp_unrestricted"},
    };
    uint32_t features;
    struct error err;

    if (!version_features(&features, &err)) {
        printk("Features: refused, -%s\n", xen_errno_name(-err.code));
        return;
    }
    printk("Features: 0x%x", features);
    for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (features >> names[i].bit & 1)
            printk(" %s", names[i].name);
    printk("\n");
}

void version_print(void)
{
    xen_extraversion_t extra;
    xen_capabilities_info_t capabilities;

    print_text("Extra version", XENVER_extraversion, extra, sizeof(extra));
    print_text("Capabilities", XENVER_capabilities, capabilities, sizeof(capabilities));
    print_features();
}
