# Linux enters here with argc at the top of the stack.
    .section .text.start, "ax"
    .globl _start
_start:
    ld a0, 0(sp)
    addi a1, sp, 8
    andi sp, sp, -16
    call agent_main
    li a7, 94
    ecall
