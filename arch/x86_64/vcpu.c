/* SPDX-License-Identifier: MIT */
#include "arch/x86_64/vcpu.h"

static struct {
    struct vcpu *vcpus[VCPUS_MAX];
    unsigned int count;
} state;

unsigned int vcpu_count(void)
{
    return state.count;
}

struct vcpu *vcpu_at(unsigned int id)
{
    return state.vcpus[id];
}

void vcpu_add(struct vcpu *vcpu)
{
    vcpu->self = vcpu;
    vcpu->id = state.count;
    state.vcpus[state.count++] = vcpu;
}
