/* SPDX-License-Identifier: MIT */
/*
 * Included by force when the kernel's sources are compiled for the host: the C library and the
 * sanitizers keep their own functions of these names.
 */
#pragma once

#define memcpy  xenolith_memcpy
#define memmove xenolith_memmove
#define memset  xenolith_memset
#define memcmp  xenolith_memcmp
#define strlen  xenolith_strlen
#define strnlen xenolith_strnlen
#define strcmp  xenolith_strcmp
#define strncmp xenolith_strncmp
