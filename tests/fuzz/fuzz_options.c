// SPDX-License-Identifier: MIT
#include "roles/options.h"
#include "roles/pair/shared_page.h"
#include "tests/fuzz/fuzz.h"

static bool same(const struct options *a, const struct options *b)
{
    return a->role == b->role && a->peer == b->peer && a->gref == b->gref &&
           !strcmp(a->name, b->name) && a->wait == b->wait && a->count == b->count &&
           a->grants == b->grants && a->hold == b->hold && a->by == b->by &&
           !strcmp(a->message, b->message) && a->hypercall == b->hypercall &&
           a->consoles == b->consoles && a->exit == b->exit && a->epoch_given == b->epoch_given &&
           a->epoch_ms == b->epoch_ms;
}

static void must_be_in_range(const struct options *options)
{
    const uint32_t consoles = CONSOLE_VGA | CONSOLE_COM1 | CONSOLE_XEN;
    size_t length = strnlen(options->message, sizeof(options->message));

    must(options_role_name(options->role));
    must(options->peer <= 0x7fef || options->peer == OPTIONS_PEER_AUTO);
    must(options->gref >= 8);
    must(options->name[0] && strnlen(options->name, sizeof(options->name)) <= OPTIONS_NAME_MAX);
    must(options->wait >= 1 && options->wait <= 3600);
    must(options->count >= 1 && options->count <= SHARED_PAGE_ROUNDS);
    must(options->grants >= 1 && options->grants <= 4194304);
    must(options->hold <= 3600 || options->hold == OPTIONS_HOLD_AUTO);
    must(options->by <= BY_COPY);
    must(length > 0 && length <= OPTIONS_MESSAGE_MAX);
    must(options->hypercall <= HYPERCALL_DIRECT);
    must(options->consoles && !(options->consoles & ~consoles));
    must(options->exit <= EXIT_HALT);
    must(options->epoch_given || !options->epoch_ms);
}

// What parses describes itself in printable text that parses to the same.
static void must_describe_itself(const struct options *options)
{
    static char text[OPTIONS_DESCRIBE_SIZE];
    struct options again;
    struct error err;

    memset(text, 0xaa, sizeof(text));
    options_describe(options, text, sizeof(text));
    must_be_printable(text, sizeof(text));
    must(options_parse(text, &again, &err));
    must(same(options, &again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct options options, defaults, wanted;
    struct error err = {0};

    memcpy(text, data, size);
    text[size] = '\0';
    must(options_parse("", &defaults, &err));
    memset(&options, 0xaa, sizeof(options));
    if (!options_parse(text, &options, &err)) {
        must_be_a_reason(&err);
        wanted = defaults;
        wanted.consoles = options.consoles;
        wanted.exit = options.exit;
        wanted.hypercall = options.hypercall;
        must(same(&options, &wanted));
    }
    must_be_in_range(&options);
    must_describe_itself(&options);
    free(text);
    return 0;
}
