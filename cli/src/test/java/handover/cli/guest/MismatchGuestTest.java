package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.monitor.client.MigrationDriver;
import handover.monitor.client.MigrationOutcome;
import handover.monitor.client.MigrationOutcome.Verdict;
import handover.monitor.client.MigrationPlan;
import handover.monitor.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Machines that differ are told apart before memory moves, in words, on both sides. */
class MismatchGuestTest extends GuestTest {
  /** The destination, how many differences follow from it, and words of the error. */
  private static Stream<Arguments> differences() {
    Hardware usual = Hardware.usual();
    return Stream.of(
        Arguments.of(
            usual.with("-m", "96"),
            1,
            List.of("RAM block riscv_virt_board.ram: 67108864 bytes on the source, 100663296")),
        Arguments.of(
            usual.with("-M", "virt-1.0"),
            1,
            List.of("machine version: virt-1.1 on the source, virt-1.0 on the destination")),
        Arguments.of(
            usual.withDevice("virtio-rng-device"),
            1,
            List.of("virtio-rng: absent on the source, present on the destination")),
        Arguments.of(
            usual.withNetwork("mac", "52:54:00:12:34:99"),
            1,
            List.of("mac: 52:54:00:12:34:56 on the source, 52:54:00:12:34:99 on the destination")),
        Arguments.of(
            usual.withNetwork("mrg_rxbuf", "off"),
            2,
            List.of("mrg_rxbuf: on on the source, off on the destination")),
        Arguments.of(
            usual.with("-smp", "2"), 3, List.of("smp: 1 on the source, 2 on the destination")),
        Arguments.of(
            usual.with("-cpu", "rv64,sv48=off"), 1, List.of("cpu: rv64", "on the source, rv64")),
        Arguments.of(
            usual.withNetwork("iterative-mig", "off"),
            1,
            List.of("iterative-mig: on on the source, off on the destination")),
        Arguments.of(
            usual.with("-m", "96").withNetwork("mac", "52:54:00:12:34:99").with("-smp", "2"),
            5,
            List.of(
                "riscv_virt_board.ram: 67108864 bytes",
                "mac: 52:54:00:12:34:56 on the source",
                "smp: 1 on the source, 2 on the destination")));
  }

  @ParameterizedTest
  @MethodSource("differences")
  void refusedBeforeMemoryMoves(Hardware other, int differences, List<String> words)
      throws IOException, InterruptedException {
    try (Host destination = guest.destination(other)) {
      String error = guest.refusedBy(destination, destination.listen());
      assertThat(error)
          .contains("nothing was moved and the source's guest runs on")
          .contains(words);
      assertThat(error.lines().skip(1)).as(error).hasSize(differences);
      assertNothingMoved();
      guest.runsOn();
    }
  }

  @Test
  void deviceOnTheSourceOnly() throws IOException, InterruptedException {
    try (MovingGuest more =
            MovingGuest.boot(Hardware.usual().withDevice("virtio-rng-device"), "beat=50");
        Host destination = more.destination(Hardware.usual())) {
      String error = more.refusedBy(destination, destination.listen());
      assertThat(error).contains("virtio-rng: present on the source, absent on the destination");
      more.runsOn();
      more.move();
      more.runsOn();
    }
  }

  @Test
  void capability() throws IOException, InterruptedException {
    Host destination = guest.destination();
    destination.capability("x-verify-ram", true);
    String uri = destination.listen();
    assertThat(guest.refusedBy(destination, uri))
        .contains("capability x-verify-ram: off on the source, on on the destination");
    destination.capability("x-verify-ram", false);
    destination.capability("virtio-iterative", false);
    guest.host().capability("virtio-iterative", true);
    guest.runsOn();
    guest.moveTo(destination);
    guest.runsOn();
  }

  @Test
  void theDriverSaysSoBeforeItBegins() throws IOException, InterruptedException {
    Hardware other = Hardware.usual().with("-smp", "2").withNetwork("mac", "52:54:00:12:34:99");
    try (Host destination = guest.destination(other)) {
      MigrationOutcome outcome =
          new MigrationDriver(
                  guest.host().process().qmp(),
                  destination.process().qmp(),
                  MigrationPlan.to("tcp:127.0.0.1:0"))
              .run(p -> {});
      assertThat(outcome.verdict()).isEqualTo(Verdict.REFUSED);
      assertThat(outcome.reasons())
          .hasSize(2)
          .anySatisfy(r -> assertThat(r).contains("-smp", "has 1", "destination 2"))
          .anySatisfy(r -> assertThat(r).contains("52:54:00:12:34:56", "52:54:00:12:34:99"));
    }
  }

  @AfterAll
  void nextSucceeds() throws IOException, InterruptedException {
    guest.move();
    guest.runsOn();
  }

  private void assertNothingMoved() {
    Json.Obj ram = guest.host().migration().object("ram").orElse(Json.Obj.EMPTY);
    assertThat(ram.whole("normal").orElse(0)).as("pages sent").isZero();
  }
}
