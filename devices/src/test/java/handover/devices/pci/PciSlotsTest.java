package handover.devices.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who gets which place, as QEMU gives them out. */
class PciSlotsTest {
  private final PciSlots slots = new PciSlots();
  private final List<String> problems = new ArrayList<>();

  private Optional<PciAddress> take(String name, String wanted, boolean multifunction) {
    return slots.take(name, PciAddress.parse(wanted), multifunction, problems::add);
  }

  @Test
  void theFirstFreeSlotIsGivenFromOneUpward() {
    assertThat(take("a", "", false)).contains(new PciAddress(1, 0));
    assertThat(take("b", "3", false)).contains(new PciAddress(3, 0));
    assertThat(take("c", "", false)).contains(new PciAddress(2, 0));
    assertThat(take("d", "", false)).contains(new PciAddress(4, 0));
    assertThat(problems).isEmpty();
  }

  @Test
  void aTakenPlaceIsSaidToBe() {
    take("a", "", false);
    assertThat(take("b", "1", false)).isEmpty();
    assertThat(take("c", "0", false)).isEmpty();
    assertThat(problems)
        .containsExactly("b: addr=1.0 is taken by a", "c: addr=0.0 is taken by the host bridge");
  }

  @Test
  void functionsShareASlotWhoseFirstOneSaysSo() {
    take("a", "5.0", true);
    assertThat(take("b", "5.1", false)).contains(new PciAddress(5, 1));
    take("c", "6", false);
    assertThat(take("d", "6.1", false)).isEmpty();
    take("e", "7.1", false);
    assertThat(take("f", "7.0", false)).isEmpty();
    assertThat(take("g", "7.0", true)).isPresent();
    assertThat(problems)
        .containsExactly(
            "d: addr=6.1 shares its slot with c, which needs multifunction=on for that",
            "f: addr=7.0 shares its slot, and needs multifunction=on for that");
  }

  @Test
  void thereAreThirtyTwo() {
    for (int i = 1; i < 32; i++) {
      assertThat(take("a", "", false)).isPresent();
    }
    assertThat(take("last", "", false)).isEmpty();
    assertThat(problems).containsExactly("last: all 32 slots are taken");
  }
}
