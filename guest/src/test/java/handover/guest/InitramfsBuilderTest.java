package handover.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class InitramfsBuilderTest {

  private static final List<KernelModule> MODULES =
      List.of(
          module("failover.ko", List.of(), List.of()),
          module("net_failover.ko", List.of("failover"), List.of()),
          module("virtio-net.ko.xz", List.of("net_failover"), List.of("virtio:d1v*")));

  @Test
  void holdsWhatTheGuestNeeds() throws IOException {
    Map<String, CpioReader.Entry> tree = CpioReader.read(build());
    assertThat(tree).containsKeys("dev", "proc", "bin/agent", "lib/modules/6.12/failover.ko");
    assertThat(tree.get("init").mode()).isEqualTo(0100755);
    assertThat(tree.get("init").content()).startsWith("#!/bin/sh").contains(LinuxGuest.READY);
    assertThat(tree.get("bin/sh")).isEqualTo(new CpioReader.Entry(0120777, 0, 0, "/bin/busybox"));
    assertThat(tree.get("dev/console")).isEqualTo(new CpioReader.Entry(0020600, 5, 1, ""));
    assertThat(tree.get("bin/busybox").content()).isEqualTo("busybox!");
  }

  @Test
  void listsModulesWithTheirClosure() throws IOException {
    Map<String, CpioReader.Entry> tree = CpioReader.read(build());
    assertThat(tree.get("lib/modules/6.12/modules.dep").content())
        .isEqualTo(
            """
            failover.ko:
            net_failover.ko: failover.ko
            virtio-net.ko.xz: net_failover.ko failover.ko
            """);
    assertThat(tree.get("lib/modules/6.12/modules.alias").content())
        .isEqualTo("alias virtio:d1v* virtio_net\n");
  }

  @Test
  void sameInputsGiveSameBytes() throws IOException {
    assertThat(build()).isEqualTo(build());
  }

  @Test
  void initIsSoundShell() throws Exception {
    Process sh = new ProcessBuilder("sh", "-n").redirectErrorStream(true).start();
    sh.getOutputStream().write(InitramfsBuilder.init());
    sh.getOutputStream().close();
    String said = new String(sh.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(sh.waitFor()).as(said).isZero();
  }

  @Property(tries = 100)
  void everyEntryIsReadBack(
      @ForAll @Size(max = 40) byte[] content, @ForAll @Size(max = 40) byte[] other)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (CpioWriter cpio = new CpioWriter(out)) {
      cpio.file("a/" + "n".repeat(content.length), 0600, other);
      cpio.file("b", 0644, content);
    }
    Map<String, CpioReader.Entry> read = CpioReader.read(out.toByteArray());
    assertThat(read.values())
        .extracting(CpioReader.Entry::content)
        .containsExactly(latin(other), latin(content));
  }

  private static String latin(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static byte[] build() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new InitramfsBuilder("6.12", bytes("busybox!"), bytes("agent"), MODULES).write(out);
    return out.toByteArray();
  }

  private static KernelModule module(String file, List<String> depends, List<String> aliases) {
    return new KernelModule(file, depends, aliases, bytes(file));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
