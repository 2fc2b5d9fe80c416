package handover.riscv;

import java.util.Arrays;
import java.util.List;

/**
 * What keeps two accesses of one hart to different locations in program order: the rules of RVWMO
 * (unprivileged specification, "Preserved Program Order") that generated tests exercise.
 */
enum LitmusOrder {
  /** Nothing: the two are one store, which one hart missed and another saw. */
  SAME,
  /** A fence whose predecessor and successor sets are just these two kinds: rule 4. */
  FENCE,
  /** The first has the acquire annotation: rule 5. */
  ACQUIRE,
  /** The second has the release annotation: rule 6. */
  RELEASE,
  /** The second's address comes from the first: rule 9. */
  ADDRESS,
  /** The second's data come from the first: rule 10. */
  DATA,
  /** A branch before the second depends on the first: rule 11. */
  CONTROL;

  /** Those that are possible between an edge into a hart and one out of it. */
  static List<LitmusOrder> between(LitmusEdge in, LitmusEdge out) {
    return Arrays.stream(values()).filter(order -> order.fits(in, out)).toList();
  }

  private boolean fits(LitmusEdge in, LitmusEdge out) {
    boolean firstStores = in.toStore;
    boolean secondStores = out.fromStore;
    return switch (this) {
      case SAME -> in == LitmusEdge.FRE && out == LitmusEdge.RFE;
      case FENCE -> true;
      case ACQUIRE, ADDRESS -> !firstStores;
      case RELEASE -> secondStores;
      case DATA, CONTROL -> !firstStores && secondStores;
    };
  }
}
