// One process serves UDP and TCP echo (port 7) and commands (UDP port 9), so that thousands of probes a second cost no forks.
#include "agent.h"

#define PORT_ECHO 7
#define PORT_COMMAND 9
#define CONNECTIONS 32
#define BUFFER 16384
#define BUDGET 64

static struct {
  size_t count;
  size_t sent;
  char bytes[BUFFER];
} pending[CONNECTIONS];

static struct poll polls[3 + CONNECTIONS];
static size_t connections;

static void echo_udp(int fd) {
  static char packet[65536];
  struct address from;
  for (int i = 0; i < BUDGET; i++) {
    long n = receive_from(fd, packet, sizeof packet, &from);
    if (n < 0) return;
    shared->udp++;
    send_to(fd, packet, (size_t)n, &from);
  }
}

static bool powers_off(const char *s, size_t n) { return string_starts(s, n, "poweroff"); }

static bool reboots(const char *s, size_t n) { return string_starts(s, n, "reboot"); }

static void answer_command(int fd) {
  char asked[256];
  struct address from;
  long n = receive_from(fd, asked, sizeof asked, &from);
  if (n < 0) return;
  LINE(line);
  bool power = powers_off(asked, (size_t)n) || reboots(asked, (size_t)n);
  if (string_starts(asked, (size_t)n, "stat")) {
    put_string(&line, "agent: stat");
    stat_line(&line);
  } else {
    put_string(&line, power ? "agent: ok" : "agent: not understood");
  }
  send_to(fd, line_bytes, (size_t)(line.at - line_bytes), &from);
  if (!power) return;
  sleep_ns(50000000);  // the answer leaves before we do
  machine_power(reboots(asked, (size_t)n));
}

static void accept_one(int fd) {
  long c = tcp_accept(fd);
  if (c < 0) return;
  if (connections == CONNECTIONS) {
    close_fd((int)c);
    return;
  }
  pending[connections].count = pending[connections].sent = 0;
  polls[3 + connections++] = (struct poll){(int)c, POLLIN, 0};
}

static void drop(size_t i) {
  close_fd(polls[3 + i].fd);
  connections--;
  polls[3 + i] = polls[3 + connections];
  if (i != connections) memcpy(&pending[i], &pending[connections], sizeof pending[i]);
}

// Reads when nothing waits to be sent, so a peer that does not read stops being read.
static bool echo_tcp(size_t i) {
  struct poll *p = &polls[3 + i];
  if (p->wanted == POLLIN) {
    long n = read_bytes(p->fd, pending[i].bytes, BUFFER);
    if (n <= 0) return n == -EAGAIN || n == -EINTR;
    pending[i].count = (size_t)n;
    pending[i].sent = 0;
  }
  while (pending[i].sent < pending[i].count) {
    long n = write_bytes(p->fd, pending[i].bytes + pending[i].sent, pending[i].count - pending[i].sent);
    if (n == -EAGAIN || n == -EINTR) break;
    if (n <= 0) return false;
    pending[i].sent += (size_t)n;
    shared->tcp += (uint64_t)n;
  }
  p->wanted = pending[i].sent < pending[i].count ? POLLOUT : POLLIN;
  return true;
}

void serve_open(void) {
  long fds[3] = {udp_socket(PORT_ECHO), udp_socket(PORT_COMMAND), tcp_listen(PORT_ECHO)};
  for (int i = 0; i < 3; i++) {
    if (fds[i] < 0) {
      console_line("agent: cannot open port 7 or 9");
      leave(1);
    }
    polls[i] = (struct poll){(int)fds[i], POLLIN, 0};
  }
}

void job_serve(void) {
  for (;;) {
    if (wait_for(polls, 3 + connections) < 0) continue;
    if (polls[0].found) echo_udp(polls[0].fd);
    if (polls[1].found) answer_command(polls[1].fd);
    for (size_t i = connections; i-- > 0;) {
      if (polls[3 + i].found && !echo_tcp(i)) drop(i);
    }
    if (polls[2].found) accept_one(polls[2].fd);
  }
}
