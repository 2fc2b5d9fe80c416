package handover.devices;

import java.util.function.IntPredicate;

/**
 * The register map of a domain of an {@link Aplic} (Advanced Interrupt Architecture 1.0, 4.5):
 * which word of its address space is which source's, or whose array of bits. Words that do not
 * exist read as 0. Called under the domain's lock.
 */
record AplicRegisters(Aplic domain, AplicState state, AplicDelivery delivery) {
  /** Where the registers of harts begin that are interrupted directly (4.8.1). */
  private static final int HARTS = 0x4000;

  private static final int WORDS = (Aplic.SOURCES + 31) / 32;

  private static final int MESSAGE_ADDRESSES = 0x1bc0;
  private static final int SET_PENDING = 0x1c;
  private static final int CLEAR_PENDING = 0x1d;
  private static final int SET_ENABLED = 0x1e;
  private static final int CLEAR_ENABLED = 0x1f;

  int load(int offset) {
    int index = index(offset);
    return switch (offset >>> 12) {
      case 0 ->
          index == 0 ? domain.configuration() : index < Aplic.SOURCES ? state.source[index] : 0;
      case 1 -> loadArray(offset);
      case 2 -> 0;
      case 3 -> index == 0 ? state.generated : index < Aplic.SOURCES ? state.target[index] : 0;
      default -> delivery.load(domain, offset - HARTS);
    };
  }

  void store(int offset, int value) {
    int index = index(offset);
    switch (offset >>> 12) {
      case 0 -> domain.configure(index, value);
      case 1 -> storeArray(offset, value);
      case 2 -> domain.setPending(messageNumber(index, value));
      case 3 -> domain.target(index, value);
      default -> delivery.store(domain, offset - HARTS, value);
    }
  }

  private static int index(int offset) {
    return offset >>> 2 & 0x3ff;
  }

  /** Words 0 and 1 take a source's number in little and in big endian. */
  private static int messageNumber(int index, int value) {
    return index == 0 ? value : index == 1 ? Integer.reverseBytes(value) : 0;
  }

  private static boolean messageAddress(int offset) {
    return offset >= MESSAGE_ADDRESSES && offset < MESSAGE_ADDRESSES + 16;
  }

  private int loadArray(int offset) {
    int word = offset >>> 2 & 0x3f;
    if (messageAddress(offset)) {
      return domain.address(offset - MESSAGE_ADDRESSES >>> 2);
    }
    if (word >= WORDS) {
      return 0;
    }
    return switch (offset >>> 8) {
      case SET_PENDING -> bits(word, irq -> (state.state[irq] & AplicState.PENDING) != 0);
      case CLEAR_PENDING -> bits(word, domain::rectified);
      case SET_ENABLED -> bits(word, irq -> (state.state[irq] & AplicState.ENABLED) != 0);
      default -> 0;
    };
  }

  private static int bits(int word, IntPredicate set) {
    int bits = 0;
    for (int irq = Math.max(1, word * 32); irq < Math.min(Aplic.SOURCES, word * 32 + 32); irq++) {
      bits |= set.test(irq) ? 1 << irq : 0;
    }
    return bits;
  }

  private void storeArray(int offset, int value) {
    if (messageAddress(offset)) {
      domain.address(offset - MESSAGE_ADDRESSES >>> 2, value);
    } else if ((offset & 0xff) == 0xdc) {
      change(offset >>> 8, value);
    } else {
      int word = offset >>> 2 & 0x3f;
      for (int bits = word < WORDS ? value : 0; bits != 0; bits &= bits - 1) {
        change(offset >>> 8, word * 32 + Integer.numberOfTrailingZeros(bits));
      }
    }
  }

  private void change(int array, int irq) {
    switch (array) {
      case SET_PENDING -> domain.setPending(irq);
      case CLEAR_PENDING -> domain.clearPending(irq);
      case SET_ENABLED -> domain.enable(irq, true);
      case CLEAR_ENABLED -> domain.enable(irq, false);
      default -> {}
    }
  }
}
