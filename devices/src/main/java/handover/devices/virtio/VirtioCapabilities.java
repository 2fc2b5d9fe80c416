package handover.devices.virtio;

import handover.devices.pci.ConfigLayout;

/**
 * The vendor-specific capabilities that say where a modern driver finds its registers (virtio 1.2,
 * 4.1.4), at QEMU's offsets: each structure has a page of the BAR.
 */
final class VirtioCapabilities {
  /** Offset of the capability through which configuration space reaches the BAR. */
  static final int CONFIG_ACCESS = 0x84;

  /** Offset of the MSI-X capability. */
  static final int MSIX = 0x98;

  /** A queue's doorbell is this much (as a power of two) behind the one before. */
  static final int NOTIFY_SHIFT = 2;

  private static final int VENDOR_SPECIFIC = 0x09;
  private static final int COMMON = 1;
  private static final int NOTIFY = 2;
  private static final int ISR = 3;
  private static final int DEVICE = 4;
  private static final int ACCESS = 5;
  private static final int PAGE = 0x1000;
  private static final int LENGTH = 16;
  private static final int LONG_LENGTH = 20;

  private VirtioCapabilities() {}

  /** Adds all of them, for structures in this BAR. */
  static void describe(ConfigLayout layout, int bar) {
    add(layout, 0x40, body(LENGTH, COMMON, bar, 0));
    add(layout, 0x50, body(LENGTH, ISR, bar, PAGE));
    add(layout, 0x60, body(LENGTH, DEVICE, bar, 2 * PAGE));
    byte[] notify = body(LONG_LENGTH, NOTIFY, bar, 3 * PAGE);
    notify[LENGTH - 2] = 1 << NOTIFY_SHIFT;
    add(layout, 0x70, notify);
    byte[] access = new byte[LONG_LENGTH - 2];
    access[0] = LONG_LENGTH;
    access[1] = ACCESS;
    byte[] writable = new byte[access.length];
    writable[2] = -1; // The BAR,
    for (int i = 6; i < writable.length; i++) {
      writable[i] = -1; // offset, length and data.
    }
    layout.capability(VENDOR_SPECIFIC, CONFIG_ACCESS, access, writable);
  }

  private static void add(ConfigLayout layout, int offset, byte[] body) {
    layout.capability(VENDOR_SPECIFIC, offset, body, new byte[body.length]);
  }

  /** From cap_len on: length, type, BAR, three bytes unused, offset and length in the BAR. */
  private static byte[] body(int length, int type, int bar, int at) {
    byte[] body = new byte[length - 2];
    body[0] = (byte) length;
    body[1] = (byte) type;
    body[2] = (byte) bar;
    body[7] = (byte) (at >>> 8);
    body[11] = (byte) (PAGE >>> 8);
    return body;
  }
}
