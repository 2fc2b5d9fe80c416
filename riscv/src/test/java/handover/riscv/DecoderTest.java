package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The instruction table and the forms it decodes to. */
class DecoderTest {
  private final Decoder decoder = new Decoder(CpuFeatures.defaults());

  private int op(int bits) {
    return Decoded.op(decoder.decode(bits));
  }

  @Property
  void everyWordDecodesToSomethingThatCanBeExecuted(@ForAll int bits) {
    long decoded = decoder.decode(bits);
    assertThat(Decoded.slots(decoded)).isEqualTo((bits & 3) == 3 ? 2 : 1);
    assertThat(Decoded.op(decoded)).isBetween(Op.ILLEGAL, Op.CSRRCI);
    assertThat(Decoded.rd(decoded)).isBetween(0, Decoded.SINK);
  }

  @Test
  void everyCompressedFormThatWritesAnIntegerRegisterSparesX0() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      long decoded = decoder.decode(bits);
      int op = Decoded.op(decoded);
      boolean writes =
          op >= Op.LUI && op <= Op.JALR || op == Op.JAL || op >= Op.ADDI && op < Op.MUL;
      if ((bits & 3) != 3 && writes) {
        assertThat(Decoded.rd(decoded)).as("%04x", bits).isNotZero();
      }
    }
  }

  @Test
  void rowsOfOneLengthOverlapOnlyWhereTheFirstIsTheSpecialCase() {
    Map<String, String> overlaps = new HashMap<>();
    for (Instruction a : InstructionTable.ALL) {
      assertThat(a.match() & ~a.mask()).as(a.name()).isZero();
      for (Instruction b : InstructionTable.ALL) {
        boolean before = InstructionTable.ALL.indexOf(a) < InstructionTable.ALL.indexOf(b);
        if (before && ((a.match() ^ b.match()) & a.mask() & b.mask()) == 0) {
          assertThat(a.mask() & b.mask()).as("%s, %s", a.name(), b.name()).isEqualTo(b.mask());
          overlaps.put(a.name(), b.name());
        }
      }
    }
    assertThat(overlaps.keySet())
        .containsExactlyInAnyOrder("c.addi16sp", "c.jr", "c.ebreak", "c.jalr");
  }

  @Test
  void immediatesAreSignExtendedAndUnscrambled() {
    assertThat(Decoded.immediate(decoder.decode(0xfff50513))).isEqualTo(-1); // addi a0, a0, -1
    assertThat(Decoded.immediate(decoder.decode(0xfe000ee3))).isEqualTo(-4); // beq x0, x0, -4
    assertThat(Decoded.immediate(decoder.decode(0x80000537))).isEqualTo(0x8000_0000); // lui
    assertThat(Decoded.immediate(decoder.decode(0xffdff06f))).isEqualTo(-4); // jal x0, -4
    assertThat(Decoded.immediate(decoder.decode(0xfea43c23))).isEqualTo(-8); // sd a0, -8(s0)
    assertThat(Decoded.immediate(decoder.decode(0x7139))).isEqualTo(-64); // c.addi16sp -64
    assertThat(Decoded.immediate(decoder.decode(0xbff5))).isEqualTo(-4); // c.j -4
  }

  @Test
  void reservedEncodingsAreIllegal() {
    assertThat(op(0)).isEqualTo(Op.ILLEGAL);
    assertThat(op(0x2001)).as("c.addiw x0").isEqualTo(Op.ILLEGAL);
    assertThat(op(0x6081)).as("c.lui ra, 0").isEqualTo(Op.ILLEGAL);
    assertThat(op(0x8002)).as("c.jr x0").isEqualTo(Op.ILLEGAL);
    assertThat(op(0x4002)).as("c.lwsp x0").isEqualTo(Op.ILLEGAL);
    assertThat(op(0x9c41)).as("reserved in c.subw's group").isEqualTo(Op.ILLEGAL);
    assertThat(op(0x0000_205b)).as("custom-2").isEqualTo(Op.ILLEGAL);
  }

  @Test
  void whatFeaturesSwitchOffIsIllegal() {
    CpuFeatures integer = CpuFeatures.parse("rv64,d=off,a=off,c=off,m=off", s -> {}, s -> {});
    Decoder small = new Decoder(integer);
    assertThat(Decoded.op(small.decode(0x02b50533))).as("mul").isEqualTo(Op.ILLEGAL);
    assertThat(Decoded.op(small.decode(0x00b5252f))).as("amoadd.w").isEqualTo(Op.ILLEGAL);
    assertThat(Decoded.op(small.decode(0x02b57553))).as("fadd.d").isEqualTo(Op.ILLEGAL);
    assertThat(Decoded.op(small.decode(0x00b57553))).as("fadd.s").isEqualTo(Op.FADD_S);
    assertThat(Decoded.op(small.decode(0x4501))).as("c.li").isEqualTo(Op.ILLEGAL);
  }
}
