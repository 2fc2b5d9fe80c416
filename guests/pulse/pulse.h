// Pulse: a small bare-metal guest whose whole life is visible from outside. This header is the seam between its parts.
#ifndef PULSE_H
#define PULSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../common/pattern.h"
#include "../common/text.h"

// ---- platform.c: time, interrupts, sleep, power ----

#define TICKS_PER_SECOND 10000000ull
#define TICKS_PER_MS (TICKS_PER_SECOND / 1000)

uint64_t now_ticks(void);
void interrupts_enable(uint32_t irq);
void cpu_sleep(uint64_t wake_at_ticks);  // until then, or until any interrupt
void power_off(void) __attribute__((noreturn));
void reboot(void) __attribute__((noreturn));
void fail(uint32_t code) __attribute__((noreturn));

// ---- fdt.c: what the device tree says ----

#define MAX_SLOTS 16

struct board {
  uint64_t memory_base;
  uint64_t memory_size;
  const char *bootargs;  // in the device tree; "" when absent
  struct {
    uint64_t base;
    uint32_t irq;
  } slots[MAX_SLOTS];  // virtio-mmio transports
  uint32_t slot_count;
};

bool board_read(const void *fdt, struct board *board);

// ---- options.c: the command line, also accepted over UDP ----

struct options {
  uint32_t ip;             // host order
  uint32_t dirty;          // MiB/s
  uint32_t dirty_region;   // MiB
  uint32_t dirty_words;    // 64-bit words written at the start of each page, 1..512
  uint32_t beat;           // ms between heartbeats, 0 = none
  uint32_t ctrl;           // control-queue commands per second
  uint32_t pairs;          // queue pairs wanted
  bool event_idx;
  uint64_t more;           // free memory for the network driver; not from the command line
};

// Applies "key=value" words; unknown or malformed ones are reported on the console and skipped. True if all were taken.
bool options_parse(struct options *o, const char *s, size_t n);

// ---- virtio.c: virtio-mmio version 2 and split rings ----

#define RING_MAX 128
#define RING_SMALL 8
#define RING_SMALL_BYTES 256  // a small queue's descriptors, available and used ring

struct virtqueue {
  uint64_t device;
  uint16_t index;
  uint16_t size;
  uint16_t avail;      // next index to publish
  uint16_t last_used;  // next used entry to read
  uint16_t seen_used;  // up to where entries are known to be in memory
  uint16_t kicked;     // avail index at the last notification decision
  uint16_t armed;      // last_used when an interrupt was asked for
  bool asking;         // whether one was, and not taken back
  bool event_idx;
  volatile struct vring_desc *desc;
  volatile uint16_t *avail_ring;  // flags, idx, ring[size], used_event
  volatile uint16_t *used_ring;   // flags, idx, {u32 id, u32 len}[size], avail_event
};

struct vring_desc {
  uint64_t address;
  uint32_t length;
  uint16_t flags;
  uint16_t next;
};

#define VIRTIO_STATUS 0x070
#define NEEDS_RESET 0x40

#define DESC_NEXT 1
#define DESC_WRITE 2

uint32_t virtio_read(uint64_t device, uint32_t offset);
void virtio_write(uint64_t device, uint32_t offset, uint32_t value);
bool virtio_is(uint64_t device, uint32_t device_id);
bool virtio_negotiate(uint64_t device, uint64_t wanted, uint64_t *agreed);  // reset .. FEATURES_OK
void virtio_driver_ok(uint64_t device);
// With a page for each of its rings, or in RING_SMALL_BYTES at `small`.
bool virtqueue_setup(struct virtqueue *q, uint64_t device, uint16_t index, bool event_idx, uint8_t *small);
bool virtqueue_waiting(const struct virtqueue *q);  // used entries to take
void virtqueue_publish(struct virtqueue *q, uint16_t head);  // the device sees it at the next kick
void virtqueue_kick(struct virtqueue *q);                    // gives it all that was published, and notifies it if it asks for that
bool virtqueue_take(struct virtqueue *q, uint16_t *head, uint32_t *length);
bool virtqueue_arm(struct virtqueue *q);  // ask for an interrupt; false if entries are waiting already
void virtqueue_mute(struct virtqueue *q);

// ---- net.c: the virtio-net driver ----

bool net_start(const struct board *board, const struct options *o);
bool net_present(void);
uint64_t net_more_memory(const struct options *o);  // bytes wanted at `options.more`, for pairs beyond the first ones
void net_interrupt(uint32_t irq);  // from the trap handler
bool net_poll(void);               // handles what arrived; true if there was anything
bool net_arm(void);                // before sleeping; false if work is waiting
void net_control_step(void);       // next control command of the stress cycle, unless one is in flight
void net_pairs(uint32_t pairs);
void net_send(const uint8_t *frame, uint32_t length, uint32_t pair);
const uint8_t *net_mac(void);
struct net_counters {
  uint64_t rx, tx, tx_dropped, ctrl, ctrl_refused, announced;
};
extern struct net_counters net_counters;

// ---- protocol.c: ARP, ICMP echo, UDP echo and commands ----

void protocol_receive(uint8_t *frame, uint32_t length, uint32_t pair);
void protocol_announce(uint32_t ip);

// ---- main.c ----

extern struct options options;
void stat_line(struct text *t);
void trap(uint64_t cause, uint64_t pc, uint64_t value);

#endif
