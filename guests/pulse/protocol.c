// ARP (RFC 826), IPv4 (RFC 791), ICMP echo (RFC 792), UDP (RFC 768) echo on port 7 and commands on port 9.
#include "pulse.h"

#define ETHERTYPE_IP 0x0800
#define ETHERTYPE_ARP 0x0806
#define PROTOCOL_ICMP 1
#define PROTOCOL_UDP 17
#define PORT_ECHO 7
#define PORT_COMMAND 9
#define ETHERNET 14
#define FRAME_MAX 1514
#define GRACE (50 * TICKS_PER_MS)

static uint32_t get16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

static uint32_t get32(const uint8_t *p) { return get16(p) << 16 | get16(p + 2); }

static void put16(uint8_t *p, uint32_t v) {
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v) {
  put16(p, v >> 16);
  put16(p + 2, v);
}

// Every field of a frame we answer lies at an even address: buffers do, and headers have even lengths.
typedef uint16_t __attribute__((may_alias)) half;

static inline void swap(uint8_t *a, uint8_t *b, size_t n) {
  for (size_t i = 0; i < n; i += 2) {
    half t = *(half *)(a + i);
    *(half *)(a + i) = *(half *)(b + i);
    *(half *)(b + i) = t;
  }
}

static inline void copy_mac(uint8_t *to, const uint8_t *from) {
  for (size_t i = 0; i < 6; i += 2) *(half *)(to + i) = *(const half *)(from + i);
}

// The Internet checksum (RFC 1071) of an even number of bytes.
static uint32_t checksum(const uint8_t *p, uint32_t n) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < n; i += 2) sum += get16(p + i);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

static void reply_ethernet(uint8_t *frame) {
  copy_mac(frame, frame + 6);
  copy_mac(frame + 6, net_mac());
}

void protocol_announce(uint32_t ip) {
  uint8_t frame[60];
  static const uint8_t arp_request[8] = {0, 1, 8, 0, 6, 4, 0, 1};
  memset(frame, 0, sizeof frame);
  memset(frame, 0xff, 6);
  memcpy(frame + 6, net_mac(), 6);
  put16(frame + 12, ETHERTYPE_ARP);
  memcpy(frame + 14, arp_request, 8);
  memcpy(frame + 22, net_mac(), 6);
  put32(frame + 28, ip);
  put32(frame + 38, ip);
  net_send(frame, sizeof frame, 0);
}

static void arp(uint8_t *frame, uint32_t length, uint32_t pair) {
  uint8_t *a = frame + ETHERNET;
  if (length < ETHERNET + 28 || get16(a) != 1 || get16(a + 2) != ETHERTYPE_IP || get16(a + 6) != 1) return;
  if (get32(a + 24) != options.ip || get32(a + 14) == options.ip) return;
  reply_ethernet(frame);
  put16(a + 6, 2);
  memcpy(a + 18, a + 8, 10);
  memcpy(a + 8, net_mac(), 6);
  put32(a + 14, options.ip);
  net_send(frame, length, pair);
}

static void icmp(uint8_t *frame, uint8_t *ip, uint8_t *message, uint32_t length, uint32_t total, uint32_t pair) {
  if (length < 8 || message[0] != 8 || message[1] != 0) return;
  message[0] = 0;
  uint32_t sum = get16(message + 2) + 0x0800;  // RFC 1624: the type went from 8 to 0
  put16(message + 2, (sum & 0xffff) + (sum >> 16));
  swap(ip + 12, ip + 16, 4);
  reply_ethernet(frame);
  net_send(frame, total, pair);
}

