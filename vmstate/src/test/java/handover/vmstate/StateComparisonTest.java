package handover.vmstate;

import static org.assertj.core.api.Assertions.assertThat;

import handover.vmstate.StateComparison.Finding;
import handover.vmstate.StateComparison.Touches;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class StateComparisonTest {
  private static final class State {
    long value;
    int count = 2;
  }

  private static StateDeclaration.Builder<State> plain() {
    return StateDeclaration.<State>of("thing", 1)
        .group("control", ChangeClass.CONTROL)
        .scalar("mode", WireType.U16, s -> s.value, (s, v) -> s.value = v)
        .scalar("limit", WireType.U32, s -> s.value, (s, v) -> s.value = v);
  }

  private static StateDeclaration.Builder<State> row(int count) {
    return plain().array("row", WireType.U8, count, (s, i) -> 0, (s, i, v) -> {});
  }

  private static DeclaredState described(StateDeclaration.Builder<State> builder) {
    return DeclaredState.of(builder.build(), new State(), QemuRelease.usual());
  }

  private static List<Finding> compare(
      StateDeclaration.Builder<State> a, StateDeclaration.Builder<State> b) {
    return StateComparison.of(described(a), described(b));
  }

  private static StateDeclaration.Builder<State> with(
      UnaryOperator<StateDeclaration.Builder<State>> more) {
    return more.apply(plain());
  }

  @Test
  void theSameIsTheSame() {
    assertThat(compare(plain(), plain())).isEmpty();
  }

  @Test
  void describesFieldsWithGroupTypeAndSize() {
    DeclaredState state = described(row(3));
    assertThat(state.bytes()).isEqualTo(2 + 4 + 3);
    assertThat(state.fields().get(1))
        .isEqualTo(
            new DeclaredField("limit", "control", "uint32", 4, 1, java.util.Optional.empty()));
    assertThat(state.fields().get(2).count()).isEqualTo(3);
    assertThat(state.groups())
        .containsExactly(new DeclaredState.Group("control", ChangeClass.CONTROL));
  }

  @Test
  void aFieldOnOneSideShiftsTheClassicForm() {
    assertThat(compare(plain(), row(3)))
        .containsExactly(
            new Finding(
                "control", "row", "absent", "3 × uint8[], 1 byte each", Touches.CLASSIC_FORM));
  }

  @Test
  void anotherLengthShiftsTheClassicForm() {
    assertThat(compare(row(3), row(4)))
        .singleElement()
        .satisfies(
            f -> {
              assertThat(f.touches()).isEqualTo(Touches.CLASSIC_FORM);
              assertThat(f.first()).startsWith("3 ×");
              assertThat(f.second()).startsWith("4 ×");
            });
  }

  @Test
  void anotherClassIsOnlyOfTheGroups() {
    StateDeclaration.Builder<State> slow =
        StateDeclaration.<State>of("thing", 1)
            .group("control", ChangeClass.SLOW)
            .scalar("mode", WireType.U16, s -> s.value, (s, v) -> s.value = v)
            .scalar("limit", WireType.U32, s -> s.value, (s, v) -> s.value = v);
    assertThat(compare(plain(), slow))
        .containsExactly(new Finding("control", "", "CONTROL", "SLOW", Touches.GROUP_FORM));
  }

  @Test
  void anotherGroupIsOnlyOfTheGroups() {
    StateDeclaration.Builder<State> regrouped =
        StateDeclaration.<State>of("thing", 1)
            .group("control", ChangeClass.CONTROL)
            .scalar("mode", WireType.U16, s -> s.value, (s, v) -> s.value = v)
            .group("limits", ChangeClass.CONTROL)
            .scalar("limit", WireType.U32, s -> s.value, (s, v) -> s.value = v);
    assertThat(compare(plain(), regrouped))
        .containsExactlyInAnyOrder(
            new Finding("limits", "", "absent", "CONTROL", Touches.GROUP_FORM),
            new Finding(
                "control", "limit", "in group control", "in group limits", Touches.GROUP_FORM));
  }

  @Test
  void theOrderOfFieldsIsTheClassicForm() {
    StateDeclaration.Builder<State> turned =
        StateDeclaration.<State>of("thing", 1)
            .group("control", ChangeClass.CONTROL)
            .scalar("limit", WireType.U32, s -> s.value, (s, v) -> s.value = v)
            .scalar("mode", WireType.U16, s -> s.value, (s, v) -> s.value = v);
    assertThat(compare(plain(), turned))
        .singleElement()
        .satisfies(f -> assertThat(f.field()).isEqualTo("order of fields"));
  }

  @Test
  void aTailMattersToWhoMustReadIt() {
    StateDeclaration.Builder<State> tailed =
        with(
            b ->
                b.subsection("thing/tail", 1, s -> s.value != 0)
                    .scalar("extra", WireType.U8, s -> s.value, (s, v) -> s.value = v));
    assertThat(compare(tailed, plain()))
        .singleElement()
        .satisfies(f -> assertThat(f.touches()).isEqualTo(Touches.FIRST_SUBSECTION));
    assertThat(compare(plain(), tailed))
        .singleElement()
        .satisfies(f -> assertThat(f.touches()).isEqualTo(Touches.SECOND_SUBSECTION));
  }

  @Test
  void whatIsInsideStructuresIsNamedWithItsPath() {
    assertThat(compare(structured(WireType.U16), structured(WireType.U32)))
        .containsExactly(
            new Finding(
                "control",
                "part.mode",
                "uint16, 2 bytes",
                "uint32, 4 bytes",
                Touches.CLASSIC_FORM));
  }

  private static StateDeclaration.Builder<State> structured(WireType type) {
    StateDeclaration<State> part =
        StateDeclaration.<State>of("part", 1)
            .scalar("mode", type, s -> s.value, (s, v) -> s.value = v)
            .build();
    return with(b -> b.structs("part", s -> s.count, part, (s, i) -> s));
  }

  /** A hand-made form has no fields on the wire: only the groups differ. */
  @Test
  void fieldsOfAnOpaqueFormAreOnlyOfTheGroups() {
    StateDeclaration.ClassicCodec<State> codec =
        new StateDeclaration.ClassicCodec<>() {
          @Override
          public void save(State state, WireWriter out) {
            out.u8(0);
          }

          @Override
          public void load(State state, WireReader in, int version) {
            in.u8();
          }

          @Override
          public String fieldName() {
            return "thing";
          }
        };
    assertThat(compare(plain().classic(codec), row(3).classic(codec)))
        .singleElement()
        .satisfies(f -> assertThat(f.touches()).isEqualTo(Touches.GROUP_FORM));
    assertThat(compare(plain().classic(codec), plain()))
        .singleElement()
        .satisfies(f -> assertThat(f.touches()).isEqualTo(Touches.CLASSIC_FORM));
  }
}
