package handover.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestCacheTest {

  @TempDir Path folder;

  @Test
  void nothingFetchedIsNothingPresent() throws IOException {
    assertThat(GuestCache.at(folder.resolve("none")).present()).isEmpty();
  }

  @Test
  void buildsTheFileSystemOnceAndAgainWhenItsPartsChange() throws IOException {
    GuestCache cache = filled();
    LinuxGuest first = cache.present().orElseThrow();
    assertThat(first.release()).isEqualTo("6.12-test");
    assertThat(CpioReader.read(Files.readAllBytes(first.initrd())))
        .containsKey("lib/modules/6.12-test/a.ko");

    FileTime past = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(first.initrd(), past);
    assertThat(cache.present()).contains(first);
    assertThat(Files.getLastModifiedTime(first.initrd())).isEqualTo(past);

    fill(cache.folder(), "another busybox");
    assertThat(cache.present().orElseThrow().initrd()).isNotEqualTo(first.initrd());
  }

  @Test
  void aWholeGuestIsNotFetchedAgain() throws IOException {
    GuestCache cache = filled();
    LinuxGuest guest =
        cache.fetch(Optional.of("file:///nowhere"), false, line -> assertThat(line).isNull());
    assertThat(guest.kernel()).hasContent("kernel");
  }

  @Test
  void damageIsNamed() throws IOException {
    Path guest = filled().folder();
    Path image = guest.resolve(GuestFetch.IMAGE);
    assertThat(Manifest.defect(guest, true)).isEmpty();

    Files.writeString(image, "kerneL");
    assertThat(Manifest.defect(guest, false)).isEmpty();
    assertThat(Manifest.defect(guest, true).orElseThrow()).contains("Image", "digest");

    Files.writeString(image, "kernel, longer");
    assertThat(Manifest.defect(guest, false).orElseThrow()).contains("not 6 bytes");

    Files.writeString(guest.resolve(Manifest.NAME), "nonsense\n");
    assertThat(Manifest.defect(guest, false).orElseThrow()).contains("no usable manifest");
    Files.writeString(guest.resolve(Manifest.NAME), "abc 3 a\0b\n");
    assertThat(Manifest.defect(guest, false).orElseThrow()).contains("no usable manifest");
    Files.write(guest.resolve(Manifest.NAME), new byte[] {(byte) 0xff});
    assertThat(Manifest.defect(guest, false).orElseThrow()).contains("no usable manifest");
  }

  @Test
  void saysWhatToDoWhenTheHostNamesNoDebianArchive() {
    GuestFetch fetch = new GuestFetch(folder, Optional.empty(), line -> {});
    Path target = folder.resolve("cache/guest");
    assertThatThrownBy(() -> fetch.into(target))
        .isInstanceOf(GuestFetchException.class)
        .hasMessageContaining("no Debian archive")
        .hasMessageContaining("--mirror");
    assertThat(target).doesNotExist();
    assertThat(target.getParent()).isEmptyDirectory();
  }

  @Test
  void saysWhichPackageAMissingProgramIsIn() {
    assertThatThrownBy(() -> new HostCommand(List.of("no-such-program-here")).lines())
        .isInstanceOf(GuestFetchException.class)
        .hasMessageContaining("no-such-program-here is needed on this host")
        .hasMessageContaining("-kernel");
  }

  @Test
  void aFailingProgramIsQuoted() {
    HostCommand command = new HostCommand(List.of("sh", "-c", "echo why; exit 3"));
    assertThatThrownBy(command::lines).hasMessageContaining("status 3").hasMessageContaining("why");
  }

  @Test
  void newerKernelsSortLast() {
    assertThat(GuestFetch.numbers("linux-image-6.12.107+deb13-riscv64"))
        .isGreaterThan(GuestFetch.numbers("linux-image-6.12.94+deb13-riscv64"));
  }

  @Test
  void readsTheFirstRecordOfAPackage() throws IOException {
    PackageRecord record =
        PackageRecord.parse(
            "p",
            List.of(
                "Package: p",
                "Version: 2",
                "Size: 12",
                "Description: x",
                " Size: 9",
                "SHA256: ab",
                "Version: 1"));
    assertThat(record).isEqualTo(new PackageRecord("p", "2", 12, "ab"));
    assertThatThrownBy(() -> PackageRecord.parse("q", List.of("E: none")))
        .hasMessageContaining("package q");
  }

  private GuestCache filled() throws IOException {
    GuestCache cache = GuestCache.at(folder);
    fill(cache.folder(), "busybox");
    return cache;
  }

  private static void fill(Path guest, String busybox) throws IOException {
    Files.createDirectories(guest.resolve(GuestFetch.MODULES));
    Files.writeString(guest.resolve(GuestFetch.IMAGE), "kernel");
    Files.writeString(guest.resolve(GuestFetch.FIRMWARE), "firmware");
    Files.writeString(guest.resolve(GuestFetch.BUSYBOX), busybox);
    Files.writeString(guest.resolve(GuestFetch.RELEASE), "6.12-test\n");
    Files.writeString(guest.resolve(GuestFetch.MODULE_LIST), "a.ko\t\t\n");
    Files.writeString(guest.resolve("modules/a.ko"), "module");
    Manifest.write(
        guest,
        List.of("made by a test"),
        List.of("Image", "fw_dynamic.bin", "busybox", "release", "modules.list", "modules/a.ko"));
  }
}
