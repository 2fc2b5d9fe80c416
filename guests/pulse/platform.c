// Machine-mode timer, PLIC and the test device of the `virt` board.
#include "pulse.h"

#define TEST_DEVICE 0x100000ull
#define MTIMECMP0 0x2004000ull
#define MTIME 0x200bff8ull
#define PLIC 0x0c000000ull
#define PLIC_ENABLE (PLIC + 0x2000)      // context 0: hart 0, machine mode
#define PLIC_THRESHOLD (PLIC + 0x200000)
#define PLIC_CLAIM (PLIC + 0x200004)

#define MIE_MTIE (1ul << 7)
#define MIE_MEIE (1ul << 11)
#define CAUSE_INTERRUPT (1ull << 63)

#define REG32(a) (*(volatile uint32_t *)(a))
#define REG64(a) (*(volatile uint64_t *)(a))

uint64_t now_ticks(void) { return REG64(MTIME); }

void interrupts_enable(uint32_t irq) {
  REG32(PLIC + 4 * irq) = 1;
  REG32(PLIC_ENABLE + 4 * (irq / 32)) |= 1u << irq % 32;
  REG32(PLIC_THRESHOLD) = 0;
  asm volatile("csrs mie, %0" ::"r"(MIE_MEIE));
}

// Interrupts stay off except here: wfi wakes for a pending one even while they are off, so nothing that arrives
// between the last look for work and the sleep is missed; opening the window then lets it trap.
void cpu_sleep(uint64_t wake_at_ticks) {
  REG64(MTIMECMP0) = wake_at_ticks;
  asm volatile("csrs mie, %0" ::"r"(MIE_MTIE));
  asm volatile("wfi");
  asm volatile("csrsi mstatus, 8\n\tnop\n\tcsrci mstatus, 8" ::: "memory");
}

void trap(uint64_t cause, uint64_t pc, uint64_t value) {
  if (cause == (CAUSE_INTERRUPT | 7)) {
    REG64(MTIMECMP0) = ~0ull;
    asm volatile("csrc mie, %0" ::"r"(MIE_MTIE));
    return;
  }
  if (cause == (CAUSE_INTERRUPT | 11)) {
    uint32_t irq;
    while ((irq = REG32(PLIC_CLAIM)) != 0) {
      net_interrupt(irq);
      REG32(PLIC_CLAIM) = irq;
    }
    return;
  }
  LINE(line);
  put_string(&line, "pulse: TRAP cause=");
  put_hex(&line, cause);
  put_string(&line, " pc=");
  put_hex(&line, pc);
  put_string(&line, " value=");
  put_hex(&line, value);
  PRINT(line);
  fail(3);
}

static void __attribute__((noreturn)) finish(uint32_t value) {
  REG32(TEST_DEVICE) = value;
  for (;;) asm volatile("wfi");
}

void power_off(void) { finish(0x5555); }

void reboot(void) { finish(0x7777); }

void fail(uint32_t code) { finish(0x3333 | code << 16); }
