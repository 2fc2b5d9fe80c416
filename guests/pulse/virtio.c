// virtio-mmio, version 2 registers (virtio 1.2, section 4.2), with split virtqueues (section 2.7).
#include "pulse.h"

#define MAGIC 0x000
#define VERSION 0x004
#define DEVICE_ID 0x008
#define DEVICE_FEATURES 0x010
#define DEVICE_FEATURES_SEL 0x014
#define DRIVER_FEATURES 0x020
#define DRIVER_FEATURES_SEL 0x024
#define QUEUE_SEL 0x030
#define QUEUE_NUM_MAX 0x034
#define QUEUE_NUM 0x038
#define QUEUE_READY 0x044
#define QUEUE_NOTIFY 0x050
#define QUEUE_DESC 0x080
#define QUEUE_DRIVER 0x090
#define QUEUE_DEVICE 0x0a0

#define ACKNOWLEDGE 1
#define DRIVER 2
#define DRIVER_OK 4
#define FEATURES_OK 8

#define QUEUES_MAX 17

// One page each for descriptors, available and used ring.
static uint8_t rings[QUEUES_MAX][3][4096] __attribute__((aligned(4096)));

static void barrier(void) { asm volatile("fence iorw, iorw" ::: "memory"); }

uint32_t virtio_read(uint64_t device, uint32_t offset) { return *(volatile uint32_t *)(device + offset); }

void virtio_write(uint64_t device, uint32_t offset, uint32_t value) {
  *(volatile uint32_t *)(device + offset) = value;
}

bool virtio_is(uint64_t device, uint32_t device_id) {
  return virtio_read(device, MAGIC) == 0x74726976 && virtio_read(device, VERSION) == 2 &&
         virtio_read(device, DEVICE_ID) == device_id;
}

static void status_add(uint64_t device, uint32_t bits) {
  virtio_write(device, VIRTIO_STATUS, virtio_read(device, VIRTIO_STATUS) | bits);
}

bool virtio_negotiate(uint64_t device, uint64_t wanted, uint64_t *agreed) {
  virtio_write(device, VIRTIO_STATUS, 0);
  while (virtio_read(device, VIRTIO_STATUS)) {
  }
  status_add(device, ACKNOWLEDGE);
  status_add(device, DRIVER);
  uint64_t offered = 0;
  for (uint32_t half = 0; half < 2; half++) {
    virtio_write(device, DEVICE_FEATURES_SEL, half);
    offered |= (uint64_t)virtio_read(device, DEVICE_FEATURES) << 32 * half;
  }
  *agreed = offered & wanted;
  for (uint32_t half = 0; half < 2; half++) {
    virtio_write(device, DRIVER_FEATURES_SEL, half);
    virtio_write(device, DRIVER_FEATURES, (uint32_t)(*agreed >> 32 * half));
  }
  status_add(device, FEATURES_OK);
  return virtio_read(device, VIRTIO_STATUS) & FEATURES_OK;
}

void virtio_driver_ok(uint64_t device) { status_add(device, DRIVER_OK); }

static void write_address(uint64_t device, uint32_t offset, volatile void *p) {
  virtio_write(device, offset, (uint32_t)(uint64_t)p);
  virtio_write(device, offset + 4, (uint32_t)((uint64_t)p >> 32));
}

// Large rings are handed out in order of set-up, since a control queue may have any index; NULL when there are no more.
static uint8_t *large_rings(uint16_t index) {
  static uint32_t used;
  if (index == 0) used = 0;
  if (used == QUEUES_MAX) return NULL;
  memset(rings[used], 0, sizeof rings[0]);
  return rings[used++][0];
}

static void place(struct virtqueue *q, uint8_t *at, uint32_t driver, uint32_t device) {
  q->desc = (volatile struct vring_desc *)at;
  q->avail_ring = (volatile uint16_t *)(at + driver);
  q->used_ring = (volatile uint16_t *)(at + device);
}

bool virtqueue_setup(struct virtqueue *q, uint64_t device, uint16_t index, bool event_idx, uint8_t *small) {
  virtio_write(device, QUEUE_SEL, index);
  uint32_t max = virtio_read(device, QUEUE_NUM_MAX);
  uint32_t wanted = small ? RING_SMALL : RING_MAX;
  uint8_t *memory = small ? small : large_rings(index);
  if (max == 0 || !memory) return false;
  memset(q, 0, sizeof *q);
  q->device = device;
  q->index = index;
  q->size = (uint16_t)(max < wanted ? max : wanted);
  q->event_idx = event_idx;
  q->asking = true;  // both rings say so while they are zero
  if (small) {
    memset(small, 0, RING_SMALL_BYTES);
    place(q, small, 128, 160);
  } else {
    place(q, memory, 4096, 8192);
  }
  virtio_write(device, QUEUE_NUM, q->size);
  write_address(device, QUEUE_DESC, q->desc);
  write_address(device, QUEUE_DRIVER, q->avail_ring);
  write_address(device, QUEUE_DEVICE, q->used_ring);
  virtio_write(device, QUEUE_READY, 1);
  return true;
}

void virtqueue_publish(struct virtqueue *q, uint16_t head) { q->avail_ring[2 + q->avail++ % q->size] = head; }

void virtqueue_kick(struct virtqueue *q) {
  barrier();
  q->avail_ring[1] = q->avail;
  barrier();
  bool wanted;
  if (q->event_idx) {
    uint16_t event = q->used_ring[2 + 4 * q->size];
    wanted = (uint16_t)(q->avail - event - 1) < (uint16_t)(q->avail - q->kicked);
  } else {
    wanted = !(q->used_ring[0] & 1);
  }
  q->kicked = q->avail;
  if (wanted) virtio_write(q->device, QUEUE_NOTIFY, q->index);
}

bool virtqueue_waiting(const struct virtqueue *q) { return q->used_ring[1] != q->last_used; }

bool virtqueue_take(struct virtqueue *q, uint16_t *head, uint32_t *length) {
  if (q->last_used == q->seen_used) {
    if (!virtqueue_waiting(q)) return false;
    q->seen_used = q->used_ring[1];
    barrier();
  }
  volatile uint32_t *entry = (volatile uint32_t *)(q->used_ring + 2) + 2 * (q->last_used % q->size);
  *head = (uint16_t)entry[0];
  *length = entry[1];
  q->last_used++;
  return true;
}

bool virtqueue_arm(struct virtqueue *q) {
  // Asking again for what was asked already would only write to the rings of every idle queue.
  if (!q->asking || q->armed != q->last_used) {
    if (q->event_idx) {
      q->avail_ring[2 + q->size] = q->last_used;
    } else {
      q->avail_ring[0] = 0;
    }
    q->asking = true;
    q->armed = q->last_used;
    barrier();
  }
  return !virtqueue_waiting(q);
}

void virtqueue_mute(struct virtqueue *q) {
  if (q->event_idx) {
    q->avail_ring[2 + q->size] = (uint16_t)(q->last_used - 1);
  } else {
    q->avail_ring[0] = 1;
  }
  q->asking = false;
}
