package handover.devices.virtio;

import handover.devices.pci.BarRegion;
import handover.devices.pci.PciFunction;

/**
 * The capability through which firmware reaches the registers without mapping their BAR (virtio
 * 1.2, 4.1.4.9): it writes BAR, offset and length, and its accesses to the data are then accesses
 * there. What names no register, or one across its alignment, reads what was written last.
 */
final class PciConfigAccess {
  private static final int BAR = VirtioCapabilities.CONFIG_ACCESS + 4;
  private static final int OFFSET = VirtioCapabilities.CONFIG_ACCESS + 8;
  private static final int LENGTH = VirtioCapabilities.CONFIG_ACCESS + 12;
  private static final int DATA = VirtioCapabilities.CONFIG_ACCESS + 16;

  private final PciFunction function;
  private final int bar;
  private final long size;
  private final BarRegion region;

  PciConfigAccess(PciFunction function, int bar, long size, BarRegion region) {
    this.function = function;
    this.bar = bar;
    this.size = size;
    this.region = region;
  }

  /** A guest is about to read configuration space: where it reads the data, they are fetched. */
  void beforeLoad(int offset, int bytes) {
    if (touchesData(offset, bytes) && valid()) {
      long value = region.load(function.load(OFFSET, 4), length());
      function.store(DATA, length(), value);
    }
  }

  /** A guest wrote configuration space: where it wrote the data, they are stored. */
  void afterStore(int offset, int bytes) {
    if (touchesData(offset, bytes) && valid()) {
      region.store(function.load(OFFSET, 4), length(), function.load(DATA, length()));
    }
  }

  private static boolean touchesData(int offset, int bytes) {
    return offset < DATA + 4 && offset + bytes > DATA;
  }

  private boolean valid() {
    long length = function.load(LENGTH, 4);
    long offset = function.load(OFFSET, 4);
    return (length == 1 || length == 2 || length == 4)
        && function.load(BAR, 1) == bar
        && (offset & length - 1) == 0
        && offset <= size - length;
  }

  private int length() {
    return (int) function.load(LENGTH, 4);
  }
}
