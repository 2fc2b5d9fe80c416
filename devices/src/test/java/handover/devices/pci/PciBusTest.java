package handover.devices.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.InterruptLine;
import handover.vmstate.QemuRelease;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What harts see of the bus: configuration space, windows, wires. */
class PciBusTest {
  private static final long MMIO = 0x4000_0000L;
  private static final long HIGH = 0x4_0000_0000L;
  private static final long SLOT_3 = 3 << 15;

  private final boolean[] wires = new boolean[4];
  private final PciBus bus = new PciBus(wire(0), wire(1), wire(2), wire(3));
  private final HostBridge bridge = HostBridge.on(bus);
  private final PciEcam ecam = new PciEcam(bus);
  private final PciWindow low = PciWindow.memory(bus, MMIO, 0x4000_0000L);
  private final PciWindow high = PciWindow.memory(bus, HIGH, HIGH);
  private final PciWindow ports = PciWindow.ports(bus, 0x10000);
  private final TestFunction device = new TestFunction(bus, new PciAddress(3, 0));

  private InterruptLine wire(int index) {
    return asserted -> wires[index] = asserted;
  }

  private long config(int offset, int bytes) {
    return ecam.load(SLOT_3 + offset, bytes);
  }

  private void config(int offset, int bytes, long value) {
    ecam.store(SLOT_3 + offset, bytes, value);
  }

  @Test
  void theBridgeIsQemus() {
    assertThat(ecam.load(0, 4)).isEqualTo(0x0008_1b36L);
    assertThat(ecam.load(2, 2)).isEqualTo(8);
    assertThat(ecam.load(3, 1)).isZero();
    assertThat(ecam.load(8, 4)).isEqualTo(0x0600_0000L);
    assertThat(ecam.load(0x2c, 4)).isEqualTo(0x1100_1af4L);
    assertThat(ecam.load(0, 8)).isEqualTo(0x0008_1b36L);
  }

  @Test
  void whereNobodyIsEverythingReadsAsOnes() {
    assertThat(ecam.load(1 << 15, 4)).isEqualTo(0xffff_ffffL);
    assertThat(ecam.load(1 << 15, 2)).isEqualTo(0xffff);
    assertThat(ecam.load(1 << 15, 8)).isEqualTo(-1);
    assertThat(ecam.load(0x100, 1)).as("behind a conventional function").isEqualTo(0xff);
    assertThat(ecam.load(1L << 20, 4)).as("another bus").isEqualTo(0xffff_ffffL);
    assertThat(ecam.load(PciEcam.SIZE - 4, 4)).isEqualTo(0xffff_ffffL);
    assertThat(low.load(0, 8)).isEqualTo(-1);
    assertThat(ports.load(0x20, 1)).isEqualTo(0xff);
    ecam.store(1 << 15, 8, -1);
    low.store(0, 4, 1);
  }

  @Test
  void readOnlyBitsStay() {
    config(0, 8, -1);
    config(0x2c, 4, -1);
    config(0x34, 4, -1);
    config(0x40, 4, -1);
    config(0x44, 4, -1);
    assertThat(config(0, 4)).isEqualTo(0x5678_1234L);
    assertThat(config(4, 4)).as("command's bits; status keeps its list").isEqualTo(0x0010_0507L);
    assertThat(config(0x2c, 4)).isEqualTo(0x0002_0001L);
    assertThat(config(0x34, 1)).isEqualTo(0x40);
    assertThat(config(0x40, 4)).isEqualTo(0x0110_0009L);
    assertThat(config(0x44, 2)).isEqualTo(0xf302);
    assertThat(config(0x3c, 2)).as("the line is the guest's, the pin is not").isEqualTo(0x100);
  }

  @Test
  void aRegisterOfOnesTellsItsSize() {
    config(TestFunction.PORTS, 4, 0xffff_ffffL);
    config(TestFunction.LOW, 4, 0xffff_ffffL);
    config(TestFunction.HIGH, 8, -1);
    assertThat(config(TestFunction.PORTS, 4)).isEqualTo(0xffff_ffc1L);
    assertThat(config(TestFunction.LOW, 4)).isEqualTo(0xffff_f000L);
    assertThat(config(TestFunction.HIGH, 8)).isEqualTo(0xffff_ffff_ffff_c00cL);
    assertThat(config(0x20, 4)).as("no such register").isZero();
  }

  @Test
  void registersDecodeWhenCommandSaysSo() {
    config(TestFunction.LOW, 4, MMIO + 0x5000);
    config(TestFunction.HIGH, 8, HIGH + 0x8000);
    config(TestFunction.PORTS, 4, 0x1000);
    assertThat(low.load(0x5004, 4)).isEqualTo(0xffff_ffffL);
    config(TestFunction.COMMAND, 2, 2);
    assertThat(low.load(0x5004, 4)).isEqualTo(4);
    assertThat(high.load(0x8010, 4)).isEqualTo(0x10);
    assertThat(ports.load(0x1008, 1)).isEqualTo(0xff);
    config(TestFunction.COMMAND, 1, 1);
    assertThat(low.load(0x5004, 4)).isEqualTo(0xffff_ffffL);
    ports.store(0x103f, 1, 7);
    assertThat(device.ports.offset).isEqualTo(0x3f);
    assertThat(device.ports.value).isEqualTo(7);
  }

  @Test
  void aRegionThatMovesAnswersAtItsNewPlaceOnly() {
    config(TestFunction.COMMAND, 2, 2);
    config(TestFunction.LOW, 4, MMIO + 0x5000);
    assertThat(low.load(0x5008, 4)).isEqualTo(8);
    config(TestFunction.LOW, 4, MMIO + 0x6000);
    assertThat(low.load(0x5008, 4)).isEqualTo(0xffff_ffffL);
    assertThat(low.load(0x6008, 4)).isEqualTo(8);
    config(TestFunction.LOW, 4, 0);
    assertThat(low.load(0x6008, 4)).isEqualTo(0xffff_ffffL);
  }

  @Test
  void regionsThatOverlapAnswerInOrder() {
    TestFunction other = new TestFunction(bus, new PciAddress(2, 1));
    config(TestFunction.COMMAND, 2, 2);
    config(TestFunction.LOW, 4, MMIO);
    config(TestFunction.HIGH, 8, MMIO);
    other.storeConfig(TestFunction.COMMAND, 2, 2);
    other.storeConfig(TestFunction.HIGH, 4, MMIO);
    low.store(0x10, 4, 1);
    assertThat(other.high.stores).as("the lower slot").isEqualTo(1);
    other.storeConfig(TestFunction.COMMAND, 2, 0);
    low.store(0x10, 4, 1);
    low.store(0x1010, 4, 1);
    assertThat(device.low.stores).as("the lower register").isEqualTo(1);
    assertThat(device.high.offset).as("where only it is").isEqualTo(0x1010);
  }

  @Test
  void pinsShareTheWiresOfTheirSlots() {
    TestFunction seven = new TestFunction(bus, new PciAddress(7, 2));
    device.function().pin().set(true);
    seven.function().pin().set(true);
    seven.function().pin().set(true);
    assertThat(wires[3]).isTrue();
    assertThat(config(6, 2)).isEqualTo(0x18);
    device.function().pin().set(false);
    assertThat(wires[3]).isTrue();
    assertThat(classic(bus, bus.snapshot())).hasSize(20).endsWith(0, 0, 0, 1);
    seven.storeConfig(TestFunction.COMMAND, 2, 0x400);
    assertThat(wires[3]).isFalse();
    assertThat(seven.loadConfig(6, 2)).as("pending, though disabled").isEqualTo(0x18);
    seven.storeConfig(TestFunction.COMMAND, 2, 0);
    assertThat(wires[3]).isTrue();
    seven.function().replacePin(true);
    assertThat(wires[3]).isFalse();
    assertThat(seven.loadConfig(6, 2)).isEqualTo(0x10);
  }

  private static byte[] classic(PciBus from, PciBus.Saved state) {
    WireWriter out = new WireWriter();
    from.declaration().save(state, out, QemuRelease.usual());
    return out.toByteArray();
  }

  @Test
  void theBridgesStateIsQemusPciDevice() {
    ecam.store(4, 2, 0xffff);
    WireWriter out = new WireWriter();
    bridge.declaration().save(bridge.snapshot(), out, QemuRelease.usual());
    byte[] bytes = out.toByteArray();
    assertThat(bytes).hasSize(276);
    assertThat(Arrays.copyOf(bytes, 10)).containsExactly(0, 0, 0, 2, 0x36, 0x1b, 8, 0, 7, 5);
    PciBus another = TestFunction.bus();
    HostBridge there = HostBridge.on(another);
    PciConfigState arrived = there.blank();
    there.declaration().load(arrived, new WireReader(bytes), 1);
    there.commit(arrived);
    assertThat(new PciEcam(another).load(4, 2)).isEqualTo(0x507);
  }

  @Test
  void anotherFunctionsStateIsRefused() {
    WireWriter out = new WireWriter();
    bridge.declaration().save(bridge.snapshot(), out, QemuRelease.usual());
    byte[] bytes = out.toByteArray();
    bytes[4 + 2] = 9;
    PciConfigState arrived = bridge.blank();
    bridge.declaration().load(arrived, new WireReader(bytes), 1);
    assertThatThrownBy(() -> bridge.commit(arrived))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("gpex_root: configuration space byte 0x02 (device id)")
        .hasMessageContaining("expected 0x08, found 0x09");
  }

  @Test
  void addressesAreReadAsQemuReadsThem() {
    assertThat(PciAddress.parse("1f.7")).contains(new PciAddress(31, 7));
    assertThat(PciAddress.parse("0x4")).contains(new PciAddress(4, 0));
    assertThat(PciAddress.parse("20")).isEmpty();
    assertThat(PciAddress.parse("3.8")).isEmpty();
    assertThat(PciAddress.parse("-1")).isEmpty();
    assertThat(new PciAddress(0x1a, 3).path()).isEqualTo("0000:00:1a.3");
  }
}
