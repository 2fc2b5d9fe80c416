package handover.devices.virtio.backend;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.virtio.backend.ControlCommand.SetCoalescing;
import handover.devices.virtio.backend.ControlCommand.SetHashReport;
import handover.devices.virtio.backend.ControlCommand.SetMac;
import handover.devices.virtio.backend.ControlCommand.SetMacTable;
import handover.devices.virtio.backend.ControlCommand.SetOffloads;
import handover.devices.virtio.backend.ControlCommand.SetQueueCoalescing;
import handover.devices.virtio.backend.ControlCommand.SetQueuePairs;
import handover.devices.virtio.backend.ControlCommand.SetReceiveMode;
import handover.devices.virtio.backend.ControlCommand.SetSteering;
import handover.devices.virtio.backend.ControlCommand.SetVlan;
import handover.devices.virtio.backend.ControlCommand.StopHashing;
import handover.devices.virtio.backend.InterruptLimits.Limit;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What must be said to a device that something else was said to before. */
class ControlPlanTest {
  private static final Set<ControlClass> ALL = EnumSet.allOf(ControlClass.class);
  private static final long OFFLOADS = 0x83;
  private static final ControlState FRESH = ControlState.initial(OFFLOADS, true);
  private static final MacAddress MAC = new MacAddress(0x5254_0012_3456L);
  private static final MacTable TABLE =
      new MacTable(List.of(new MacAddress(0x0200_0000_0001L)), false, false);
  private static final Hashing.Steering STEERING =
      new Hashing.Steering(0x3f, List.of(0, 2, 4, 6), 0, List.of(1, 2, 255));
  private static final Hashing.Report REPORT = new Hashing.Report(1, List.of(9));
  private static final ControlState BUSY =
      new ControlState(
          MAC,
          TABLE,
          4,
          STEERING,
          1,
          new ReceiveModes(false, true, false, false, false, false),
          FRESH.vlans().with(9, true),
          new InterruptLimits(List.of(new Limit(8, 50), Limit.NONE, new Limit(8, 50), Limit.NONE)));

  private static List<ControlCommand> plan(ControlState from, ControlState to) {
    return ControlPlan.between(ALL, from, to);
  }

  @Test
  void nothingIsSaidTwice() {
    assertThat(plan(BUSY, BUSY)).isEmpty();
  }

  @Test
  void aFreshDeviceIsToldInTheOrderDevicesNeed() {
    assertThat(plan(FRESH, BUSY))
        .containsExactly(
            new SetMac(MAC),
            new SetMacTable(TABLE),
            new SetQueuePairs(4),
            new SetSteering(STEERING, 4),
            new SetOffloads(1),
            new SetReceiveMode(0, false),
            new SetReceiveMode(1, true),
            new SetVlan(9, true),
            new SetCoalescing(0, new Limit(8, 50), 4));
  }

  @Test
  void oneQueueOfManyIsSaidByItself() {
    ControlState alike = FRESH.after(new SetCoalescing(1, new Limit(8, 50), 6));
    ControlState third = alike.after(new SetQueueCoalescing(3, new Limit(1, 2), 6));
    assertThat(plan(alike, third)).containsExactly(new SetQueueCoalescing(3, new Limit(1, 2), 6));
    assertThat(plan(third, FRESH)).containsExactly(new SetCoalescing(1, Limit.NONE, 6));
    assertThat(new SetQueueCoalescing(3, new Limit(1, 2), 6).encode())
        .isEqualTo(HexFormat.of().parseHex("0602" + "03000000" + "01000000" + "02000000"));
  }

  @Test
  void anEmptyAddressTableIsSaidAfterAnotherOne() {
    assertThat(plan(FRESH.after(new SetMacTable(TABLE)), FRESH))
        .containsExactly(new SetMacTable(MacTable.EMPTY));
  }

  @Test
  void defaultOffloadsAreSaidAfterOthers() {
    assertThat(plan(FRESH.after(new SetOffloads(0)), FRESH))
        .containsExactly(new SetOffloads(OFFLOADS));
  }

  @Test
  void promiscuousModeIsSaidAfterItWasOff() {
    assertThat(plan(FRESH.after(new SetReceiveMode(0, false)), FRESH))
        .containsExactly(new SetReceiveMode(0, true));
  }

  @Test
  void steeringIsSwitchedOffInSoManyWords() {
    ControlState steered = FRESH.after(new SetSteering(STEERING, 4));
    ControlState plain = FRESH.after(new SetQueuePairs(4));
    assertThat(plan(steered, plain)).containsExactly(new SetQueuePairs(4));
    Set<ControlClass> withoutPairs = EnumSet.of(ControlClass.STEERING);
    assertThat(ControlPlan.between(withoutPairs, steered, plain))
        .containsExactly(new StopHashing(ControlClass.STEERING, 4));
    assertThat(new StopHashing(ControlClass.HASH_REPORT, 4).encode())
        .isEqualTo(HexFormat.of().parseHex("0402" + "00".repeat(13)));
  }

