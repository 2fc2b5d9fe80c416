package handover.machine;

import handover.devices.FileFailure;
import handover.devices.PropertyValues;
import handover.devices.pci.OptionRom;
import handover.devices.pci.PciAddress;
import handover.devices.virtio.PciProperties;
import handover.memory.RamBlock;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** Option ROMs of PCI functions: RAM blocks by QEMU's names, filled from {@code romfile=}. */
final class OptionRoms {
  private final BoardMemory blocks;

  OptionRoms(BoardMemory blocks) {
    this.blocks = blocks;
  }

  /** The ROM of a device at {@code at}, if it has one; every problem goes to {@code problems}. */
  Optional<OptionRom> of(
      DeviceDrivers.Made made,
      PciAddress at,
      PropertyValues properties,
      Consumer<String> problems) {
    byte[] image =
        PciProperties.romFile(properties)
            .map(file -> read(made.driver(), file, problems))
            .orElse(new byte[0]);
    int bytes = PciProperties.settleRomSize(properties, made.device(), image.length);
    if (bytes == 0) {
      return Optional.empty();
    }
    if (image.length > bytes) {
      problems.accept(
          "%s: romfile has %d bytes, more than romsize=%d"
              .formatted(made.driver(), image.length, bytes));
      return Optional.empty();
    }
    RamBlock block = blocks.addOptional(at.path() + "/" + made.driver() + ".rom", bytes);
    MemorySegment.copy(MemorySegment.ofArray(image), 0, block.segment(), 0, image.length);
    block.dirtyLog().mark(0, image.length);
    return Optional.of(new OptionRom(block));
  }

  private static byte[] read(String driver, Path file, Consumer<String> problems) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] image = in.readNBytes(OptionRom.MOST + 1);
      if (image.length > 0 && image.length <= OptionRom.MOST) {
        return image;
      }
      problems.accept(
          "%s: romfile=%s expects 1 to %d bytes, got %s"
              .formatted(driver, file, OptionRom.MOST, image.length == 0 ? "none" : "more"));
    } catch (IOException e) {
      problems.accept(
          "%s: cannot read romfile=%s: %s".formatted(driver, file, FileFailure.words(e)));
    }
    return new byte[0];
  }
}
