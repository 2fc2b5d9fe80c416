package handover.devices.pci;

import java.util.ArrayList;
import java.util.List;

/**
 * What is fixed of a function's configuration space (PCI Local Bus 3.0, 6.1 and 6.2): its contents
 * at power-on, and which bits a guest may write, or clear by writing ones.
 */
public final class ConfigLayout {
  /** Bytes of a conventional function's configuration space. */
  public static final int SIZE = 256;

  static final int COMMAND = 0x04;
  static final int STATUS = 0x06;
  static final int COMMAND_IO = 1;
  static final int COMMAND_MEMORY = 2;
  static final int COMMAND_MASTER = 4;
  static final int COMMAND_INTX_DISABLE = 1 << 10;
  static final int STATUS_INTERRUPT = 1 << 3;
  static final int STATUS_CAPABILITIES = 1 << 4;

  private static final int COMMAND_SERR = 1 << 8;
  private static final int STATUS_ERRORS = 0xf900;
  private static final int CACHE_LINE_SIZE = 0x0c;
  private static final int HEADER_TYPE = 0x0e;
  private static final int CAPABILITY_LIST = 0x34;
  private static final int INTERRUPT_LINE = 0x3c;
  private static final int INTERRUPT_PIN = 0x3d;
  private static final int MULTIFUNCTION = 0x80;

  final byte[] initial = new byte[SIZE];
  final byte[] writable = new byte[SIZE];
  final byte[] clearable = new byte[SIZE];
  private final List<Bar> bars = new ArrayList<>();

  /**
   * Who a function says it is.
   *
   * @param vendor vendor id
   * @param device device id
   * @param revision revision id
   * @param classCode base class and subclass
   * @param subsystemVendor subsystem vendor id
   * @param subsystem subsystem id
   */
  public record Identity(
      int vendor, int device, int revision, int classCode, int subsystemVendor, int subsystem) {}

  /** The header every function has, without BARs and capabilities. */
  public ConfigLayout(Identity identity) {
    put(initial, 0x00, 2, identity.vendor());
    put(initial, 0x02, 2, identity.device());
    put(initial, 0x08, 1, identity.revision());
    put(initial, 0x0a, 2, identity.classCode());
    put(initial, 0x2c, 2, identity.subsystemVendor());
    put(initial, 0x2e, 2, identity.subsystem());
    int command = COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER | COMMAND_SERR;
    put(writable, COMMAND, 2, command | COMMAND_INTX_DISABLE);
    put(clearable, STATUS, 2, STATUS_ERRORS);
    put(writable, CACHE_LINE_SIZE, 1, 0xff);
    put(writable, INTERRUPT_LINE, 1, 0xff);
  }

  /** Other functions share the slot. */
  public ConfigLayout multifunction() {
    initial[HEADER_TYPE] |= (byte) MULTIFUNCTION;
    return this;
  }

  /** The function interrupts on a pin: 1 is INTA. */
  public ConfigLayout interruptPin(int pin) {
    put(initial, INTERRUPT_PIN, 1, pin);
    return this;
  }

  /** Adds a base address register. */
  public ConfigLayout bar(Bar bar) {
    bars.add(bar);
    put(initial, bar.offset(), 4, bar.space().type);
    put(writable, bar.offset(), bar.width(), bar.writable());
    return this;
  }

  /**
   * Adds a capability, in front of those added before (6.7).
   *
   * @param id capability id
   * @param offset where it starts
   * @param body what follows id and next pointer
   * @param bodyWritable which bits of {@code body} a guest may write
   */
  public ConfigLayout capability(int id, int offset, byte[] body, byte[] bodyWritable) {
    initial[offset] = (byte) id;
    initial[offset + 1] = initial[CAPABILITY_LIST];
    initial[CAPABILITY_LIST] = (byte) offset;
    initial[STATUS] |= STATUS_CAPABILITIES;
    System.arraycopy(body, 0, initial, offset + 2, body.length);
    System.arraycopy(bodyWritable, 0, writable, offset + 2, bodyWritable.length);
    return this;
  }

  /** The base address registers. */
  public List<Bar> bars() {
    return bars;
  }

  private static void put(byte[] into, int offset, int width, long value) {
    for (int i = 0; i < width; i++) {
      into[offset + i] = (byte) (value >>> 8 * i);
    }
  }
}
