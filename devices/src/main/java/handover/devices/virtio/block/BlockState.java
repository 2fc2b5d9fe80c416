package handover.devices.virtio.block;

import handover.devices.virtio.OfferedForm;
import handover.devices.virtio.VirtioState;
import handover.vmstate.ChangeClass;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;

/** Saved state of the block device. No request is ever in it: they are complete when it pauses. */
public final class BlockState extends VirtioState {
  private static final String CAPACITY = "capacity";

  private final long sectors;
  boolean writeback = true;

  BlockState(Shape shape, long sectors) {
    super(shape);
    this.sectors = sectors;
  }

  /** The form of a device somewhere else. */
  public static OfferedForm<BlockState> offered() {
    return new OfferedForm<>(
        VirtioBlock.DECLARATION, life -> new BlockState(Shape.of(life), life.bits(CAPACITY)));
  }

  static StateDeclaration<BlockState> declareBlock() {
    return VirtioState.<BlockState>declare("virtio-blk", 2)
        .group("virtio-blk.disk", ChangeClass.LIFE)
        .equal(CAPACITY, WireType.U64, s -> s.sectors)
        .group("virtio-blk.cache", ChangeClass.CONTROL)
        .scalar(
            "writeback", WireType.BOOL, s -> s.writeback ? 1 : 0, (s, v) -> s.writeback = v != 0)
        .classic(new BlockClassicCodec())
        .build();
  }
}
