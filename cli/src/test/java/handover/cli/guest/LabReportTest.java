package handover.cli.guest;

import static org.assertj.core.api.Assertions.assertThat;

import handover.lab.DowntimeExperiment;
import handover.lab.DowntimePlan;
import handover.lab.DowntimeResult;
import handover.lab.DowntimeRun;
import handover.lab.report.ReportFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real moves end as a page that a real browser shows. */
@Tag("guest")
class LabReportTest {
  private static final int MEASURES = 3;

  /** Two back ends, iterative on and off, a move each. */
  private static final int CELLS = 4;

  @TempDir Path folder;

  @Test
  void everyMoveIsADotInTheBrowser() throws Exception {
    List<String> said = new ArrayList<>();
    DowntimePlan plan =
        DowntimePlan.of(
                new DowntimePlan.Typed("1", "user,vhost-user", "on,off", "rehearse", 2000, 1),
                problem -> assertThat(problem).isEmpty())
            .orElseThrow();
    ReportFolder report = ReportFolder.at(folder.resolve("out"));
    DowntimeResult result =
        new DowntimeExperiment(
                plan,
                "a <test> & more",
                Instant.EPOCH,
                said::add,
                report.records(),
                Duration.ofDays(365_000))
            .run(sofar -> assertThat(sofar.cells()).isNotEmpty());
    report.write(result);
    assertThat(report.records().read()).hasSize(CELLS).isEqualTo(runs(result));

    assertThat(result.problems()).as("%s", said).isEmpty();
    assertThat(Files.readAllLines(folder.resolve("out/runs.csv"))).hasSize(1 + CELLS);
    assertThat(Files.readString(folder.resolve("out/summary.json")))
        .contains("\"iterative\" : \"on\"", "\"iterative\" : \"off\"");
    assertThat(Files.readString(report.page())).doesNotContain("src=", "href=", "url(", "@import");
    String shown = browse(report.page(), "--dump-dom");
    assertThat(count("<circle class=\"dot (?:on|off)\"", shown)).isEqualTo(CELLS * MEASURES);
    assertThat(count("<line class=\"median ", shown)).isEqualTo(CELLS * MEASURES);
    assertThat(count("<rect class=\"column (?:on|off)\"", shown)).isEqualTo(CELLS * MEASURES);
    assertThat(count("<figure>", shown)).isEqualTo(CELLS);
    assertThat(histograms(folder.resolve("out/histograms.hlog"))).hasSize(CELLS * MEASURES);
    assertThat(count("<rect class=\"bar load\"", shown)).isGreaterThan(2);
    assertThat(shown).contains("a &lt;test&gt; &amp; more", "1970-01-01 00:00 UTC");
    Path picture = folder.resolve("page.png");
    browse(report.page(), "--screenshot=" + picture);
    assertThat(picture).isNotEmptyFile();
  }

  private static List<DowntimeRun> runs(DowntimeResult result) {
    return result.cells().stream().flatMap(cell -> cell.runs().stream()).toList();
  }

  private static List<Long> histograms(Path file) throws Exception {
    List<Long> counts = new ArrayList<>();
    try (HistogramLogReader reader = new HistogramLogReader(file.toFile())) {
      while (reader.hasNext()) {
        counts.add(((Histogram) reader.nextIntervalHistogram()).getTotalCount());
      }
    }
    assertThat(counts).containsOnly(1L);
    return counts;
  }

  private String browse(Path page, String what) throws Exception {
    Path shown = folder.resolve("shown");
    Process chromium =
        new ProcessBuilder(
                "chromium",
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--user-data-dir=" + folder.resolve("profile"),
                what,
                page.toUri().toString())
            .redirectOutput(shown.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(chromium.waitFor(2, TimeUnit.MINUTES)).as("chromium ends").isTrue();
      assertThat(chromium.exitValue()).isZero();
      return Files.readString(shown);
    } finally {
      chromium.destroyForcibly();
    }
  }

  private static long count(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().count();
  }
}
