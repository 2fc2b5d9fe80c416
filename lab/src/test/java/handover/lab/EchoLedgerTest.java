package handover.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class EchoLedgerTest {
  private static final long GRACE = 1000;

  private final EchoLedger ledger = new EchoLedger(GRACE, 0);

  @Test
  void everyAnswerInTimeIsReceived() {
    for (int i = 0; i < 10; i++) {
      ledger.answer(ledger.send(i * 10), i * 10 + 4);
    }
    ProbeReport report = ledger.total().report(100);
    assertThat(report.sent()).isEqualTo(10);
    assertThat(report.received()).isEqualTo(10);
    assertThat(report.lost()).isZero();
    assertThat(report.longestGap()).isEqualTo(10);
    assertThat(report.longestSendGap()).isEqualTo(10);
    assertThat(report.roundTrips().getMaxValue()).isEqualTo(4);
  }

  @Test
  void anUnansweredProbeIsLostOnlyAfterItsGrace() {
    ledger.send(0);
    assertThat(ledger.total().report(GRACE).lost()).isZero();
    assertThat(ledger.total().report(GRACE + 1).lost()).isEqualTo(1);
    ledger.answer(0, GRACE + 5);
    assertThat(ledger.total().report(GRACE + 6).lost()).isZero();
  }

  @Test
  void aSilenceBelongsToEveryWindowItOverlaps() {
    ledger.answer(ledger.send(0), 10);
    EchoLedger.Window before = ledger.open("before", 12);
    before.close(14);
    EchoLedger.Window during = ledger.open("during", 20);
    ledger.answer(ledger.send(30), 500);
    during.close(510);
    EchoLedger.Window after = ledger.open("after", 520);
    ledger.answer(ledger.send(525), 530);
    assertThat(before.report(600).longestGap()).isEqualTo(490);
    assertThat(during.report(600).longestGap()).isEqualTo(490);
    assertThat(during.report(600).longestGapBegan()).isEqualTo(-10);
    assertThat(after.report(531).longestGap()).isEqualTo(30);
    assertThat(ledger.total().report(600).longestGap()).isEqualTo(490);
  }

  @Test
  void aSilenceThatLastsCountsAlready() {
    ledger.answer(ledger.send(0), 10);
    EchoLedger.Window window = ledger.open("move", 20);
    assertThat(window.report(300).longestGap()).isEqualTo(290);
    assertThat(window.report(400).longestGap()).isEqualTo(390);
  }

  @Test
  void answersToNothingAreRefused() {
    ledger.send(0);
    assertThat(ledger.answer(1, 5)).isFalse();
    assertThat(ledger.answer(-1, 5)).isFalse();
    for (int i = 0; i < EchoLedger.REMEMBERED; i++) {
      ledger.send(i);
    }
    assertThat(ledger.answer(0, 5)).isFalse();
    assertThat(ledger.total().report(10).received()).isZero();
  }

  @Test
  void lateAnswersCountForTheWindowTheirProbeWasSentIn() {
    EchoLedger.Window first = ledger.open("first", 0);
    long number = ledger.send(5);
    first.close(10);
    EchoLedger.Window second = ledger.open("second", 10);
    ledger.answer(number, 20);
    assertThat(first.report(30).received()).isEqualTo(1);
    assertThat(second.report(30).received()).isZero();
    assertThat(second.report(30).sent()).isZero();
  }

  /** One answer on its way. */
  private record Flight(long arrives, long number) {}

  @Property(tries = 100)
  void aWireThatLosesDuplicatesAndReordersIsAccountedFor(@ForAll long seed) {
    EchoLedger subject = new EchoLedger(GRACE, 0);
    Random random = new Random(seed);
    PriorityQueue<Flight> wire =
        new PriorityQueue<>(
            java.util.Comparator.comparingLong(Flight::arrives).thenComparing(Flight::number));
    List<Long> arrivals = new ArrayList<>();
    long lost = 0;
    long duplicated = 0;
    for (long now = 0; now < 2000; now += 7) {
      deliver(wire, now, subject, arrivals);
      long number = subject.send(now);
      int copies = random.nextInt(10) == 0 ? 0 : random.nextInt(12) == 0 ? 2 : 1;
      lost += copies == 0 ? 1 : 0;
      duplicated += Math.max(0, copies - 1);
      for (int i = 0; i < copies; i++) {
        wire.add(new Flight(now + 1 + random.nextInt(30), number));
      }
    }
    deliver(wire, Long.MAX_VALUE, subject, arrivals);
    ProbeReport report = subject.total().report(2000 + 2 * GRACE);
    assertThat(report.lost()).isEqualTo(lost);
    assertThat(report.duplicated()).isEqualTo(duplicated);
    assertThat(report.received()).isEqualTo(report.sent() - lost);
    assertThat(report.reordered()).isEqualTo(reordered(arrivals));
    assertThat(report.roundTrips().getTotalCount()).isEqualTo(report.received());
  }

  private static void deliver(
      PriorityQueue<Flight> wire, long now, EchoLedger ledger, List<Long> arrivals) {
    while (!wire.isEmpty() && wire.peek().arrives() <= now) {
      Flight flight = wire.remove();
      ledger.answer(flight.number(), flight.arrives());
      arrivals.add(flight.number());
    }
  }

  /** First answers that came after one with a higher number. */
  private static long reordered(List<Long> arrivals) {
    Set<Long> before = new HashSet<>();
    long count = 0;
    for (long number : arrivals) {
      if (before.add(number)) {
        count += before.stream().anyMatch(n -> n > number) ? 1 : 0;
      }
    }
    return count;
  }
}