// Runs a command and leaves its answer in the text. Commands: stat, verify, spoil, poweroff, reboot, or options to change.
static void command(const char *s, uint32_t n, struct text *answer, void (**then)(void)) {
  if (string_starts(s, n, "stat")) {
    put_string(answer, "pulse: stat");
    stat_line(answer);
  } else if (string_starts(s, n, "verify")) {
    put_string(answer, pattern_verify() ? "pulse: verify ok" : "pulse: verify CORRUPT");
    stat_line(answer);
  } else if (string_starts(s, n, "spoil")) {
    pattern_spoil();
    put_string(answer, "pulse: spoilt a bit");
  } else if (string_starts(s, n, "poweroff")) {
    put_string(answer, "pulse: powering off");
    *then = power_off;
  } else if (string_starts(s, n, "reboot")) {
    put_string(answer, "pulse: rebooting");
    *then = reboot;
  } else {
    uint32_t pairs = options.pairs;
    put_string(answer, options_parse(&options, s, n) ? "pulse: ok" : "pulse: not understood");
    if (options.pairs != pairs) net_pairs(options.pairs);
  }
}

static void udp_answer(uint8_t *frame, uint8_t *ip, uint8_t *udp, uint32_t payload, uint32_t pair) {
  swap(ip + 12, ip + 16, 4);
  swap(udp, udp + 2, 2);
  put16(udp + 4, 8 + payload);
  put16(udp + 6, 0);
  uint32_t header = (uint32_t)(udp - ip);
  put16(ip + 2, header + 8 + payload);
  put16(ip + 10, 0);
  put16(ip + 10, checksum(ip, header));
  reply_ethernet(frame);
  net_send(frame, ETHERNET + header + 8 + payload, pair);
}

static void udp_command(uint8_t *frame, uint8_t *ip, uint8_t *udp, uint32_t payload, uint32_t pair) {
  char asked[256];
  uint32_t n = payload < sizeof asked ? payload : sizeof asked;
  memcpy(asked, udp + 8, n);
  struct text answer = {(char *)udp + 8, (char *)frame + FRAME_MAX};
  void (*then)(void) = NULL;
  command(asked, n, &answer, &then);
  udp_answer(frame, ip, udp, (uint32_t)(answer.at - ((char *)udp + 8)), pair);
  if (!then) return;
  uint64_t until = now_ticks() + GRACE;
  while (now_ticks() < until) net_poll();  // the answer leaves before we do
  then();
}

static void udp(uint8_t *frame, uint8_t *ip, uint8_t *datagram, uint32_t length, uint32_t total, uint32_t pair) {
  if (length < 8 || get16(datagram + 4) < 8 || get16(datagram + 4) > length) return;
  uint32_t port = get16(datagram + 2);
  if (port == PORT_ECHO) {
    // Swapping addresses and ports leaves every checksum as it is.
    swap(datagram, datagram + 2, 2);
    swap(ip + 12, ip + 16, 4);
    reply_ethernet(frame);
    net_send(frame, total, pair);
  } else if (port == PORT_COMMAND) {
    udp_command(frame, ip, datagram, get16(datagram + 4) - 8, pair);
  }
}

static void ipv4(uint8_t *frame, uint32_t length, uint32_t pair) {
  uint8_t *ip = frame + ETHERNET;
  if (length < ETHERNET + 20) return;
  uint32_t header = (ip[0] & 15) * 4u;
  uint32_t total = get16(ip + 2);
  if (ip[0] >> 4 != 4 || header < 20 || total < header || total > length - ETHERNET) return;
  if (get32(ip + 16) != options.ip || get16(ip + 6) & 0x3fff) return;  // not ours, or a fragment
  if (ip[9] == PROTOCOL_ICMP) icmp(frame, ip, ip + header, total - header, length, pair);
  if (ip[9] == PROTOCOL_UDP) udp(frame, ip, ip + header, total - header, length, pair);
}

void protocol_receive(uint8_t *frame, uint32_t length, uint32_t pair) {
  if (length < ETHERNET || length > FRAME_MAX) return;
  uint32_t type = get16(frame + 12);
  if (type == ETHERTYPE_ARP) arp(frame, length, pair);
  if (type == ETHERTYPE_IP) ipv4(frame, length, pair);
}
