package handover.vmstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ClassicFormTest {
  private static final String GOLDEN =
      "00000004" // slots
          + "01" // enabled
          + "000000000056" // mac
          + "fffffffffffffffe" // count
          + "00000000fedcba9800000000" // compare
          + "0000" // unused
          + "000000000000000000" // entries[0]
          + "00000000800000001f"; // entries[1]
  private static final String GOLDEN_HIGH =
      "05" // a subsection
          + "0a74696d65722f68696768" // timer/high
          + "00000007" // its version
          + "0102";

  private static byte[] saved(Timer timer) {
    WireWriter out = new WireWriter();
    Timer.DECLARATION.save(timer, out, QemuRelease.usual());
    return out.toByteArray();
  }

  private static Timer loaded(String hex, int version) {
    Timer timer = new Timer();
    WireReader in = new WireReader(HexFormat.of().parseHex(hex));
    in.enter("section timer");
    Timer.DECLARATION.load(timer, in, version);
    return timer;
  }

  @Test
  void isByteForByteWhatItWas() {
    Timer timer = Timer.running();
    assertThat(saved(timer)).asHexString().isEqualToIgnoringCase(GOLDEN);
    timer.high = 0x102;
    assertThat(saved(timer)).asHexString().isEqualToIgnoringCase(GOLDEN + GOLDEN_HIGH);
    assertThat(saved(loaded(GOLDEN + GOLDEN_HIGH, 3))).isEqualTo(saved(timer));
    assertThat(saved(loaded(GOLDEN, 2))).isEqualTo(saved(Timer.running()));
  }

  @Test
  void aSubsectionOfAnotherStateIsLeftForIt() {
    WireReader in = new WireReader(HexFormat.of().parseHex(GOLDEN + "0505626f782f78"));
    Timer.DECLARATION.load(new Timer(), in, 3);
    assertThat(in.u8()).isEqualTo(StreamFormat.SUBSECTION);
    assertThat(in.counted()).isEqualTo("box/x");
  }

  @Test
  void whatCannotBeIsRefusedInWords() {
    assertThatThrownBy(() -> loaded(GOLDEN, 1))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("section timer: expected version 2 to 3 of timer, found version 1");
    assertThatThrownBy(() -> loaded(GOLDEN, 4)).hasMessageContaining("found version 4");
    assertThatThrownBy(() -> loaded("00000005" + GOLDEN.substring(8), 3))
        .hasMessageContaining("expected slots = 4 as configured here, found 5");
    assertThatThrownBy(() -> loaded("0000000402" + GOLDEN.substring(10), 3))
        .hasMessageContaining("expected a bool of 0 or 1, found 2");
    assertThatThrownBy(() -> loaded(GOLDEN.substring(0, 20), 3))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("section timer");
    assertThatThrownBy(() -> loaded(GOLDEN + "050974696d65722f6c6f7700000001", 3))
        .hasMessageContaining("subsection 'timer/low'")
        .hasMessageContaining("[timer/high]")
        .hasMessageContaining("the source has a feature this side lacks");
    assertThatThrownBy(() -> loaded(GOLDEN + GOLDEN_HIGH.replace("00000007", "00000008"), 3))
        .hasMessageContaining("timer/high: expected version 7");
  }

  @Test
  void aFooterOfAnotherSectionIsRefused() {
    SectionHeader header = new SectionHeader(StreamFormat.SECTION_FULL, 9, "timer", 1, 3);
    WireWriter out = new WireWriter();
    header.write(out);
    header.writeFooter(out);
    WireReader in = new WireReader(out.toByteArray());
    SectionHeader read = SectionHeader.read(in.u8(), in);
    assertThat(read).isEqualTo(header);
    read.readFooter(in);
    assertThatThrownBy(
            () -> header.readFooter(new WireReader(HexFormat.of().parseHex("7e00000008"))))
        .hasMessageContaining("footer of section 9");
    assertThatThrownBy(() -> header.readFooter(new WireReader(new byte[] {0x42, 0, 0, 0, 9})))
        .hasMessageContaining("footer 0x7e");
    assertThat(SectionHeader.label("timer", 1)).isEqualTo("timer#1");
  }
}
