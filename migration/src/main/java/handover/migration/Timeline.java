package handover.migration;

import java.util.ArrayList;
import java.util.List;

/** What one side does while the guest stands still, phase after phase. One thread's at a time. */
final class Timeline {
  private final String side;
  private final List<MigrationInfo.Span> spans = new ArrayList<>();
  private MigrationInfo.Jvm before = JvmActivity.now();
  private long origin;
  private long last;
  private boolean begun;

  Timeline(String side) {
    this.side = side;
  }

  /** The guest is about to stop: does what would take time then. */
  void prepare() {
    spans.clear();
    before = JvmActivity.now();
  }

  /** The guest stops: everything is measured from {@code nanos} of {@link System#nanoTime}. */
  void begin(long nanos) {
    begun = true;
    origin = nanos;
    last = nanos;
  }

  /** A phase ended now that began where the one before it ended. */
  void mark(String phase) {
    if (begun) {
      long now = System.nanoTime();
      spans.add(new MigrationInfo.Span(side, phase, (last - origin) / 1_000, (now - last) / 1_000));
      last = now;
    }
  }

  /** {@link System#nanoTime} at the stop. */
  long origin() {
    return origin;
  }

  List<MigrationInfo.Span> spans() {
    return List.copyOf(spans);
  }

  /** What the virtual machine we run in did since {@link #begin}. */
  MigrationInfo.Jvm activity() {
    return JvmActivity.since(side, before);
  }
}
