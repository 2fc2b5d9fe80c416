package handover.diagnosis.stream;

import handover.vmstate.Configuration;
import handover.vmstate.StreamFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An inspection for people: the section tree with sizes, decoded fields, RAM figures. */
public final class TextReport {
  private static final String[] TYPES = {"", "START", "PART", "END", "FULL"};

  private final Inspection inspection;
  private final StreamOutline outline;
  private final PrintWriter out;
  private final boolean fields;

  private TextReport(Inspection inspection, PrintWriter out, boolean fields) {
    this.inspection = inspection;
    this.outline = inspection.outline();
    this.out = out;
    this.fields = fields;
  }

  /**
   * Prints it.
   *
   * @param fields whether also every field
   */
  public static void print(Inspection inspection, PrintWriter out, boolean fields)
      throws IOException {
    new TextReport(inspection, out, fields).all();
    out.flush();
  }

  /** Prints what a destination minds, the first rejection foremost: there its load ends. */
  public static void print(List<Finding> findings, PrintWriter out) {
    findings.forEach(f -> out.println(f.line()));
    Optional<Finding> first =
        findings.stream().filter(f -> f.effect() == Finding.Effect.REJECTED).findFirst();
    out.println(
        first
            .map(f -> "The destination stops at byte %d, in %s.".formatted(f.offset(), f.device()))
            .orElse("Nothing was found that the destination would reject."));
    out.flush();
  }

  private void all() throws IOException {
    outline.configuration().ifPresent(this::configuration);
    for (StreamItem item : outline.items()) {
      item(item);
    }
    ram();
    verdict();
  }

  private void configuration(Configuration c) {
    out.printf("machine %s", Text.of(c.machine()));
    if (!c.capabilities().isEmpty()) {
      out.printf(", capabilities %s", Text.of(String.join(" ", c.capabilities())));
    }
    c.pageBits().ifPresent(bits -> out.printf(", page bits %d", bits));
    c.uuid().ifPresent(uuid -> out.printf(", uuid %s", uuid));
    out.printf("%n%n%12s %14s  %s%n", "offset", "bytes", "what");
  }

  private void item(StreamItem item) throws IOException {
    switch (item) {
      case StreamItem.Section s -> section(s);
      case StreamItem.Command c -> command(c);
      case StreamItem.End e -> line(e, "EOF");
      case StreamItem.Description d ->
          line(d, "VMDESCRIPTION of %d sections".formatted(described()));
    }
  }

  private int described() {
    return outline.description().map(d -> d.sections().size()).orElse(0);
  }

  private void line(StreamItem item, String what) {
    out.printf("%12s %14d  %s%n", "0x" + Long.toHexString(item.offset()), item.bytes(), what);
  }

  private void command(StreamItem.Command c) {
    line(c, "COMMAND " + c.name() + (c.detail().isEmpty() ? "" : ": " + Text.of(c.detail())));
    c.groups().forEach(g -> field(g, 1, fields));
  }

  private void section(StreamItem.Section s) throws IOException {
    String type = TYPES[s.header().type()];
    String version =
        s.header().type() == StreamFormat.SECTION_PART
                || s.header().type() == StreamFormat.SECTION_END
            ? ""
            : " version " + Integer.toUnsignedString(s.header().version());
    String parts = s.parts() > 1 ? " in %d parts".formatted(s.parts()) : "";
    line(s, "%-5s %s%s%s".formatted(type, Text.of(s.label()), version, parts));
    if (fields) {
      Inspection.Content content = inspection.content(s);
      content.values().forEach(v -> field(v, 1, true));
      content.problem().ifPresent(p -> out.printf("%30s! %s%n", "", Text.of(p)));
    }
  }

  private void field(FieldValue value, int depth, boolean deep) {
    String text =
        value.value().length() > 160 ? value.value().substring(0, 160) + " ..." : value.value();
    out.printf(
        "%s%s%s%n",
        " ".repeat(28 + 2 * depth),
        Text.of(value.name()),
        text.isEmpty() ? "" : " = " + Text.of(text));
    if (deep) {
      value.parts().forEach(part -> field(part, depth + 1, true));
    }
  }

  private void ram() {
    if (outline.ram().blocks().isEmpty()) {
      return;
    }
    out.printf("%n%-36s %10s %9s %9s %9s%n", "RAM block", "size", "zero", "normal", "xbzrle");
    long zero = 0;
    long normal = 0;
    long xbzrle = 0;
    long size = 0;
    for (RamTally.Block b : outline.ram().blocks()) {
      ramLine(Text.of(b.name()), b.size(), b.zero(), b.normal(), b.xbzrle() + b.compressed());
      size += b.size();
      zero += b.zero();
      normal += b.normal();
      xbzrle += b.xbzrle() + b.compressed();
    }
    ramLine("all, pages of " + outline.ram().pageSize() + " bytes", size, zero, normal, xbzrle);
  }

  private void ramLine(String name, long size, long zero, long normal, long xbzrle) {
    out.printf(
        Locale.ROOT, "%-36s %10s %9d %9d %9d%n", name, Text.bytes(size), zero, normal, xbzrle);
  }

  private void verdict() {
    outline
        .broken()
        .ifPresentOrElse(
            this::broken,
            () ->
                out.printf(
                    "%nComplete: %d bytes, %s.%n", outline.end(), Text.bytes(outline.end())));
  }

  private void broken(StreamOutline.Break b) {
    if (b.began() == 0) {
      out.printf("BROKEN from the beginning: %s.%n", Text.of(b.reason()));
      return;
    }
    out.printf(
        "%nBROKEN at byte %d (0x%x): %s. It began at byte %d (0x%x); everything listed above is"
            + " whole.%n",
        b.offset(), b.offset(), Text.of(b.reason()), b.began(), b.began());
  }
}
