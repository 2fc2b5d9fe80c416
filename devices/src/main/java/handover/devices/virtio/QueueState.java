package handover.devices.virtio;

import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;
import java.util.function.ObjLongConsumer;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/** Saved state of one virtqueue. What is mutable here is only written by loading. */
final class QueueState {
  /** What the driver set up; one byte for a queue it did not touch. */
  static final StateDeclaration<QueueState> LAYOUT = declareLayout();

  /** Where an enabled queue stands; a disabled one stands at its beginning. */
  static final StateDeclaration<QueueState> AVAILABLE =
      position("last_avail_idx", q -> q.lastAvailable, (q, v) -> q.lastAvailable = (int) v);

  /** Where a packed queue's used descriptors stand; a split one's are in guest memory. */
  static final StateDeclaration<QueueState> USED =
      position("used_idx", q -> q.used, (q, v) -> q.used = (int) v);

  final int defaultSize;
  QueueLayout layout;

  /** A {@link Vring}'s positions. */
  int lastAvailable;

  int used;

  QueueState(int defaultSize) {
    this.defaultSize = defaultSize;
    this.layout = QueueLayout.initial(defaultSize);
  }

  private boolean touched() {
    return !layout.equals(QueueLayout.initial(defaultSize));
  }

  /** For loading: a queue counts as touched from here until its last field, {@code enabled}. */
  private void touched(boolean was) {
    layout = QueueLayout.initial(defaultSize).withEnabled(was);
  }

  private static StateDeclaration<QueueState> declareLayout() {
    StateDeclaration.Builder<QueueState> builder =
        StateDeclaration.<QueueState>of("virtqueue", 1)
            .scalar(
                "touched", WireType.BOOL, q -> q.touched() ? 1 : 0, (q, v) -> q.touched(v != 0));
    ToIntFunction<QueueState> touched = q -> q.touched() ? 1 : 0;
    optional(
        builder,
        "num",
        WireType.U16,
        touched,
        q -> q.layout.size(),
        (q, v) -> q.layout = q.layout.withSize((int) v));
    optional(
        builder,
        "vring_align",
        WireType.U32,
        touched,
        q -> q.layout.align(),
        (q, v) -> q.layout = q.layout.withAlign((int) v));
    optional(
        builder,
        "desc",
        WireType.U64,
        touched,
        q -> q.layout.descriptors(),
        (q, v) -> q.layout = q.layout.withDescriptors(v));
    optional(
        builder,
        "avail",
        WireType.U64,
        touched,
        q -> q.layout.available(),
        (q, v) -> q.layout = q.layout.withAvailable(v));
    optional(
        builder,
        "used",
        WireType.U64,
        touched,
        q -> q.layout.used(),
        (q, v) -> q.layout = q.layout.withUsed(v));
    optional(
        builder,
        "enabled",
        WireType.BOOL,
        touched,
        q -> q.layout.enabled() ? 1 : 0,
        (q, v) -> q.layout = q.layout.withEnabled(v != 0));
    return builder.build();
  }

  private static StateDeclaration<QueueState> position(
      String name, ToLongFunction<QueueState> get, ObjLongConsumer<QueueState> set) {
    StateDeclaration.Builder<QueueState> builder = StateDeclaration.of("virtqueue_position", 1);
    optional(builder, name, WireType.U16, q -> q.layout.enabled() ? 1 : 0, get, set);
    return builder.build();
  }

  private static void optional(
      StateDeclaration.Builder<QueueState> builder,
      String name,
      WireType type,
      ToIntFunction<QueueState> present,
      ToLongFunction<QueueState> get,
      ObjLongConsumer<QueueState> set) {
    builder.array(name, type, present, (q, i) -> get.applyAsLong(q), (q, i, v) -> set.accept(q, v));
  }
}
