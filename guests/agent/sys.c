// System calls by their numbers in the generic table that RISC-V uses.
#include "agent.h"

#define SYS_CLOSE 57
#define SYS_READ 63
#define SYS_WRITE 64
#define SYS_PPOLL 73
#define SYS_SYNC 81
#define SYS_EXIT_GROUP 94
#define SYS_CLOCK_GETTIME 113
#define SYS_CLOCK_NANOSLEEP 115
#define SYS_REBOOT 142
#define SYS_SOCKET 198
#define SYS_BIND 200
#define SYS_LISTEN 201
#define SYS_SENDTO 206
#define SYS_RECVFROM 207
#define SYS_SETSOCKOPT 208
#define SYS_CLONE 220
#define SYS_MMAP 222
#define SYS_ACCEPT4 242

#define CLOCK_MONOTONIC 1
#define SIGCHLD 17
#define AF_INET 2
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_NONBLOCK 04000
#define SOL_SOCKET 1
#define SO_REUSEADDR 2
#define NS_PER_SECOND 1000000000ull

struct time {
  int64_t seconds;
  int64_t nanoseconds;
};

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long a0 asm("a0") = a;
  register long a1 asm("a1") = b;
  register long a2 asm("a2") = c;
  register long a3 asm("a3") = d;
  register long a4 asm("a4") = e;
  register long a5 asm("a5") = f;
  register long a7 asm("a7") = number;
  asm volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
  return a0;
}

uint64_t uptime_ns(void) {
  struct time t;
  call(SYS_CLOCK_GETTIME, CLOCK_MONOTONIC, (long)&t, 0, 0, 0, 0);
  return (uint64_t)t.seconds * NS_PER_SECOND + (uint64_t)t.nanoseconds;
}

void sleep_ns(uint64_t ns) {
  struct time t = {(int64_t)(ns / NS_PER_SECOND), (int64_t)(ns % NS_PER_SECOND)};
  while (call(SYS_CLOCK_NANOSLEEP, CLOCK_MONOTONIC, 0, (long)&t, (long)&t, 0, 0) == -EINTR) {
  }
}

void *map_memory(uint64_t bytes, bool shared_mapping) {
  long read_write = 3;
  long flags = 0x20 | (shared_mapping ? 1 : 2);  // anonymous; shared or private
  long p = call(SYS_MMAP, 0, (long)bytes, read_write, flags, -1, 0);
  return p < 0 && p > -4096 ? NULL : (void *)p;
}

long fork_child(void) { return call(SYS_CLONE, SIGCHLD, 0, 0, 0, 0, 0); }

void leave(int status) {
  for (;;) call(SYS_EXIT_GROUP, status, 0, 0, 0, 0, 0);
}

void machine_power(bool again) {
  call(SYS_SYNC, 0, 0, 0, 0, 0, 0);
  call(SYS_REBOOT, 0xfee1dead, 672274793, again ? 0x01234567 : 0x4321fedc, 0, 0, 0);
  leave(1);
}

static long bound_socket(long type, uint16_t port) {
  struct address any = {AF_INET, (uint16_t)(port >> 8 | port << 8), 0, {0}};
  int on = 1;
  long fd = call(SYS_SOCKET, AF_INET, type | SOCK_NONBLOCK, 0, 0, 0, 0);
  if (fd < 0) return fd;
  call(SYS_SETSOCKOPT, fd, SOL_SOCKET, SO_REUSEADDR, (long)&on, sizeof on, 0);
  long failed = call(SYS_BIND, fd, (long)&any, sizeof any, 0, 0, 0);
  return failed < 0 ? failed : fd;
}

long udp_socket(uint16_t port) { return bound_socket(SOCK_DGRAM, port); }

long tcp_listen(uint16_t port) {
  long fd = bound_socket(SOCK_STREAM, port);
  if (fd < 0) return fd;
  long failed = call(SYS_LISTEN, fd, 16, 0, 0, 0, 0);
  return failed < 0 ? failed : fd;
}

long tcp_accept(int fd) { return call(SYS_ACCEPT4, fd, 0, 0, SOCK_NONBLOCK, 0, 0); }

long receive_from(int fd, void *buffer, size_t n, struct address *from) {
  uint32_t size = sizeof *from;
  return call(SYS_RECVFROM, fd, (long)buffer, (long)n, 0, (long)from, (long)&size);
}

long send_to(int fd, const void *buffer, size_t n, const struct address *to) {
  return call(SYS_SENDTO, fd, (long)buffer, (long)n, 0, (long)to, sizeof *to);
}

long read_bytes(int fd, void *buffer, size_t n) { return call(SYS_READ, fd, (long)buffer, (long)n, 0, 0, 0); }

long write_bytes(int fd, const void *buffer, size_t n) {
  long no_signal = 0x4000;
  long sent = call(SYS_SENDTO, fd, (long)buffer, (long)n, no_signal, 0, 0);
  return sent == -88 ? call(SYS_WRITE, fd, (long)buffer, (long)n, 0, 0, 0) : sent;  // not a socket
}

void close_fd(int fd) { call(SYS_CLOSE, fd, 0, 0, 0, 0, 0); }

long wait_for(struct poll *fds, size_t n) { return call(SYS_PPOLL, (long)fds, (long)n, 0, 0, 0, 0); }

void console_write(const char *s, size_t n) {
  char line[300];
  if (n > sizeof line - 1) n = sizeof line - 1;
  memcpy(line, s, n);
  line[n] = '\n';
  write_bytes(1, line, n + 1);  // one write, so that lines of several jobs do not mix
}
