package handover.vmstate;

/** A small state with everything a declaration can say, for the tests here. */
final class Timer {
  /** A row's element. */
  static final class Entry {
    long address;
    long config;

    static final StateDeclaration<Entry> DECLARATION =
        StateDeclaration.<Entry>of("cpu/pmp/entry", 1)
            .scalar("addr_reg", WireType.U64, e -> e.address, (e, v) -> e.address = v)
            .scalar("cfg_reg", WireType.U8, e -> e.config, (e, v) -> e.config = v)
            .build();
  }

  long slots = 4;
  long count;
  boolean enabled;
  final byte[] mac = new byte[6];
  final long[] compare = new long[3];
  final Entry[] entries = {new Entry(), new Entry()};
  long high;

  static final StateDeclaration<Timer> DECLARATION =
      StateDeclaration.<Timer>of("timer", 3)
          .minimumVersion(2)
          .group("fixed", ChangeClass.LIFE)
          .equal("slots", WireType.I32_EQUAL, t -> t.slots)
          .group("control", ChangeClass.CONTROL)
          .scalar("enabled", WireType.BOOL, t -> t.enabled ? 1 : 0, (t, v) -> t.enabled = v != 0)
          .bytes("mac", t -> t.mac)
          .group("hot", ChangeClass.HOT)
          .scalar("count", WireType.I64, t -> t.count, (t, v) -> t.count = v)
          .array("compare", WireType.U32, 3, (t, i) -> t.compare[i], (t, i, v) -> t.compare[i] = v)
          .unused(2)
          .group("control", ChangeClass.CONTROL)
          .structs("entries", t -> 2, Entry.DECLARATION, (t, i) -> t.entries[i])
          .group("hot", ChangeClass.HOT)
          .subsection("timer/high", 7, t -> t.high != 0)
          .scalar("high", WireType.U16, t -> t.high, (t, v) -> t.high = v)
          .build();

  static Timer running() {
    Timer timer = new Timer();
    timer.count = -2;
    timer.enabled = true;
    timer.mac[5] = 0x56;
    timer.compare[1] = 0xfedc_ba98L;
    timer.entries[1].address = 0x8000_0000L;
    timer.entries[1].config = 0x1f;
    return timer;
  }
}
