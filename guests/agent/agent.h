// Agent: the jobs of the Linux guest, as one static program without a C library. This header is the seam between its parts.
#ifndef AGENT_H
#define AGENT_H

#include "../common/pattern.h"
#include "../common/text.h"

// ---- sys.c: RISC-V Linux system calls; negative results are error numbers ----

#define EAGAIN 11
#define EINTR 4
#define POLLIN 1
#define POLLOUT 4

struct address {
  uint16_t family;
  uint16_t port;  // network order
  uint32_t ip;
  uint8_t zero[8];
};

struct poll {
  int fd;
  short wanted;
  short found;
};

uint64_t uptime_ns(void);
void sleep_ns(uint64_t ns);
void *map_memory(uint64_t bytes, bool shared);  // NULL when there is none
long fork_child(void);
void leave(int status) __attribute__((noreturn));
void machine_power(bool again) __attribute__((noreturn));  // off, or a reboot
long udp_socket(uint16_t port);
long tcp_listen(uint16_t port);
long tcp_accept(int fd);
long receive_from(int fd, void *buffer, size_t n, struct address *from);
long send_to(int fd, const void *buffer, size_t n, const struct address *to);
long read_bytes(int fd, void *buffer, size_t n);
long write_bytes(int fd, const void *buffer, size_t n);
void close_fd(int fd);
long wait_for(struct poll *fds, size_t n);

// ---- what the processes of one `agent run` show each other ----

struct shared {
  volatile uint64_t udp, tcp;
  volatile uint64_t dirtied, dirty_corrupt;
  volatile uint64_t rounds, sum_corrupt;
};
extern struct shared *shared;

void stat_line(struct text *t);

// ---- jobs.c ----

void job_dirty(uint32_t mib_per_second, uint32_t mib) __attribute__((noreturn));
void job_sum(uint32_t mib, uint32_t mib_per_second) __attribute__((noreturn));
void job_beat(uint32_t ms) __attribute__((noreturn));

// ---- serve.c ----

void serve_open(void);  // before job_serve; ends the process if a port is taken
void job_serve(void) __attribute__((noreturn));

#endif
