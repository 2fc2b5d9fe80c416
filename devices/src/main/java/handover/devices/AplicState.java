package handover.devices;

import static handover.vmstate.QemuRelease.QEMU_10_0;
import static handover.vmstate.QemuRelease.QEMU_11_1;

import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.Versions;
import handover.vmstate.WireType;
import java.util.function.ObjLongConsumer;

/** What of an {@link Aplic} moves, in QEMU's order and meaning. */
final class AplicState {
  static final int PENDING = 1;
  static final int ENABLED = 2;
  static final int INPUT = 1 << 8;

  private static final int SOURCE = 0x7ff;
  private static final int DELEGATE = 0x400;
  private static final int MODE = 7;

  int domain;

  /** mmsicfgaddr, mmsicfgaddrh, smsicfgaddr, smsicfgaddrh. */
  final int[] addresses = new int[4];

  int generated;
  final int[] hostAddresses = new int[2];
  final int[] source = new int[Aplic.SOURCES];

  /** {@link #PENDING}, {@link #ENABLED}, {@link #INPUT}. */
  final int[] state = new int[Aplic.SOURCES];

  final int[] target = new int[Aplic.SOURCES];
  final int[] delivery;
  final int[] force;
  final int[] threshold;

  /** Of a domain that interrupts so many harts directly. */
  AplicState(int harts) {
    delivery = new int[harts];
    force = new int[harts];
    threshold = new int[harts];
  }

  void copyTo(AplicState other) {
    other.domain = domain;
    other.generated = generated;
    copy(addresses, other.addresses);
    copy(hostAddresses, other.hostAddresses);
    copy(source, other.source);
    copy(state, other.state);
    copy(target, other.target);
    copy(delivery, other.delivery);
    copy(force, other.force);
    copy(threshold, other.threshold);
  }

  private static void copy(int[] from, int[] to) {
    System.arraycopy(from, 0, to, 0, from.length);
  }

  /** Direct delivery adds registers for each hart. */
  static StateDeclaration<AplicState> declaration(int harts) {
    StateDeclaration.Builder<AplicState> b =
        StateDeclaration.<AplicState>of(
                Aplic.SECTION, Versions.always(1).then(QEMU_10_0, 2).then(QEMU_11_1, 3))
            .scalar("domaincfg", WireType.U32, s -> s.domain, (s, v) -> s.domain = (int) v)
            .scalar("mmsicfgaddr", WireType.U32, s -> s.addresses[0], address(0))
            .scalar("mmsicfgaddrH", WireType.U32, s -> s.addresses[1], address(1))
            .scalar("smsicfgaddr", WireType.U32, s -> s.addresses[2], address(2))
            .scalar("smsicfgaddrH", WireType.U32, s -> s.addresses[3], address(3))
            .scalar("genmsi", WireType.U32, s -> s.generated, (s, v) -> s.generated = (int) v)
            .since(QEMU_10_0)
            .scalar(
                "kvm_msicfgaddr",
                WireType.U32,
                s -> s.hostAddresses[0],
                (s, v) -> s.hostAddresses[0] = (int) v)
            .scalar(
                "kvm_msicfgaddrH",
                WireType.U32,
                s -> s.hostAddresses[1],
                (s, v) -> s.hostAddresses[1] = (int) v)
            .always()
            .array(
                "sourcecfg",
                WireType.U32,
                Aplic.SOURCES,
                (s, i) -> s.source[i],
                (s, i, v) -> s.source[i] = source(i, v))
            .array(
                "state",
                WireType.U32,
                Aplic.SOURCES,
                (s, i) -> s.state[i],
                (s, i, v) -> s.state[i] = s.listens(i) ? (int) v & (PENDING | ENABLED | INPUT) : 0)
            .array(
                "target",
                WireType.U32,
                Aplic.SOURCES,
                (s, i) -> s.target[i],
                (s, i, v) -> s.target[i] = (int) v);
    if (harts > 0) {
      perHart(b, harts);
    }
    return b.build();
  }

  private static void perHart(StateDeclaration.Builder<AplicState> b, int harts) {
    b.array(
            "idelivery",
            WireType.U32,
            harts,
            (s, i) -> s.delivery[i],
            (s, i, v) -> s.delivery[i] = (int) v)
        .array(
            "iforce", WireType.U32, harts, (s, i) -> s.force[i], (s, i, v) -> s.force[i] = (int) v)
        .array(
            "ithreshold",
            WireType.U32,
            harts,
            (s, i) -> s.threshold[i],
            (s, i, v) -> s.threshold[i] = (int) v);
  }

  /** A source that this domain has not, or not active, has no state; QEMU 7.2 writes anything. */
  private boolean listens(int irq) {
    return irq > 0 && (source[irq] & DELEGATE) == 0 && SourceMode.of(source[irq] & MODE).active();
  }

  private static ObjLongConsumer<AplicState> address(int index) {
    return (s, v) -> s.addresses[index] = (int) v;
  }

  private static int source(int index, long value) {
    if ((value & ~SOURCE) != 0) {
      throw new StreamException(
          "riscv_aplic: sourcecfg[%d]: expected at most 0x%x, found 0x%x"
              .formatted(index, SOURCE, value));
    }
    return (int) value;
  }
}
