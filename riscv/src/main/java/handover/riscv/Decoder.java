package handover.riscv;

import java.util.ArrayList;
import java.util.List;

/** Turns instruction bits into {@link Decoded} form, by the {@link InstructionTable}. */
final class Decoder {
  private final Instruction[][] full = new Instruction[256][];
  private final Instruction[][] compressed = new Instruction[32][];

  /** Knows the instructions that {@code features} switch on; the rest decode as illegal. */
  Decoder(CpuFeatures features) {
    List<Instruction> present =
        InstructionTable.ALL.stream().filter(i -> features.has(i.extension())).toList();
    for (int key = 0; key < full.length; key++) {
      full[key] = candidates(present, false, (key >>> 3) << 2 | 3 | (key & 7) << 12, 0x707f);
    }
    for (int key = 0; key < compressed.length; key++) {
      compressed[key] = candidates(present, true, key & 3 | key >>> 2 << 13, 0xe003);
    }
  }

  private static Instruction[] candidates(
      List<Instruction> present, boolean compressed, int keyBits, int keyMask) {
    List<Instruction> found = new ArrayList<>();
    for (Instruction i : present) {
      if (i.compressed() == compressed && ((i.match() ^ keyBits) & i.mask() & keyMask) == 0) {
        found.add(i);
      }
    }
    return found.toArray(Instruction[]::new);
  }

  /** Whether the instruction starting with this halfword is four bytes long. */
  static boolean isFull(int halfword) {
    return (halfword & 3) == 3;
  }

  /** Decodes 16 bits (upper half ignored) or 32 bits, as the lowest two bits say. */
  long decode(int bits) {
    boolean isFull = isFull(bits);
    int instruction = isFull ? bits : bits & 0xffff;
    Instruction[] candidates =
        isFull
            ? full[(bits >>> 2 & 31) << 3 | bits >>> 12 & 7]
            : compressed[bits & 3 | (bits >>> 13 & 7) << 2];
    int slots = isFull ? 2 : 1;
    for (Instruction i : candidates) {
      if (i.matches(instruction)) {
        long operands = i.format().operands(instruction);
        return operands == Decoded.RESERVED
            ? Decoded.of(Op.ILLEGAL, slots, 0)
            : Decoded.of(i.op(), slots, operands);
      }
    }
    return Decoded.of(Op.ILLEGAL, slots, 0);
  }
}
