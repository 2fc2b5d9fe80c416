// A virtio-net driver (virtio 1.2, section 5.1): queue pairs, control queue, announcements.
#include "pulse.h"

#define INTERRUPT_STATUS 0x060
#define INTERRUPT_ACK 0x064
#define CONFIG 0x100

#define F_MAC (1ull << 5)
#define F_MRG_RXBUF (1ull << 15)
#define F_STATUS (1ull << 16)
#define F_CTRL_VQ (1ull << 17)
#define F_CTRL_RX (1ull << 18)
#define F_CTRL_VLAN (1ull << 19)
#define F_GUEST_ANNOUNCE (1ull << 21)
#define F_MQ (1ull << 22)
#define F_EVENT_IDX (1ull << 29)
#define F_VERSION_1 (1ull << 32)

#define CTRL_RX 0
#define CTRL_RX_PROMISC 0
#define CTRL_MAC 1
#define CTRL_MAC_TABLE 0
#define CTRL_VLAN 2
#define CTRL_VLAN_ADD 0
#define CTRL_VLAN_DEL 1
#define CTRL_ANNOUNCE 3
#define CTRL_ANNOUNCE_ACK 0
#define CTRL_MQ 4
#define CTRL_MQ_PAIRS_SET 0

#define STATUS_LINK_UP 1
#define STATUS_ANNOUNCE 2

#define PAIRS_MAX 511
#define PAIRS_LARGE 8  // those with large rings and buffers of their own
#define BUFFER 2048
#define HEADER 12
#define RX_BUDGET 64

struct pair {
  struct virtqueue rx;
  struct virtqueue tx;
  uint16_t tx_free[RING_MAX];
  uint16_t tx_free_count;
};

static uint8_t rx_buffers[PAIRS_LARGE][RING_MAX][BUFFER] __attribute__((aligned(4096)));
static uint8_t tx_buffers[PAIRS_LARGE][RING_MAX][BUFFER] __attribute__((aligned(4096)));

// A pair beyond those, in memory that is only taken when there are such.
struct small_pair {
  uint8_t rings[2][RING_SMALL_BYTES];
  uint8_t rx[RING_SMALL][BUFFER];
  uint8_t tx[RING_SMALL][BUFFER];
};

static struct {
  uint64_t device;
  uint32_t irq;
  uint64_t features;
  uint8_t mac[6] __attribute__((aligned(2)));
  uint32_t pairs;        // with queues set up
  uint32_t active;       // told to the device
  struct pair pair[PAIRS_MAX];
  volatile bool config_changed;
  bool link_down;
} net;

// The control queue carries one command at a time; what else is due waits in flags.
static struct {
  struct virtqueue queue;
  struct {
    uint8_t class;
    uint8_t command;
  } header;
  uint8_t data[64];
  volatile uint8_t ack;
  bool present;
  bool busy;
  bool pairs_due;
  bool ack_due;
  uint32_t step;
} ctrl;

struct net_counters net_counters;

bool net_present(void) { return net.device != 0; }

const uint8_t *net_mac(void) { return net.mac; }

static struct small_pair *small_pair(uint32_t index) {
  return (struct small_pair *)options.more + (index - PAIRS_LARGE);
}

static uint8_t *rx_buffer(uint32_t index, uint16_t id) {
  return index < PAIRS_LARGE ? rx_buffers[index][id % RING_MAX] : small_pair(index)->rx[id % RING_SMALL];
}

static uint8_t *tx_buffer(uint32_t index, uint16_t id) {
  return index < PAIRS_LARGE ? tx_buffers[index][id % RING_MAX] : small_pair(index)->tx[id % RING_SMALL];
}

uint64_t net_more_memory(const struct options *o) {
  uint32_t pairs = o->pairs < PAIRS_MAX ? o->pairs : PAIRS_MAX;
  return pairs > PAIRS_LARGE ? (pairs - PAIRS_LARGE) * sizeof(struct small_pair) : 0;
}

static uint16_t config16(uint32_t offset) { return *(volatile uint16_t *)(net.device + CONFIG + offset); }

