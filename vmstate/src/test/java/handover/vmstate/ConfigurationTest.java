package handover.vmstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ConfigurationTest {
  private static final String QEMU = "5145564d" + "00000003" + "07" + "00000004" + "76697274";

  private static Configuration read(String hex) {
    return Configuration.readHeader(new WireReader(HexFormat.of().parseHex(hex)));
  }

  @Test
  void isWhatQemuWrites() {
    WireWriter out = new WireWriter();
    Configuration.of("virt").writeHeader(out);
    assertThat(out.toByteArray()).asHexString().isEqualToIgnoringCase(QEMU);
    assertThat(read(QEMU + "01")).isEqualTo(Configuration.of("virt"));
  }

  @Test
  void subsectionsGoThereAndBack() {
    Configuration full =
        new Configuration(
            "virt",
            List.of("virtio-iterative", "x-ignore-shared"),
            OptionalInt.of(12),
            Optional.of(new UUID(1, 2)));
    WireWriter out = new WireWriter();
    full.writeHeader(out);
    assertThat(Configuration.readHeader(new WireReader(out.toByteArray()))).isEqualTo(full);
  }

  @Test
  void whatCannotBeIsRefusedInWords() {
    assertThatThrownBy(() -> read("474554202f20485454502f312e31"))
        .hasMessageContaining("expected magic \"QEVM\" of a migration stream, found 0x47455420");
    assertThatThrownBy(() -> read("5145564d00000002")).hasMessageContaining("stream version 3");
    assertThatThrownBy(() -> read("5145564d0000000301")).hasMessageContaining("CONFIGURATION");
    assertThatThrownBy(() -> read("5145564d000000030700ffffff"))
        .hasMessageContaining("16777215 bytes");
    assertThatThrownBy(() -> read(QEMU + "0506" + "6f746865722f" + "00000001"))
        .hasMessageContaining("'other/'");
    assertThatThrownBy(
            () ->
                read(
                    QEMU
                        + "051a"
                        + "636f6e66696775726174696f6e2f6361706162696c6974696573"
                        + "00000001"
                        + "7fffffff"))
        .hasMessageContaining("at most 256 capabilities");
  }
}
