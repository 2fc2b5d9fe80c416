package handover.devices.pci;

import handover.devices.InterruptLine;
import handover.vmstate.Migratable;
import handover.vmstate.StateDeclaration;
import handover.vmstate.WireType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The root bus: 32 slots of eight functions, two address spaces, four interrupt wires.
 *
 * <p>Filled while the machine is built. A function that moves a BAR calls {@link #remap} under its
 * own lock; the bus's monitor is taken inside that and takes no other. The saved state only says
 * how many pins are asserted on each wire, which devices restore themselves.
 */
public final class PciBus implements Migratable<PciBus.Saved> {
  /** Interrupt wires: INTA to INTD. */
  public static final int WIRES = 4;

  /** The saved type. */
  public static final class Saved {
    private final int[] asserted = new int[WIRES];
  }

  private static final StateDeclaration<Saved> DECLARATION =
      StateDeclaration.<Saved>of("PCIBUS", 1)
          .equal("nirq", WireType.I32_EQUAL, s -> WIRES)
          .array(
              "irq_count",
              WireType.I32,
              WIRES,
              (s, i) -> s.asserted[i],
              (s, i, v) -> s.asserted[i] = (int) v)
          .build();

  private final SharedLine[] wires;
  private final PciDevice[] devices = new PciDevice[PciAddress.SLOTS * PciAddress.FUNCTIONS];
  private final PciAddressSpace memory = new PciAddressSpace();
  private final PciAddressSpace io = new PciAddressSpace();

  /**
   * A bus without devices.
   *
   * @param lines where INTA to INTD end, four in all
   */
  public PciBus(InterruptLine... lines) {
    if (lines.length != WIRES) {
      throw new IllegalArgumentException("a PCI bus has %d wires".formatted(WIRES));
    }
    wires = Stream.of(lines).map(SharedLine::new).toArray(SharedLine[]::new);
  }

  // ---- Slots.

  /**
   * Puts a device at its function's address.
   *
   * @throws IllegalArgumentException if the address is taken
   */
  public void plug(PciDevice device) {
    int devfn = device.function().address().devfn();
    if (devices[devfn] != null) {
      throw new IllegalArgumentException(
          "PCI address %s holds %s".formatted(PciAddress.of(devfn), devices[devfn].name()));
    }
    devices[devfn] = device;
  }

  /** Who is at {@code address}. */
  public Optional<PciDevice> at(PciAddress address) {
    return Optional.ofNullable(devices[address.devfn()]);
  }

  /** Who answers configuration accesses there, or null. */
  PciDevice device(int devfn) {
    return devices[devfn];
  }

  // ---- Wires and address spaces.

  /** INTA of a slot ends in the wire of that number, one further in the next (PCI-to-PCI, 9.1). */
  SharedLine wire(PciAddress address) {
    return wires[address.slot() % WIRES];
  }

  PciAddressSpace memory() {
    return memory;
  }

  PciAddressSpace io() {
    return io;
  }

  /** A function's BARs decode elsewhere now. */
  synchronized void remap() {
    List<Decoding> inMemory = new ArrayList<>();
    List<Decoding> inPorts = new ArrayList<>();
    Arrays.stream(devices)
        .filter(Objects::nonNull)
        .flatMap(device -> device.function().decodings().stream())
        .forEach(decoding -> (decoding.bar().io() ? inPorts : inMemory).add(decoding));
    memory.replace(inMemory);
    io.replace(inPorts);
  }

  // ---- State.

  @Override
  public String sectionName() {
    return "PCIBUS";
  }

  @Override
  public StateDeclaration<Saved> declaration() {
    return DECLARATION;
  }

  @Override
  public Saved snapshot() {
    Saved saved = new Saved();
    Arrays.setAll(saved.asserted, i -> wires[i].asserted());
    return saved;
  }

  @Override
  public Saved blank() {
    return new Saved();
  }

  /** Nothing to take over: each device asserts its own pin. */
  @Override
  public void commit(Saved state) {}
}
