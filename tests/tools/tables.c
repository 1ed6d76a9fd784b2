/* SPDX-License-Identifier: MIT */
/*
 * Prints the tables of roles and of keys (roles/roles.def, roles/keys.def) for
 * tests/tools/tables.t.
 *
 *   tables readme   README's two tables
 *   tables menu     the boot menu's lines that name a role
 *   tables keys     words that are no key among the roles' own keys; exit status 1 if there are any
 */
#include <stdio.h>
#include <string.h>

#include "roles/options.h"

/* Whether `word` is one of the words of `words`, separated by blanks. */
static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = words; (at = strstr(at, word)); at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
            return true;
    return false;
}

static void print_readme(void)
{
    puts("| role | what it does | its keys |\n| --- | --- | --- |");
    for (uint32_t i = 0; options_role(i); i++) {
        const struct options_role *role = options_role(i);
        const char *comma = "";

        printf("| `%s` | %s | ", role->name, role->what);
        for (uint32_t k = 0; options_key(k); k++)
            if (has_word(role->keys, options_key(k)->name)) {
                printf("%s`%s`", comma, options_key(k)->name);
                comma = ", ";
            }
        puts(" |");
    }
    puts("| key | values | default | what it means |\n| --- | --- | --- | --- |");
    for (uint32_t i = 0; options_key(i); i++) {
        const struct options_key *key = options_key(i);
        char expected[200];

        options_expected(key, expected, sizeof(expected));
        printf("| `%s` | %s | `%s` | %s |\n", key->name, expected, key->default_text, key->help);
    }
}

static void print_menu(void)
{
    for (uint32_t i = 0; options_role(i); i++)
        printf("set %s_args=''\n", options_role(i)->name);
    for (uint32_t i = 0; options_role(i); i++) {
        const struct options_role *role = options_role(i);

        printf("menuentry '%s: %s' --id %s {\n", role->name, role->menu, role->name);
        printf("    eval \"multiboot2 /boot/xenolith.elf role=%s $%s_args\"\n", role->name,
               role->name);
    }
}

/* A role's own keys are keys. */
static int check_keys(void)
{
    int status = 0;

    for (uint32_t i = 0; options_role(i); i++) {
        char word[32];

        for (const char *at = options_role(i)->keys; sscanf(at, "%31s", word) == 1;
             at = strstr(at, word) + strlen(word)) {
            uint32_t k = 0;

            while (options_key(k) && strcmp(options_key(k)->name, word) != 0)
                k++;
            if (!options_key(k)) {
                printf("role %s: \"%s\" is not a key\n", options_role(i)->name, word);
                status = 1;
            }
        }
    }
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "readme"))
        print_readme();
    else if (argc == 2 && !strcmp(argv[1], "menu"))
        print_menu();
    else if (argc == 2 && !strcmp(argv[1], "keys"))
        return check_keys();
    else
        return 2;
    return 0;
}
