package handover.devices.virtio;

import handover.devices.pci.Msix;
import handover.devices.pci.MsixState;
import handover.devices.pci.PciConfigState;
import handover.vmstate.ChangeClass;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireType;
import handover.vmstate.WireWriter;
import java.util.Arrays;

/** Saved state of the PCI function a virtio device is on: configuration space, MSI-X, vectors. */
final class PciState {
  private static final byte[] NOTHING = {};

  private final int vectors;
  final PciConfigState function;
  final MsixState msix;
  final int[] queueVectors;
  int configVector = Msix.NO_VECTOR;

  PciState(PciShape shape, int queues) {
    function = new PciConfigState(shape.layout());
    vectors = shape.vectors();
    msix = new MsixState(vectors);
    queueVectors = new int[queues];
    Arrays.fill(queueVectors, Msix.NO_VECTOR);
  }

  /** Declares the groups, which are empty for a device that is not on PCI. */
  static <S extends VirtioState> void declare(StateDeclaration.Builder<S> builder) {
    builder
        .group("virtio.identity", ChangeClass.LIFE)
        .equal(
            OfferedLife.MSIX_VECTORS,
            WireType.U16,
            s -> s.shape.pci().map(PciShape::vectors).orElse(0))
        .group("pci.config", ChangeClass.SLOW)
        .bytes("config", s -> s.pci.map(p -> p.function.config()).orElse(NOTHING))
        .group("pci.msix", ChangeClass.SLOW)
        .bytes("msix_table", s -> s.pci.map(p -> p.msix.table()).orElse(NOTHING))
        .array(
            "config_vector",
            WireType.U16,
            s -> s.pci.isPresent() ? 1 : 0,
            (s, i) -> s.pci.orElseThrow().configVector,
            (s, i, v) -> s.pci.orElseThrow().configVector = (int) v)
        .array(
            "vq_vector",
            WireType.U16,
            s -> s.pci.isPresent() ? s.queueCount() : 0,
            (s, i) -> s.pci.orElseThrow().queueVectors[i],
            (s, i, v) -> s.pci.orElseThrow().queueVectors[i] = (int) v)
        .group("pci.pending", ChangeClass.HOT)
        .bytes("msix_pba", s -> s.pci.map(p -> p.msix.pending()).orElse(NOTHING));
  }

  /** Whether the function may access memory. */
  boolean busMaster() {
    return function.busMaster();
  }

  /** Writes the head of QEMU's section. */
  void save(WireWriter out) {
    function.save(out);
    if (msix.table().length > 0) {
      out.bytes(msix.table());
      out.bytes(msix.pending());
      out.u16(configVector);
    }
  }

  /** Reads the head of QEMU's section. */
  void load(WireReader in) {
    function.load(in);
    checkVectors();
    if (msix.table().length > 0) {
      in.bytes(msix.table(), 0, msix.table().length);
      in.bytes(msix.pending(), 0, msix.pending().length);
      configVector = in.u16();
    }
  }

  /** The table follows without a length: only configuration space says how large it is. */
  private void checkVectors() {
    byte[] config = function.config();
    int at = VirtioCapabilities.MSIX;
    int size = config[at + 2] & 0xff | (config[at + 3] & 7) << 8;
    int theirs = config[at] == Msix.CAPABILITY ? size + 1 : 0;
    if (theirs != vectors) {
      throw new StreamException(
          "MSI-X: expected %d vectors, found %d; give both sides the same vectors= and numbers of queues"
              .formatted(vectors, theirs));
    }
  }

  void saveVector(int queue, WireWriter out) {
    if (msix.table().length > 0) {
      out.u16(queueVectors[queue]);
    }
  }

  /** Reads a queue's vector; that of a queue that does not exist here is stepped over. */
  void loadVector(int queue, WireReader in) {
    if (msix.table().length > 0) {
      int vector = in.u16();
      if (queue < queueVectors.length) {
        queueVectors[queue] = vector;
      }
    }
  }
}
