package handover.machine;

import handover.vmstate.ChangeClass;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Section {@code globalstate}: what the source was doing when it stopped for switchover, so that a
 * paused guest stays paused on the destination.
 */
final class GlobalState implements Migratable<GlobalState.Saved> {
  /** The run state by name, NUL-terminated in a fixed buffer. */
  static final class Saved {
    final byte[] runState = new byte[32];

    /** The same in QEMU 7.2's wider buffer. */
    final byte[] wideRunState = new byte[100];

    long length;

    String name() {
      byte[] buffer = runState[0] == 0 ? wideRunState : runState;
      int end = 0;
      while (end < buffer.length && buffer[end] != 0) {
        end++;
      }
      return new String(buffer, 0, end, StandardCharsets.US_ASCII);
    }
  }

  private static final StateDeclaration<Saved> DECLARATION =
      StateDeclaration.<Saved>of("globalstate", 1)
          .group("runstate", ChangeClass.HOT)
          .scalar("size", WireType.U32, s -> s.length, (s, v) -> s.length = checkedLength(v))
          .until(QemuRelease.QEMU_7_2)
          .bytes("runstate", s -> s.wideRunState)
          .since(QemuRelease.QEMU_10_0)
          .bytes("runstate", s -> s.runState)
          .scalar("has_vm_was_suspended", WireType.U8, s -> 1, (s, v) -> {})
          .scalar("vm_was_suspended", WireType.U8, s -> 0, (s, v) -> {})
          .unused(66)
          .build();

  private final Supplier<RunState> beforeSwitchover;
  private volatile boolean arrivedRunning = true;

  /** Reports {@code beforeSwitchover} as what the machine was doing. */
  GlobalState(Supplier<RunState> beforeSwitchover) {
    this.beforeSwitchover = beforeSwitchover;
  }

  /** Whether the guest that arrived was running. */
  boolean arrivedRunning() {
    return arrivedRunning;
  }

  @Override
  public String sectionName() {
    return "globalstate";
  }

  @Override
  public StateDeclaration<Saved> declaration() {
    return DECLARATION;
  }

  @Override
  public Saved snapshot() {
    return saved(beforeSwitchover.get().wireName());
  }

  @Override
  public Saved savedAgain(Saved arrived) {
    return saved(arrived.name());
  }

  private static Saved saved(String runState) {
    Saved saved = new Saved();
    byte[] name = runState.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(name, 0, saved.runState, 0, name.length);
    System.arraycopy(name, 0, saved.wideRunState, 0, name.length);
    saved.length = name.length + 1L;
    return saved;
  }

  @Override
  public Saved blank() {
    return new Saved();
  }

  @Override
  public void commit(Saved state) {
    String name = state.name();
    if (Arrays.stream(RunState.values()).noneMatch(r -> r.wireName().equals(name))) {
      throw new StreamException(
          "globalstate: the source says it was '" + name + "', which is no run state known here");
    }
    arrivedRunning = name.equals(RunState.RUNNING.wireName());
  }

  private static long checkedLength(long length) {
    if (length > 32) {
      throw new StreamException("globalstate: run state of " + length + " bytes; at most 32 fit");
    }
    return length;
  }
}
