package handover.diagnosis.check;

import handover.diagnosis.check.Rule.Found;
import handover.diagnosis.check.Rule.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Migration capabilities and parameters: which side has to have what. */
final class CapabilityRules {
  private static final String SET =
      "set it alike on both sides, before migrate and migrate-incoming";

  /** A capability that is on at one side only. */
  private record OneSided(String capability, Stage sourceOnly, Stage destinationOnly, String how) {}

  private static final List<OneSided> ONE_SIDED =
      List.of(
          new OneSided(
              "multifd",
              Stage.MEMORY,
              Stage.NEVER,
              "the destination takes the extra channels for strangers, or waits for channels that"
                  + " never come"),
          new OneSided(
              "postcopy-ram",
              Stage.MEMORY,
              Stage.NOWHERE,
              "the destination quits: \"RAM postcopy is disabled\""),
          new OneSided(
              "postcopy-preempt",
              Stage.NEVER,
              Stage.NEVER,
              "one side waits for a channel the other does not open"),
          new OneSided(
              "x-ignore-shared",
              Stage.MEMORY,
              Stage.MEMORY,
              "the destination quits: \"Capability x-ignore-shared is ..., but received capability"
                  + " is ...\""),
          new OneSided(
              "mapped-ram",
              Stage.COMMAND,
              Stage.COMMAND,
              "\"Migration requires seekable transport (e.g. file)\""),
          new OneSided(
              "switchover-ack",
              Stage.NEVER,
              Stage.NOWHERE,
              "the source waits for an acknowledgement that is never sent"),
          new OneSided(
              "compress",
              Stage.MEMORY,
              Stage.NOWHERE,
              "the destination quits: \"Received an unexpected compressed page\""));

  /** A Handover that sends has an agreement of its own, and does not wait for this one. */
  private static final String UNASKED = "switchover-ack";

  static final List<Rule> ALL = all();

  private CapabilityRules() {}

  private static List<Rule> all() {
    List<Rule> rules = new ArrayList<>();
    for (OneSided c : ONE_SIDED) {
      rules.add(rule(c, c.sourceOnly(), true));
      rules.add(rule(c, c.destinationOnly(), false));
    }
    rules.add(
        new Rule(
            "capability",
            "query-migrate-capabilities",
            Stage.NOWHERE,
            "works with either side's setting",
            "",
            CapabilityRules::others));
    rules.add(
        new Rule(
            "mapped-ram",
            "query-migrate-capabilities",
            Stage.COMMAND,
            "\"Migration requires seekable transport (e.g. file)\"",
            "switch it off, or migrate to a file",
            CapabilityRules::mappedRam));
    rules.add(
        parameter(
            "multifd-channels",
            Stage.NEVER,
            "one side waits for channels the other does not open",
            true));
    rules.add(
        parameter(
            "multifd-compression",
            Stage.MEMORY,
            "the destination quits: \"multifd: flags received ... flags expected ...\"",
            true));
    rules.add(tls());
    rules.add(
        new Rule(
            "parameter",
            "query-migrate-parameters",
            Stage.NOWHERE,
            "each side's own business",
            "",
            CapabilityRules::otherParameters));
    return rules;
  }

  private static Rule rule(OneSided c, Stage stage, boolean atSource) {
    return new Rule(
        c.capability(),
        "query-migrate-capabilities",
        stage,
        stage == Stage.NOWHERE ? "works" : c.how(),
        stage == Stage.NOWHERE ? "" : SET,
        (s, d) ->
            s.has(c.capability()) == atSource
                    && d.has(c.capability()) != atSource
                    && !(s.handover() && c.capability().equals(UNASKED))
                ? List.of(found(c.capability(), s, d))
                : List.of());
  }

  private static Found found(String capability, MachineFacts s, MachineFacts d) {
    return new Found("capability " + capability, state(s, capability), state(d, capability));
  }

  private static String state(MachineFacts side, String capability) {
    Boolean on = side.capabilities().get(capability);
    return on == null ? "not known" : on ? "on" : "off";
  }

  private static List<Found> others(MachineFacts s, MachineFacts d) {
    Set<String> named = new TreeSet<>();
    ONE_SIDED.forEach(c -> named.add(c.capability()));
    Set<String> all = new TreeSet<>(s.capabilities().keySet());
    all.addAll(d.capabilities().keySet());
    all.removeAll(named);
    return all.stream().filter(c -> s.has(c) != d.has(c)).map(c -> found(c, s, d)).toList();
  }

  private static List<Found> mappedRam(MachineFacts s, MachineFacts d) {
    return s.has("mapped-ram") && d.has("mapped-ram")
        ? List.of(found("mapped-ram", s, d))
        : List.of();
  }

  /** A parameter that must be alike, if need be only where multifd is used at all. */
  private static Rule parameter(String name, Stage stage, String how, boolean multifd) {
    return new Rule(
        name,
        "query-migrate-parameters",
        stage,
        how,
        SET,
        (s, d) ->
            !multifd || s.has("multifd") && d.has("multifd") ? differing(name, s, d) : List.of());
  }

  private static List<Found> differing(String name, MachineFacts s, MachineFacts d) {
    String here = s.parameters().get(name);
    String there = d.parameters().get(name);
    return here == null || there == null || here.equals(there)
        ? List.of()
        : List.of(new Found("parameter " + name, here, there));
  }

  private static Rule tls() {
    return new Rule(
        "tls-creds",
        "query-migrate-parameters",
        Stage.MEMORY,
        "one side speaks TLS and the other does not",
        "set tls-creds on both sides or on none",
        (s, d) -> encrypted(s) == encrypted(d) ? List.of() : differing("tls-creds", s, d));
  }

  private static boolean encrypted(MachineFacts side) {
    String creds = side.parameters().getOrDefault("tls-creds", "");
    return !creds.isEmpty() && !creds.equals("null");
  }

  private static List<Found> otherParameters(MachineFacts s, MachineFacts d) {
    Set<String> all = new TreeSet<>(s.parameters().keySet());
    all.retainAll(d.parameters().keySet());
    return all.stream()
        .filter(p -> !Objects.equals(s.parameters().get(p), d.parameters().get(p)))
        .filter(p -> !p.startsWith("multifd-c") || !s.has("multifd") || !d.has("multifd"))
        .flatMap(p -> differing(p, s, d).stream())
        .toList();
  }
}
