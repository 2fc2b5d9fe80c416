package handover.migration;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.GroupForm;
import handover.vmstate.IterativeMigration;
import handover.vmstate.QemuRelease;
import handover.vmstate.SectionHeader;
import handover.vmstate.VmDescription;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the guest does between early states, the destination ends with the source's state. */
class StagingTest {
  /** What happens next. */
  enum Step {
    CONTROL,
    TABLE,
    PACKET,
    RESET,
    SEND,
    DELIVER
  }

  @Provide
  Arbitrary<List<Step>> histories() {
    return Arbitraries.of(Step.class).list().ofMaxSize(60);
  }

  @Property(tries = 500)
  void destinationEndsWithTheSourcesState(@ForAll("histories") List<Step> history) {
    FakeDevice there = new FakeDevice("net", 4);
    FakeDevice here = new FakeDevice("net", 4);
    there.mode = IterativeMigration.AUTO;
    SourceSection<FakeDevice.State> source = new SourceSection<>(there, 0, QemuRelease.usual());
    DestinationSection<FakeDevice.State> destination = new DestinationSection<>(here);
    source.iterative(true);
    Deque<SourceMessage.Early> wire = new ArrayDeque<>();
    int acknowledged = 0;
    int value = 1;
    for (Step step : history) {
      value++;
      switch (step) {
        case CONTROL -> there.control(value);
        case TABLE -> there.set(value, value * 7, value * 13L, value, value & 3);
        case PACKET -> there.tick();
        case RESET -> there.reset();
        case SEND -> source.early().ifPresent(wire::add);
        case DELIVER -> {
          if (!wire.isEmpty()) {
            SourceMessage.Early early = wire.remove();
            assertThat(destination.early(early).get()).isCompleted();
            acknowledged = early.sequence();
          }
        }
      }
    }
    boolean staged = source.staged(acknowledged);
    while (!wire.isEmpty()) {
      assertThat(destination.early(wire.remove()).get()).isCompleted();
    }
    if (staged) {
      destination.complete(source.complete());
    } else {
      WireWriter classic = new WireWriter();
      source.saveClassic(classic).accept(new VmDescription(4096, QemuRelease.usual()));
      WireReader in = new WireReader(classic.toByteArray());
      SectionHeader header = SectionHeader.read(in.u8(), in);
      destination.classic(in, header.version());
      header.readFooter(in);
    }
    destination.commit();
    assertThat(GroupForm.digest(FakeDevice.DECLARATION, here.snapshot()))
        .isEqualTo(GroupForm.digest(FakeDevice.DECLARATION, there.snapshot()));
    assertThat(here.aborts.get()).isLessThanOrEqualTo(here.stages.get());
  }

  @Property(tries = 20)
  void aGuestThatNeverRestsIsNotFollowedForever(@ForAll byte noise) {
    FakeDevice there = new FakeDevice("net", 4);
    there.mode = IterativeMigration.ON;
    SourceSection<FakeDevice.State> source = new SourceSection<>(there, 0, QemuRelease.usual());
    source.iterative(true);
    int sent = 0;
    for (int i = 0; i < 1_000; i++) {
      there.control(i + noise);
      sent += source.early().isPresent() ? 1 : 0;
    }
    assertThat(sent).isBetween(2, 64);
    assertThat(source.staged(source.sequence())).as("what is left goes at the stop").isTrue();
    assertThat(source.complete().groups()).extracting(SourceMessage.GroupBytes::index).contains(2);
  }
}
