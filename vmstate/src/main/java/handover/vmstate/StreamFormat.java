package handover.vmstate;

/** The numbers of QEMU's migration stream, version 3. All integers on the wire are big-endian. */
public final class StreamFormat {
  /** "QEVM". */
  public static final int MAGIC = 0x5145_564d;

  public static final int VERSION = 3;

  // What follows at a section boundary, one byte each.
  public static final int EOF = 0x00;
  public static final int SECTION_START = 0x01;
  public static final int SECTION_PART = 0x02;
  public static final int SECTION_END = 0x03;
  public static final int SECTION_FULL = 0x04;
  public static final int SUBSECTION = 0x05;
  public static final int VMDESCRIPTION = 0x06;
  public static final int CONFIGURATION = 0x07;
  public static final int COMMAND = 0x08;
  public static final int SECTION_FOOTER = 0x7e;

  // Commands: u16 command, u16 length, payload.
  public static final int COMMAND_OPEN_RETURN_PATH = 1;

  /** Payload u32, which comes back as {@link #RETURN_PONG}. */
  public static final int COMMAND_PING = 2;

  /** No payload: the guest is about to stop. */
  public static final int COMMAND_SWITCHOVER_START = 0xb;

  // Return path messages: u16 type, u16 length, payload.
  /** Payload u32: 0 for success. */
  public static final int RETURN_SHUT = 1;

  public static final int RETURN_PONG = 2;
  public static final int RETURN_SWITCHOVER_ACK = 7;

  private StreamFormat() {}
}
