package handover.migration;

import handover.vmstate.ChangeClass;
import handover.vmstate.IterativeMigration;
import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireType;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A device with one group of every class. */
final class FakeDevice implements Migratable<FakeDevice.State> {
  static final class State {
    long life;
    long features;
    final byte[] table = new byte[300];
    long[] vectors = new long[4];
    long lastIndex;
    long flags;
  }

  static final StateDeclaration<State> DECLARATION =
      StateDeclaration.<State>of("fake", 3)
          .minimumVersion(2)
          .group("fixed", ChangeClass.LIFE)
          .equal("max_pairs", WireType.U16, s -> s.life)
          .group("negotiated", ChangeClass.EPOCH)
          .scalar("features", WireType.U64, s -> s.features, (s, v) -> s.features = v)
          .group("control", ChangeClass.CONTROL)
          .bytes("table", s -> s.table)
          .group("vectors", ChangeClass.SLOW)
          .array("vector", WireType.U32, 4, (s, i) -> s.vectors[i], (s, i, v) -> s.vectors[i] = v)
          .group("rings", ChangeClass.HOT)
          .scalar("last_avail_idx", WireType.U16, s -> s.lastIndex, (s, v) -> s.lastIndex = v)
          .group("control", ChangeClass.CONTROL)
          .subsection("fake/flags", 1, s -> s.flags != 0)
          .scalar("flags", WireType.U8, s -> s.flags, (s, v) -> s.flags = v)
          .build();

  final String name;
  final AtomicInteger stages = new AtomicInteger();
  final AtomicInteger aborts = new AtomicInteger();
  volatile IterativeMigration mode = IterativeMigration.OFF;
  volatile CountDownLatch stageGate = new CountDownLatch(0);
  volatile String refuseStage = "";
  volatile String refuseCommit = "";
  volatile BooleanSupplier broken = () -> false;
  private State live = new State();
  private long generation;
  private long epoch;

  FakeDevice(String name, long life) {
    this.name = name;
    live.life = life;
  }

  /** Changes state the way a guest would. */
  synchronized void set(long features, int table, long vector, long index, long flags) {
    live.features = features;
    live.table[Math.floorMod(table, 300)] ^= (byte) (table | 1);
    live.vectors[Math.floorMod(table, 4)] = vector & 0xffff_ffffL;
    live.lastIndex = index & 0xffff;
    live.flags = flags & 0xff;
    generation++;
  }

  synchronized void tick() {
    live.lastIndex = live.lastIndex + 1 & 0xffff;
  }

  synchronized void control(int value) {
    live.table[7] = (byte) value;
    generation++;
  }

  synchronized void reset() {
    long life = live.life;
    live = new State();
    live.life = life;
    epoch++;
    generation++;
  }

  @Override
  public String sectionName() {
    return name;
  }

  @Override
  public StateDeclaration<State> declaration() {
    return DECLARATION;
  }

  @Override
  public synchronized State snapshot() {
    breakDown();
    return copy(live);
  }

  @Override
  public synchronized State blank() {
    State state = new State();
    state.life = live.life;
    return state;
  }

  @Override
  public synchronized void commit(State state) {
    breakDown();
    if (!refuseCommit.isEmpty()) {
      throw new StreamException(refuseCommit);
    }
    live = copy(state);
  }

  @Override
  public IterativeMigration iterativeMigration() {
    return mode;
  }

  @Override
  public synchronized long generation() {
    return generation;
  }

  @Override
  public synchronized long epoch() {
    return epoch;
  }

  @Override
  public CompletionStage<Void> stage(State early) {
    if (!refuseStage.isEmpty()) {
      throw new StreamException(refuseStage);
    }
    try {
      if (!stageGate.await(20, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody opened the gate");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    stages.incrementAndGet();
    return CompletableFuture.completedStage(null);
  }

  @Override
  public void abort() {
    aborts.incrementAndGet();
  }

  /** As a JVM does that has run out of something. */
  private void breakDown() {
    if (broken.getAsBoolean()) {
      throw new NoClassDefFoundError("what " + name + " needs");
    }
  }

  private static State copy(State from) {
    State to = new State();
    to.life = from.life;
    to.features = from.features;
    System.arraycopy(from.table, 0, to.table, 0, to.table.length);
    to.vectors = from.vectors.clone();
    to.lastIndex = from.lastIndex;
    to.flags = from.flags;
    return to;
  }
}
