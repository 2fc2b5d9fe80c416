package handover.machine;

import handover.memory.RamBlock;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a bare {@code virt} board has in every stream: its own sections and RAM blocks, without what
 * can be plugged. Nothing runs; sections can be loaded, committed and saved.
 */
public final class BoardSections implements AutoCloseable {
  private static final long MEMORY = 1 << 20;

  private final VirtBoard board;
  private final List<Migratable<?>> sections;

  private BoardSections(VirtBoard board) {
    this.board = board;
    this.sections = board.sections(new GlobalState(() -> RunState.PAUSED));
  }

  /**
   * Those of a board with so many harts.
   *
   * @param present names of sections that came: interrupt controllers are found among them
   * @throws MachineSpecException if there is no such board
   */
  public static BoardSections of(int harts, Set<String> present) throws MachineSpecException {
    Map<String, String> options = Map.of("aia", Aia.having(present).wireName());
    return new BoardSections(VirtBoard.build(MachineSpec.bare(MEMORY, harts, options), () -> {}));
  }

  /** The sections, in the order in which they are to be committed. */
  public List<Migratable<?>> all() {
    return sections;
  }

  /** Name of the block that is main RAM. */
  public static String mainRam() {
    return VirtBoard.MAIN_RAM;
  }

  /** Names of the board's RAM blocks that {@code release} has not, but another has. */
  public Set<String> blocksUnknownTo(QemuRelease release) {
    Set<String> names =
        board.optionalRamBlocks().stream().map(RamBlock::name).collect(Collectors.toSet());
    board.ramBlocks(release).forEach(block -> names.remove(block.name()));
    return names;
  }

  @Override
  public void close() {
    board.close();
  }
}
