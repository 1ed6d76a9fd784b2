; SPDX-License-Identifier: MIT
;
; The programs' ELF file, which the Makefile builds from user/.

global user_image, user_image_size

section .rodata
align 16
user_image:
        incbin  "user/image"
user_image_end:
align 8
user_image_size:
        dq      user_image_end - user_image