static void put16(uint8_t *p, uint32_t v) {
  p[0] = (uint8_t)v;
  p[1] = (uint8_t)(v >> 8);
}

static void read_mac(void) {
  static const uint8_t fallback[6] = {0x52, 0x54, 0x00, 0x70, 0x75, 0x6c};
  memcpy(net.mac, fallback, 6);
  if (!(net.features & F_MAC)) return;
  for (uint32_t i = 0; i < 6; i++) net.mac[i] = *(volatile uint8_t *)(net.device + CONFIG + i);
}

// ---- transmit ----

static void tx_reclaim(struct pair *p) {
  uint16_t id;
  uint32_t unused;
  while (virtqueue_take(&p->tx, &id, &unused)) {
    if (id < p->tx.size && p->tx_free_count < p->tx.size) p->tx_free[p->tx_free_count++] = id;
  }
  virtqueue_mute(&p->tx);
}

void net_send(const uint8_t *frame, uint32_t length, uint32_t pair) {
  if (!net.device || length > BUFFER - HEADER) return;
  struct pair *p = &net.pair[pair < net.active ? pair : 0];
  if (!p->tx_free_count) tx_reclaim(p);
  if (!p->tx_free_count) {
    net_counters.tx_dropped++;
    return;
  }
  uint16_t id = p->tx_free[--p->tx_free_count];
  uint8_t *buffer = tx_buffer((uint32_t)(p - net.pair), id);
  memset(buffer, 0, HEADER);
  memcpy(buffer + HEADER, frame, length);
  p->tx.desc[id].length = HEADER + length;
  virtqueue_publish(&p->tx, id);
  net_counters.tx++;
}

static void kick_transmitters(void) {
  for (uint32_t i = 0; i < net.pairs; i++) {
    if (net.pair[i].tx.avail != net.pair[i].tx.kicked) virtqueue_kick(&net.pair[i].tx);
  }
}

// ---- receive ----

static bool rx_drain(uint32_t index) {
  struct virtqueue *q = &net.pair[index].rx;
  if (!virtqueue_waiting(q)) return false;
  uint16_t id;
  uint32_t length;
  uint32_t taken = 0;
  uint32_t rest = 0;  // buffers still to come of a frame that did not fit into one
  // A frame is only taken when there is room for its answer: an echo that is never sent would look like a loss on the wire.
  struct pair *p = &net.pair[index < net.active ? index : 0];
  tx_reclaim(p);
  while (taken < RX_BUDGET && p->tx_free_count && virtqueue_take(q, &id, &length)) {
    uint8_t *buffer = rx_buffer(index, id);
    taken++;
    if (rest) {
      rest--;
    } else if (length >= HEADER && length <= BUFFER) {
      uint32_t buffers = buffer[10] | (uint32_t)buffer[11] << 8;
      net_counters.rx++;
      if (buffers > 1 && net.features & F_MRG_RXBUF) {
        rest = buffers - 1;  // larger than any frame we answer
      } else {
        protocol_receive(buffer + HEADER, length - HEADER, index);
      }
    }
    virtqueue_publish(q, id);
  }
  if (taken) virtqueue_kick(q);
  return taken;
}

// ---- control queue ----

static void ctrl_send(uint8_t class, uint8_t command, uint32_t data_length) {
  struct virtqueue *q = &ctrl.queue;
  ctrl.header.class = class;
  ctrl.header.command = command;
  ctrl.ack = 0xff;
  uint16_t last = data_length ? 2 : 1;
  q->desc[0] = (struct vring_desc){(uint64_t)&ctrl.header, 2, DESC_NEXT, 1};
  if (data_length) q->desc[1] = (struct vring_desc){(uint64_t)ctrl.data, data_length, DESC_NEXT, 2};
  q->desc[last] = (struct vring_desc){(uint64_t)&ctrl.ack, 1, DESC_WRITE, 0};
  ctrl.busy = true;
  virtqueue_publish(q, 0);
  virtqueue_kick(q);
}

