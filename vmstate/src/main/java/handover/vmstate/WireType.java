package handover.vmstate;

/** Integer encodings of the stream: width, signedness, byte order, and QEMU's name for them. */
public enum WireType implements Width {
  U8("uint8", 1, false),
  U16("uint16", 2, false),
  U32("uint32", 4, false),
  U64("uint64", 8, false),
  I32("int32", 4, true),
  I64("int64", 8, true),
  /** A deadline in nanoseconds; -1 for a timer that is off. */
  TIMER("timer", 8, true),
  BOOL("bool", 1, false),
  /** Signed 32-bit that the destination wants to be less than or equal to its own value. */
  I32_AT_MOST("int32 le", 4, true),
  /** Signed 32-bit that the destination compares with its own value. */
  I32_EQUAL("int32 equal", 4, true);

  private final String qemuName;
  private final int bytes;
  private final boolean signed;

  WireType(String qemuName, int bytes, boolean signed) {
    this.qemuName = qemuName;
    this.bytes = bytes;
    this.signed = signed;
  }

  @Override
  public WireType at(QemuRelease release) {
    return this;
  }

  /** This encoding until {@code since}, from then on another. */
  public Width then(QemuRelease since, WireType after) {
    return new Width.Changed(this, since, after);
  }

  /** The type's name in the stream's JSON description. */
  public String qemuName() {
    return qemuName;
  }

  /** Width on the wire, in bytes. */
  public int bytes() {
    return bytes;
  }

  void write(WireWriter out, long value) {
    switch (this) {
      case U8 -> out.u8((int) value);
      case BOOL -> out.u8(value == 0 ? 0 : 1);
      case U16 -> out.u16((int) value);
      case U32, I32, I32_AT_MOST, I32_EQUAL -> out.u32((int) value);
      case U64, I64, TIMER -> out.u64(value);
    }
  }

  /** Reads one value, zero- or sign-extended; a bool other than 0 or 1 is refused. */
  long read(WireReader in) {
    long value =
        switch (bytes) {
          case 1 -> in.u8();
          case 2 -> in.u16();
          case 4 -> in.u32();
          default -> in.u64();
        };
    if (this == BOOL && value > 1) {
      throw in.malformed("a bool of 0 or 1", Long.toString(value));
    }
    return bytes == 4 && !signed ? value & 0xffff_ffffL : value;
  }
}
