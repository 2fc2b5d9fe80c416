package handover.machine;

import handover.devices.virtio.backend.RingBackEnd;
import handover.memory.RamBlock;
import handover.migration.MigratableMachine;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** The board as the migration engine sees it. */
final class BoardMigration implements MigratableMachine {
  private final VirtualMachine machine;
  private final VirtBoard board;
  private final List<RamBlock> ramBlocks;
  private final List<Migratable<?>> sections;
  private final GlobalState globalState;

  BoardMigration(VirtualMachine machine, VirtBoard board) {
    this.machine = machine;
    this.board = board;
    this.globalState = new GlobalState(machine::stateBeforeSwitchover);
    this.ramBlocks = board.ramBlocks();
    this.sections = board.sections(globalState);
  }

  @Override
  public String machineType() {
    return "virt";
  }

  @Override
  public String machineVersion() {
    return board.version().wireName();
  }

  @Override
  public QemuRelease stream() {
    return board.stream();
  }

  @Override
  public List<RamBlock> ramBlocks() {
    return ramBlocks;
  }

  @Override
  public List<RamBlock> optionalRamBlocks() {
    return board.optionalRamBlocks();
  }

  @Override
  public List<Migratable<?>> sections() {
    return sections;
  }

  @Override
  public Map<String, String> agreementProperties() {
    return board.agreementProperties();
  }

  @Override
  public boolean running() {
    return machine.runState() == RunState.RUNNING;
  }

  @Override
  public void stopForMigration() {
    machine.stopForMigration();
  }

  @Override
  public void tellStopped() {
    machine.tellStopped();
  }

  @Override
  public void resumeAfterFailure() {
    machine.resumeAfterFailure();
  }

  @Override
  public void handedOver() {
    machine.handedOver();
  }

  @Override
  public long startAfterMigration() {
    return machine.startAfterMigration(globalState.arrivedRunning());
  }

  @Override
  public void tellStarted() {
    machine.tellStarted();
  }

  @Override
  public void recordDirtyPages(boolean on) {
    rings().forEach(rings -> rings.recordDirtyPages(on));
    if (!on) {
      ramBlocks.forEach(block -> block.dirtyLog().stop());
      return;
    }
    board.whileHeld(
        () -> {
          ramBlocks().forEach(block -> block.dirtyLog().start());
          board.dropWritePermissions();
        });
  }

  @Override
  public long collectDirtyPages(long[][] into) {
    rings().forEach(RingBackEnd::collectDirtyPages);
    long[] fresh = {0};
    board.whileHeld(
        () -> {
          board.dropWritePermissions();
          for (int i = 0; i < into.length; i++) {
            fresh[0] += ramBlocks().get(i).dirtyLog().collect(into[i]);
          }
        });
    return fresh[0];
  }

  /** Other processes that write to guest memory. */
  private Stream<RingBackEnd> rings() {
    return board.netdevs().stream().flatMap(netdev -> netdev.rings().stream());
  }

  @Override
  public void rehearseMoves(BooleanSupplier enough) {
    MoveRehearsal.run(machine.spec(), enough);
  }

  @Override
  public byte[] hotCode() {
    return board.hartGroup().hotCode();
  }

  @Override
  public void warmUp(byte[] hotCode, BooleanSupplier enough) {
    board.hartGroup().warmUp(hotCode, enough);
  }

  @Override
  public void announceSelf() {
    board.announceSelf();
  }
}
