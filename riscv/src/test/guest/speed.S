# Sv39 with 4 KiB pages over the first 2 MiB of RAM, then work(a0) in S mode.
    .globl _start
_start:
    la sp, stack
    la t0, root
    la t1, middle
    srli t2, t1, 12
    slli t2, t2, 10
    ori t2, t2, 1
    sd t2, 16(t0)            # 0x8000_0000: third gigabyte
    la t3, leaf
    srli t2, t3, 12
    slli t2, t2, 10
    ori t2, t2, 1
    sd t2, 0(t1)
    li t4, 0x80000000
    srli t4, t4, 2
    ori t4, t4, 0xcf         # V R W X A D
    li t5, 512
1:  sd t4, 0(t3)
    addi t3, t3, 8
    addi t4, t4, 1024
    addi t5, t5, -1
    bnez t5, 1b
    li t1, -1
    csrw pmpaddr0, t1
    li t1, 0x1f
    csrw pmpcfg0, t1
    srli t0, t0, 12
    li t1, 8
    slli t1, t1, 60
    or t0, t0, t1
    csrw satp, t0
    la t0, finish
    csrw mtvec, t0
    la t0, supervisor
    csrw mepc, t0
    li t0, 0x800
    csrw mstatus, t0
    mret
supervisor:
    call work
    ecall
    .align 2
finish:
    li t0, 0x100000
    sd a0, 0(t0)
1:  j 1b
    .bss
    .align 12
root: .skip 4096
middle: .skip 4096
leaf: .skip 4096
    .skip 16384
stack:
