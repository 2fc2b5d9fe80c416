package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How far a destination came, by the PINGs that it has answered. */
class LandmarksTest {
  private static final String NET = "0000:00:01.0/virtio-net";

  private final Offer sent =
      new Offer(
          "virt",
          "virt-1.1",
          Map.of(),
          List.of(new Offer.Block("riscv_virt_board.ram", 64)),
          List.of(),
          Map.of("smp", "2", NET + ".vectors", "4", "0000:00:02.0/virtio-net.vectors", "9"));

  private final Landmarks landmarks = new Landmarks(sent);

  private void setAll() {
    landmarks.set(Protocol.request(), StreamPart::blocks);
    landmarks.set(2, StreamPart::pages);
    landmarks.set(4, offer -> StreamPart.section(offer, "cpu"));
    landmarks.set(5, offer -> StreamPart.section(offer, NET));
    landmarks.set(6, StreamPart::end);
  }

  private String after(int... answers) {
    for (int answer : answers) {
      landmarks.answered(answer);
    }
    return landmarks.reached().explanation(true);
  }

  @Test
  void withoutAnAnswerItIsTheConfiguration() {
    setAll();
    assertThat(after())
        .contains("everything before the configuration (sent: machine type (-M)=virt)");
  }

  @Test
  void eachAnswerLeadsToTheNextPart() {
    setAll();
    assertThat(after(Protocol.request()))
        .contains("the list of RAM blocks (memory) (sent: riscv_virt_board.ram=64 bytes)");
    assertThat(after(2)).contains("everything before pages of memory, and did not get past that");
    assertThat(after(4)).contains("section 'cpu' (sent: smp=2), and did");
    assertThat(after(5)).contains("section '%s' (sent: vectors=4), and did".formatted(NET));
    assertThat(after(6)).contains("everything before the end mark, and did");
  }

  @Test
  void whereAnswersMayBeLostItMayHaveComeFurther() {
    setAll();
    assertThat(after(4)).contains("did not get past");
    assertThat(landmarks.reached().explanation(false))
        .contains("everything before section 'cpu' (sent: smp=2), and perhaps more");
  }

  @Test
  void answersToOtherPingsAndThoseThatComeTwiceMoveNothing() {
    setAll();
    assertThat(after(Protocol.request(), 2, 3, 0, 2, Protocol.request(), 7, -1))
        .contains("pages of memory");
  }
}