  @Test
  void vlansAreTakenBack() {
    assertThat(plan(FRESH.after(new SetVlan(7, true)), FRESH))
        .containsExactly(new SetVlan(7, false));
    assertThat(new SetVlan(0x123, false).encode()).containsExactly(2, 1, 0x23, 1);
  }

  @Test
  void queuePairsSwitchSteeringOffSoItIsSaidAgain() {
    ControlState four = FRESH.after(new SetSteering(STEERING, 4));
    ControlState two = FRESH.after(new SetSteering(STEERING, 2));
    assertThat(plan(four, two)).containsExactly(new SetQueuePairs(2), new SetSteering(STEERING, 2));
    ControlState reporting = FRESH.after(new SetQueuePairs(4)).after(new SetHashReport(REPORT));
    assertThat(plan(FRESH.after(new SetHashReport(REPORT)), reporting))
        .containsExactly(new SetQueuePairs(4), new SetHashReport(REPORT));
  }

  @Test
  void whatWasNotNegotiatedIsNotSaid() {
    assertThat(ControlPlan.between(Set.of(), FRESH, BUSY)).isEmpty();
    assertThat(ControlPlan.between(Set.of(ControlClass.RX), FRESH, BUSY))
        .extracting(c -> c.getClass().getSimpleName())
        .containsExactly("SetMacTable", "SetReceiveMode", "SetReceiveMode");
  }

  @Test
  void steeringIsEncodedAsTheSpecificationHasIt() {
    assertThat(new SetSteering(STEERING, 4).encode())
        .isEqualTo(
            HexFormat.of()
                .parseHex(
                    "0401"
                        + "3f000000"
                        + "0300"
                        + "0000"
                        + "0000020004000600"
                        + "0400"
                        + "03"
                        + "0102ff"));
  }

  /** The heart of it: whatever was applied, the plan leads to what is wanted. */
  @Property(tries = 2000)
  void thePlanLeadsFromAnyStateToAnyOther(
      @ForAll("states") ControlState from, @ForAll("states") ControlState to) {
    ControlState now = from;
    for (ControlCommand command : plan(from, to)) {
      now = now.after(command);
    }
    assertThat(now).isEqualTo(to);
  }

  /** A plan cut short and made again still arrives. */
  @Property(tries = 500)
  void aPlanCutShortIsGoneOnWith(
      @ForAll("states") ControlState from,
      @ForAll("states") ControlState first,
      @ForAll("states") ControlState to) {
    List<ControlCommand> begun = plan(from, first);
    ControlState now = from;
    for (ControlCommand command : begun.subList(0, begun.size() / 2)) {
      now = now.after(command);
    }
    for (ControlCommand command : plan(now, to)) {
      now = now.after(command);
    }
    assertThat(now).isEqualTo(to);
  }

  @Provide
  Arbitrary<ControlState> states() {
    Arbitrary<MacAddress> mac = Arbitraries.longs().between(0, 3).map(MacAddress::new);
    Arbitrary<Boolean> flag = Arbitraries.of(true, false);
    Arbitrary<MacTable> table =
        Combinators.combine(mac.list().ofMaxSize(3), flag, flag).as(MacTable::new);
    Arbitrary<ReceiveModes> modes =
        Combinators.combine(flag, flag, flag, flag, flag, flag).as(ReceiveModes::new);
    Arbitrary<List<Integer>> key = Arbitraries.integers().between(0, 255).list().ofMaxSize(3);
    Arbitrary<Hashing> hashing =
        Arbitraries.oneOf(
            Arbitraries.just(Hashing.OFF),
            key.map(k -> new Hashing.Report(1, k)),
            key.map(k -> new Hashing.Steering(3, List.of(0, 2), 0, k)));
    Arbitrary<VlanSet> vlans =
        Arbitraries.integers()
            .between(0, 4095)
            .list()
            .ofMaxSize(4)
            .map(numbers -> VlanSet.of(bits(numbers)));
    return Combinators.combine(
            mac,
            table,
            Arbitraries.integers().between(1, 511),
            hashing,
            Arbitraries.longs().between(0, 3),
            modes,
            vlans,
            limits())
        .as(ControlState::new);
  }

  private static Arbitrary<InterruptLimits> limits() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 1);
    return Combinators.combine(number, number)
        .as(Limit::new)
        .list()
        .ofSize(6)
        .map(InterruptLimits::new);
  }

  private static BitSet bits(List<Integer> numbers) {
    BitSet bits = new BitSet();
    numbers.forEach(bits::set);
    return bits;
  }
}
