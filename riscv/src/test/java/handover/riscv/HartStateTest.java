package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.vmstate.Field;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What migration carries of a hart. */
class HartStateTest {
  private final Parts parts = new Parts();

  @Test
  void theSectionHasTheLengthThatQemuGivesIt() {
    // QEMU 10.0, rv64gc: 2481 bytes of fields; then pmp 16 × 9, envcfg 24, debug 56.
    assertThat(bytes(HartState.DECLARATION, HartState.DECLARATION.fields())).isEqualTo(2481);
    assertThat(HartState.DECLARATION.version()).isEqualTo(10);
    assertThat(HartState.DECLARATION.subsections())
        .extracting(
            StateDeclaration.Subsection::name,
            StateDeclaration.Subsection::version,
            s -> bytes(HartState.DECLARATION, s.fields()))
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("cpu/pmp", 1, 144),
            org.assertj.core.groups.Tuple.tuple("cpu/envcfg", 1, 24),
            org.assertj.core.groups.Tuple.tuple("cpu/debug", 2, 56));
    assertThat(HartCommonState.DECLARATION.version()).isEqualTo(1);
    assertThat(bytes(HartCommonState.DECLARATION, HartCommonState.DECLARATION.fields()))
        .isEqualTo(8);
  }

  private static <S> int bytes(StateDeclaration<S> declaration, List<Field<S>> fields) {
    return fields.stream().mapToInt(f -> size(declaration.name(), f)).sum();
  }

  private static int size(String of, Field<?> field) {
    return switch (field) {
      case Field.Scalar<?> f -> f.type().bytes();
      case Field.Unused<?> f -> f.size();
      case Field.Array<?> f when f.name().endsWith("iprio") -> 64;
      case Field.Array<?> f when f.name().contains("tdata") -> 16;
      case Field.Array<?> f -> 32 * f.type().bytes();
      case Field.Structs<?, ?> f when f.name().equals("env.pmp_state.pmp") -> 16 * 9;
      case Field.Structs<?, ?> f -> 32 * 32;
      default -> throw new AssertionError(of + ": " + field.name());
    };
  }

  @Test
  void everythingTheGuestSeesSurvives() {
    Registers r = parts.registers;
    for (int i = 1; i < 32; i++) {
      r.x[i] = i * 0x0101_0101_0101_0101L;
      r.f[i] = ~r.x[i];
    }
    r.pc = 0x8000_1234L;
    r.privilege = Privilege.SUPERVISOR;
    r.frm = 3;
    r.flags.accrued = 0x15;
    for (int[] csr : new int[][] {{Csrs.STVEC, 4}, {Csrs.SEPC, 8}, {Csrs.SCAUSE, 12}}) {
      parts.csrs.write(csr[0], csr[1]);
    }
    parts.csrs.write(Csrs.SATP, 8L << 60 | 3L << 44 | 99);
    parts.csrs.write(Csrs.MSTATUS, Mstatus.MPRV | Mstatus.SUM | Mstatus.FS | Mstatus.SPIE);
    parts.csrs.write(Csrs.MIDELEG, -1);
    parts.csrs.write(Csrs.MIP, 0x22);
    parts.csrs.write(0xb02, 1_000_000);
    parts.lines.set(InterruptLines.MSIP, true);
    parts.openPmp();
    HartState state = parts.codec.save();

    Parts other = new Parts();
    other.codec.load(state);

    assertThat(other.registers).usingRecursiveComparison().isEqualTo(r);
    assertThat(other.csrs.read(0xb02)).isEqualTo(1_000_000);
    assertThat(other.pmp.permissions(0x1000, 8, Privilege.USER)).isEqualTo(7);
    assertThat(other.csrs.pending()).isEqualTo(0x22 | 1 << 3);
  }

  @Test
  void statesThatCannotBeAreRefused() {
    refused(s -> s.privilege = 2, "privilege mode 0, 1 or 3");
    refused(s -> s.privilege = -1, "privilege mode 0, 1 or 3");
    refused(s -> s.hartId = 5, "hart 0");
    refused(s -> s.misaMxl = 1, "64-bit");
    refused(s -> s.virtualised = 1, "virtualisation");
    refused(s -> s.satp = 10L << 60, "sv57=off");
    refused(s -> s.misaLetters |= 1 << 21, "no extensions beyond rv64imafdc");
  }

  private void refused(Consumer<HartState> damage, String says) {
    HartState state = parts.codec.save();
    damage.accept(state);
    assertThatThrownBy(() -> parts.codec.load(state))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining(says);
  }

  @Test
  void hostileBitsDoNotReachFieldsThatCannotHoldThem() {
    HartState state = parts.codec.save();
    state.gpr[0] = 77;
    state.mstatus = -1;
    state.frm = -1;
    state.pmp[0].config = 0xff;
    parts.codec.load(state);
    assertThat(parts.registers.x[0]).isZero();
    assertThat(parts.registers.frm).isBetween(0, 7);
    assertThat(parts.registers.mstatus & ~(Mstatus.WRITE | Mstatus.MPP | Mstatus.XL64)).isZero();
  }
}
