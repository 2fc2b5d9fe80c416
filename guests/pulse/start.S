# Entry from the boot ROM in M-mode: a0 = hart id, a1 = device tree. Only hart 0 runs; the others sleep for good.
# Everything writable lives in .bss, which is cleared here, so a reset that does not reload the image starts clean.

    .section .text.start, "ax"
    .globl _start
_start:
    csrw mie, zero
    csrci mstatus, 8
    bnez a0, park
    la t0, trap_entry
    csrw mtvec, t0
    la t0, bss_start
    la t1, bss_end
clear:
    sd zero, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, clear
    la sp, stack_top
    mv a0, a1
    call pulse_main
park:
    wfi
    j park

# Traps save what a C function may change. Interrupts are only enabled in cpu_sleep, never nested.
    .section .text, "ax"
    .balign 4
    .globl trap_entry
trap_entry:
    addi sp, sp, -128
    sd ra, 0(sp)
    sd t0, 8(sp)
    sd t1, 16(sp)
    sd t2, 24(sp)
    sd t3, 32(sp)
    sd t4, 40(sp)
    sd t5, 48(sp)
    sd t6, 56(sp)
    sd a0, 64(sp)
    sd a1, 72(sp)
    sd a2, 80(sp)
    sd a3, 88(sp)
    sd a4, 96(sp)
    sd a5, 104(sp)
    sd a6, 112(sp)
    sd a7, 120(sp)
    csrr a0, mcause
    csrr a1, mepc
    csrr a2, mtval
    call trap
    ld ra, 0(sp)
    ld t0, 8(sp)
    ld t1, 16(sp)
    ld t2, 24(sp)
    ld t3, 32(sp)
    ld t4, 40(sp)
    ld t5, 48(sp)
    ld t6, 56(sp)
    ld a0, 64(sp)
    ld a1, 72(sp)
    ld a2, 80(sp)
    ld a3, 88(sp)
    ld a4, 96(sp)
    ld a5, 104(sp)
    ld a6, 112(sp)
    ld a7, 120(sp)
    addi sp, sp, 128
    mret

    .section .bss.stack, "aw", @nobits
    .balign 16
    .space 16384
stack_top:
