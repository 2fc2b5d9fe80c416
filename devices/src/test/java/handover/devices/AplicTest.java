package handover.devices;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.QemuRelease;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AplicTest {
  private static final int SOURCE = 10;
  private static final int DELEGATE = 1 << 10;
  private static final int RISING = 4;
  private static final int HIGH = 6;
  private static final int ENABLE = 0x1edc;
  private static final int PENDING = 0x1c00;
  private static final int CLAIM = 0x401c;

  private final boolean[] wires = new boolean[4];
  private final List<String> sent = new ArrayList<>();

  private final Aplic direct = new Aplic(AplicDelivery.direct(wire(0), wire(1)));
  private final Aplic directChild = direct.withChild(AplicDelivery.direct(wire(2), wire(3)));
  private final Aplic root = new Aplic(AplicDelivery.messages(this::send));
  private final Aplic child = root.withChild(AplicDelivery.messages(this::send));

  private InterruptLine wire(int index) {
    return asserted -> wires[index] = asserted;
  }

  private void send(long address, int data) {
    sent.add("%x:%d".formatted(address, data));
  }

  private static void store(Aplic domain, int offset, int value) {
    domain.store(offset, 4, value & 0xffff_ffffL);
  }

  /** The source is the child's, enabled there, and goes to a hart. */
  private static void delegate(Aplic parent, Aplic to, int mode, int target) {
    store(parent, 4 * SOURCE, DELEGATE);
    store(to, 0, 0x100);
    store(to, 4 * SOURCE, mode);
    store(to, 0x3000 + 4 * SOURCE, target);
    store(to, ENABLE, SOURCE);
  }

  @Test
  void aLevelReachesTheHartOfItsDomainAsLongAsItIsHigh() {
    delegate(direct, directChild, HIGH, 1 << 18 | 2);
    store(directChild, 0x4020, 1);
    direct.input(SOURCE).set(true);
    assertThat(wires).containsExactly(false, false, false, true);
    assertThat(directChild.load(0x4020 + 0x1c, 4)).isEqualTo(SOURCE << 16 | 2);
    assertThat(wires[3]).as("claimed, and still high").isTrue();
    direct.input(SOURCE).set(false);
    assertThat(wires[3]).isFalse();
    assertThat(directChild.load(CLAIM, 4)).isZero();
  }

  @Test
  void anEdgeIsOverWhenItWasClaimed() {
    delegate(direct, directChild, RISING, 1);
    store(directChild, 0x4000, 1);
    direct.input(SOURCE).set(true);
    direct.input(SOURCE).set(false);
    assertThat(wires[2]).isTrue();
    store(directChild, 0x4008, 1);
    assertThat(wires[2]).as("not below the threshold").isFalse();
    store(directChild, 0x4008, 0);
    assertThat(directChild.load(CLAIM, 4)).isEqualTo(SOURCE << 16 | 1);
    assertThat(wires[2]).isFalse();
  }

  @Test
  void messagesGoToThePageOfTheHart() {
    store(root, 0x1bc0, 0x24000);
    store(root, 0x1bc4, 1 << 12);
    store(root, 0x1bc8, 0x28000);
    delegate(root, child, HIGH, 1 << 18 | 33);
    root.input(SOURCE).set(true);
    assertThat(sent).containsExactly("28001000:33");
    assertThat(child.load(PENDING, 4)).as("sent, so not pending").isZero();
    store(child, 0x2000, SOURCE);
    assertThat(sent).as("asked again while still high").hasSize(2);
    root.input(SOURCE).set(false);
    store(child, 0x2000, SOURCE);
    assertThat(sent).as("nothing to ask for").hasSize(2);
    store(root, 0x3000, 5);
    assertThat(sent).last().isEqualTo("24000000:5");
  }

  @Test
  void whatIsNotDelegatedIsNotTheChilds() {
    store(child, 4 * SOURCE, HIGH);
    assertThat(child.load(4 * SOURCE, 4)).isZero();
    store(root, 4 * SOURCE, HIGH);
    store(child, ENABLE, SOURCE);
    assertThat(child.load(0x1e00, 4)).isZero();
    assertThat(root.load(0, 4)).isEqualTo(0x8000_0004L);
    store(root, 4 * SOURCE, 3);
    assertThat(root.load(4 * SOURCE, 4)).as("a mode that there is not").isZero();
  }

  @Test
  void registersThatAreNotThereAnswerNothing() {
    for (int offset = 0; offset < Aplic.SIZE; offset += 4) {
      store(root, offset, -1);
      store(directChild, offset, -1);
      root.load(offset, 4);
      directChild.load(offset, 4);
    }
    assertThat(root.load(0x1fdc, 8)).isZero();
  }

  @Test
  void movesWithItsLevels() {
    delegate(direct, directChild, HIGH, 1);
    store(directChild, 0x4000, 1);
    direct.input(SOURCE).set(true);
    Aplic there = new Aplic(AplicDelivery.direct(InterruptLine.NONE, InterruptLine.NONE));
    boolean[] wire = {false};
    Aplic childThere =
        there.withChild(AplicDelivery.direct(on -> wire[0] = on, InterruptLine.NONE));
    copy(direct, there);
    copy(directChild, childThere);
    assertThat(wire[0]).isTrue();
    there.input(SOURCE).set(false);
    assertThat(wire[0]).isFalse();
  }

  private static void copy(Aplic from, Aplic to) {
    WireWriter out = new WireWriter();
    from.declaration().save(from.snapshot(), out, QemuRelease.QEMU_10_0);
    assertThat(out.toByteArray()).as("QEMU's size").hasSize(1220);
    AplicState state = to.blank();
    to.declaration().load(state, new WireReader(out.toByteArray()), 2);
    to.commit(state);
  }
}