static void ctrl_next(void) {
  if (!ctrl.present || ctrl.busy) return;
  if (ctrl.ack_due) {
    ctrl.ack_due = false;
    ctrl_send(CTRL_ANNOUNCE, CTRL_ANNOUNCE_ACK, 0);
  } else if (ctrl.pairs_due) {
    ctrl.pairs_due = false;
    put16(ctrl.data, net.active);
    ctrl_send(CTRL_MQ, CTRL_MQ_PAIRS_SET, 2);
  }
}

static bool ctrl_drain(void) {
  uint16_t id;
  uint32_t unused;
  if (!ctrl.present || !virtqueue_take(&ctrl.queue, &id, &unused)) return false;
  ctrl.busy = false;
  net_counters.ctrl++;
  if (ctrl.ack != 0) {
    net_counters.ctrl_refused++;
    LINE(line);
    put_string(&line, "pulse: control command refused");
    put_field(&line, "class", ctrl.header.class);
    put_field(&line, "command", ctrl.header.command);
    PRINT(line);
  }
  ctrl_next();
  return true;
}

static void put32(uint8_t *p, uint32_t v) {
  put16(p, v);
  put16(p + 2, v >> 16);
}

// A MAC table of no unicast and `count` multicast addresses that vary with the step.
static void ctrl_mac_table(uint32_t count) {
  put32(ctrl.data, 0);
  put32(ctrl.data + 4, count);
  for (uint32_t i = 0; i < count; i++) {
    uint8_t *mac = ctrl.data + 8 + 6 * i;
    mac[0] = 0x01;
    mac[1] = 0x00;
    mac[2] = 0x5e;
    mac[3] = (uint8_t)i;
    put16(mac + 4, ctrl.step);
  }
  ctrl_send(CTRL_MAC, CTRL_MAC_TABLE, 8 + 6 * count);
}

static void ctrl_vlan(uint8_t command, uint32_t vlan) {
  put16(ctrl.data, vlan);
  ctrl_send(CTRL_VLAN, command, 2);
}

static void ctrl_promisc(uint8_t on) {
  ctrl.data[0] = on;
  ctrl_send(CTRL_RX, CTRL_RX_PROMISC, 1);
}

void net_control_step(void) {
  if (!ctrl.present || ctrl.busy || !(net.features & F_CTRL_RX)) return;
  bool vlan = net.features & F_CTRL_VLAN;
  uint32_t round = ctrl.step / 6;
  switch (ctrl.step++ % 6) {
    case 0: ctrl_promisc(1); break;
    case 1: ctrl_mac_table(1 + round % 8); break;
    case 2: vlan ? ctrl_vlan(CTRL_VLAN_ADD, 1 + round % 4000) : ctrl_promisc(0); break;
    case 3: ctrl_promisc(0); break;
    case 4: ctrl_mac_table(0); break;
    default: vlan ? ctrl_vlan(CTRL_VLAN_DEL, 1 + round % 4000) : ctrl_promisc(1); break;
  }
}

void net_pairs(uint32_t pairs) {
  net.active = pairs < 1 ? 1 : pairs > net.pairs ? net.pairs : pairs;
  ctrl.pairs_due = net.features & F_MQ;
  ctrl_next();
}

// ---- configuration changes ----

static void config_change(void) {
  net.config_changed = false;
  if (virtio_read(net.device, VIRTIO_STATUS) & NEEDS_RESET) {
    console_line("pulse: device needs reset");
    net_start(NULL, &options);
    return;
  }
  if (!(net.features & F_STATUS)) return;
  uint16_t status = config16(6);
  bool down = !(status & STATUS_LINK_UP);
  if (down != net.link_down) console_line(down ? "pulse: link down" : "pulse: link up");
  if (net.link_down && !down) protocol_announce(options.ip);  // what was said while it was down, nobody heard
  net.link_down = down;
  if (status & STATUS_ANNOUNCE && ctrl.present && net.features & F_GUEST_ANNOUNCE) {
    net_counters.announced++;
    console_line("pulse: announce");
    protocol_announce(options.ip);
    ctrl.ack_due = true;
    ctrl_next();
  }
}

// ---- life ----

static bool find_device(const struct board *board) {
  for (uint32_t i = 0; i < board->slot_count; i++) {
    if (virtio_is(board->slots[i].base, 1)) {
      net.device = board->slots[i].base;
      net.irq = board->slots[i].irq;
      return true;
    }
  }
  return false;
}

