package handover.devices.virtio.entropy;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.TestGuest;
import handover.devices.virtio.TestRing.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VirtioEntropyTest {
  private final TestGuest guest = new TestGuest();

  @Test
  void fillsWhatTheDriverOffers() {
    VirtioEntropy device =
        VirtioEntropy.create(Map.of(), guest.memory(), problem -> {}).orElseThrow();
    guest.plug(device, false).start(-1L, 8);
    guest.ring(0).add(Piece.in(64), Piece.in(64));
    guest.kick(0);
    byte[] bytes = guest.ring(0).await().written();
    assertThat(bytes).hasSize(128);
    assertThat(bytes).isNotEqualTo(new byte[128]);
    guest.ring(0).add(Piece.in(100_000));
    guest.kick(0);
    assertThat(guest.ring(0).await().length()).isEqualTo(4096);
  }

  @Test
  void unknownPropertiesAreRefusedWithTheNearest() {
    List<String> problems = new ArrayList<>();
    assertThat(VirtioEntropy.create(Map.of("iterative-mg", "on"), guest.memory(), problems::add))
        .isEmpty();
    assertThat(problems).singleElement().asString().contains("did you mean 'iterative-mig'?");
  }
}
