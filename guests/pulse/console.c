// The 16550 UART at its place on the `virt` board.
#include "pulse.h"

#define UART 0x10000000ull
#define THR 0
#define LSR 5
#define LSR_THRE 0x20

static void put_byte(char c) {
  volatile uint8_t *uart = (volatile uint8_t *)UART;
  // A console nobody reads must not stop the guest: give up on a byte after a while.
  for (uint32_t i = 0; i < 100000 && !(uart[LSR] & LSR_THRE); i++) {
  }
  uart[THR] = (uint8_t)c;
}

void console_write(const char *s, size_t n) {
  for (size_t i = 0; i < n; i++) put_byte(s[i]);
  put_byte('\n');
}