static bool pair_setup(uint32_t index, bool event_idx) {
  struct pair *p = &net.pair[index];
  uint8_t *small = index < PAIRS_LARGE ? NULL : small_pair(index)->rings[0];
  if (!virtqueue_setup(&p->rx, net.device, (uint16_t)(2 * index), event_idx, small) ||
      !virtqueue_setup(&p->tx, net.device, (uint16_t)(2 * index + 1), event_idx,
                       small ? small + RING_SMALL_BYTES : NULL)) {
    return false;
  }
  p->tx_free_count = 0;
  for (uint16_t id = 0; id < p->tx.size; id++) {
    p->tx.desc[id] = (struct vring_desc){(uint64_t)tx_buffer(index, id), 0, 0, 0};
    p->tx_free[p->tx_free_count++] = id;
  }
  for (uint16_t id = 0; id < p->rx.size; id++) {
    p->rx.desc[id] = (struct vring_desc){(uint64_t)rx_buffer(index, id), BUFFER, DESC_WRITE, 0};
    virtqueue_publish(&p->rx, id);
  }
  return true;
}

static bool queues_setup(const struct options *o) {
  bool event_idx = net.features & F_EVENT_IDX;
  uint32_t max = net.features & F_MQ ? config16(8) : 1;
  net.pairs = o->pairs < 1 ? 1 : o->pairs;
  if (net.pairs > max) net.pairs = max;
  if (net.pairs > PAIRS_MAX) net.pairs = PAIRS_MAX;
  for (uint32_t i = 0; i < net.pairs; i++) {
    if (!pair_setup(i, event_idx)) return false;
  }
  memset(&ctrl, 0, sizeof ctrl);
  ctrl.present =
      net.features & F_CTRL_VQ && virtqueue_setup(&ctrl.queue, net.device, (uint16_t)(2 * max), event_idx, NULL);
  return true;
}

bool net_start(const struct board *board, const struct options *o) {
  if (!net.device && !find_device(board)) {
    console_line("pulse: no virtio-net device on virtio-mmio version 2");
    return false;
  }
  uint64_t wanted = F_VERSION_1 | F_MAC | F_STATUS | F_MRG_RXBUF | F_CTRL_VQ | F_CTRL_RX | F_CTRL_VLAN |
                    F_GUEST_ANNOUNCE;
  if (o->pairs > 1) wanted |= F_MQ;
  if (o->event_idx) wanted |= F_EVENT_IDX;
  if (!virtio_negotiate(net.device, wanted, &net.features) || !(net.features & F_VERSION_1) ||
      !queues_setup(o)) {
    console_line("pulse: virtio-net set-up refused by the device");
    net.device = 0;
    return false;
  }
  read_mac();
  interrupts_enable(net.irq);
  virtio_driver_ok(net.device);
  for (uint32_t i = 0; i < net.pairs; i++) virtqueue_kick(&net.pair[i].rx);
  net.link_down = net.features & F_STATUS && !(config16(6) & STATUS_LINK_UP);
  net.active = 1;
  if (net.pairs > 1) net_pairs(net.pairs);
  protocol_announce(o->ip);
  kick_transmitters();
  return true;
}

void net_interrupt(uint32_t irq) {
  if (irq != net.irq || !net.device) return;
  uint32_t cause = virtio_read(net.device, INTERRUPT_STATUS);
  virtio_write(net.device, INTERRUPT_ACK, cause);
  if (cause & 2) net.config_changed = true;
}

bool net_poll(void) {
  if (!net.device) return false;
  bool busy = ctrl_drain();
  for (uint32_t i = 0; i < net.pairs; i++) busy |= rx_drain(i);
  if (net.config_changed) config_change();
  kick_transmitters();
  return busy;
}

bool net_arm(void) {
  if (!net.device) return true;
  bool idle = !net.config_changed;
  for (uint32_t i = 0; i < net.pairs; i++) idle &= virtqueue_arm(&net.pair[i].rx);
  if (ctrl.present) idle &= virtqueue_arm(&ctrl.queue);
  return idle;
}
