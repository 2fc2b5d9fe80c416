package handover.riscv;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Generates litmus tests from cycles: harts that communicate around a circle, each keeping its own
 * accesses in order. RVWMO is multi-copy atomic, so an outcome that would be such a cycle is
 * forbidden. Store buffering, message passing, load buffering, WRC, IRIW and their relatives are
 * all among them (the construction of Alglave, Maranget and Tautschnig, "Herding Cats", 2014).
 */
final class LitmusCycles {
  private LitmusCycles() {}

  /** Every cycle of so many harts, with every combination of orders if not only fences. */
  static List<LitmusProgram> of(int harts, boolean onlyFences) {
    Map<String, LitmusProgram> programs = new LinkedHashMap<>();
    for (List<LitmusEdge> cycle : cycles(harts)) {
      if (isFirstRotation(cycle)) {
        orders(cycle, onlyFences, new ArrayList<>(), programs);
      }
    }
    return List.copyOf(programs.values());
  }

  private static List<List<LitmusEdge>> cycles(int length) {
    if (length == 0) {
      return List.of(List.of());
    }
    return cycles(length - 1).stream().flatMap(LitmusCycles::longer).toList();
  }

  private static Stream<List<LitmusEdge>> longer(List<LitmusEdge> cycle) {
    return Arrays.stream(LitmusEdge.values())
        .map(edge -> Stream.concat(cycle.stream(), Stream.of(edge)).toList());
  }

  private static boolean isFirstRotation(List<LitmusEdge> cycle) {
    return IntStream.range(1, cycle.size())
        .mapToObj(by -> rotated(cycle, by).toString())
        .allMatch(other -> cycle.toString().compareTo(other) <= 0);
  }

  private static List<LitmusEdge> rotated(List<LitmusEdge> cycle, int by) {
    return IntStream.range(0, cycle.size())
        .mapToObj(i -> cycle.get((i + by) % cycle.size()))
        .toList();
  }

  /** The edge that comes in to a hart; {@code cycle.get(hart)} goes out. */
  private static LitmusEdge into(List<LitmusEdge> cycle, int hart) {
    return cycle.get((hart + cycle.size() - 1) % cycle.size());
  }

  private static void orders(
      List<LitmusEdge> cycle,
      boolean onlyFences,
      List<LitmusOrder> chosen,
      Map<String, LitmusProgram> programs) {
    int hart = chosen.size();
    if (hart == cycle.size()) {
      if (chosen.stream().filter(order -> order != LitmusOrder.SAME).count() > 1) {
        LitmusProgram program = program(cycle, chosen);
        programs.putIfAbsent(program.name(), program);
      }
      return;
    }
    for (LitmusOrder order : LitmusOrder.between(into(cycle, hart), cycle.get(hart))) {
      if (!onlyFences || order == LitmusOrder.FENCE || order == LitmusOrder.SAME) {
        chosen.add(order);
        orders(cycle, onlyFences, chosen, programs);
        chosen.removeLast();
      }
    }
  }

  /** A hart has a location in common with the one before it, and another with the next. */
  private static LitmusProgram program(List<LitmusEdge> cycle, List<LitmusOrder> orders) {
    int count = cycle.size();
    int[] locations = new int[count + 1];
    for (int hart = 0; hart < count; hart++) {
      boolean single = orders.get(hart) == LitmusOrder.SAME;
      locations[hart + 1] = single ? locations[hart] : locations[hart] + 1;
    }
    int distinct = locations[count];
    List<List<LitmusProgram.Access>> harts = new ArrayList<>();
    Predicate<LitmusProgram.Outcome> forbidden = o -> true;
    for (int hart = 0; hart < count; hart++) {
      int in = locations[hart] % distinct;
      int out = locations[hart + 1] % distinct;
      LitmusEdge next = cycle.get(hart);
      // Where two stores meet, the one the edge comes from stores 1, the other 2.
      LitmusProgram.Access first =
          into(cycle, hart).toStore
              ? LitmusProgram.Access.store(in, into(cycle, hart) == LitmusEdge.COE ? 2 : 1)
              : LitmusProgram.Access.load(in);
      LitmusProgram.Access second =
          next.fromStore ? LitmusProgram.Access.store(out, 1) : LitmusProgram.Access.load(out);
      harts.add(
          orders.get(hart) == LitmusOrder.SAME
              ? List.of(first)
              : List.of(first, second.after(orders.get(hart))));
      forbidden = forbidden.and(seen(cycle, hart, out));
    }
    return new LitmusProgram(name(cycle, orders), harts, forbidden);
  }

  /** Whether the edge out of a hart was there. */
  private static Predicate<LitmusProgram.Outcome> seen(
      List<LitmusEdge> cycle, int hart, int location) {
    int next = (hart + 1) % cycle.size();
    return switch (cycle.get(hart)) {
      case COE -> o -> o.last(location) == 2;
      case RFE -> o -> o.load(next, 0) == 1;
      case FRE -> o -> o.load(hart, into(cycle, hart).toStore ? 0 : 1) == 0;
    };
  }

  private static String name(List<LitmusEdge> cycle, List<LitmusOrder> orders) {
    return IntStream.range(0, cycle.size())
        .mapToObj(h -> orders.get(h) + " " + cycle.get(h))
        .collect(Collectors.joining(", "));
  }
}
