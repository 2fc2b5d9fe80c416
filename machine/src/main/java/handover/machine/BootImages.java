package handover.machine;

import handover.devices.FileFailure;
import handover.machine.BootImage.BadImage;
import handover.machine.BootImage.Segment;
import handover.memory.GuestMemory;
import handover.memory.RamBlock;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Firmware, kernel, initial RAM disk and device tree, each given its place as QEMU's {@code virt}
 * board does, and put there at every power-on.
 *
 * <p>Firmware goes to the start of RAM, a kernel to the next 2 MiB boundary, the RAM disk half of
 * RAM (at most 512 MiB) above it, the device tree to the last 2 MiB boundary below the end of RAM
 * or 3 GiB. ELF files say themselves where they go. Without firmware the kernel starts in machine
 * mode at its entry, and a flat one lies at the start of RAM.
 */
public final class BootImages {
  private static final System.Logger LOG = System.getLogger(BootImages.class.getName());
  private static final long MIB = 1L << 20;
  private static final long TREE_ALIGNMENT = 2 * MIB;
  private static final long TREE_CEILING = 3L << 30;
  private static final long MAX_FILE = 1L << 30;
  private static final long PAGE = 4096;

  /** A piece of the plan: what it is, for messages, and where. */
  private record Placed(String what, BootImage image) {}

  private final List<Placed> plan = new ArrayList<>();
  private final long memoryBytes;
  private final BootFile files;
  private long start;
  private long next;
  private long treeAddress;
  private Optional<VirtTree.Range> initrd = Optional.empty();

  private BootImages(long memoryBytes, BootFile files) {
    this.memoryBytes = memoryBytes;
    this.files = files;
  }

  /**
   * Looks at the files and finds everything its place.
   *
   * @param memoryBytes size of main RAM
   * @param files how they are held
   * @param treeFor the flattened device tree, given where the RAM disk lies
   * @param problems told, in words, everything that is wrong; the result is then not to be used
   */
  public static BootImages plan(
      long memoryBytes,
      BootFile files,
      Optional<Path> bios,
      Optional<Path> kernel,
      Optional<Path> initrd,
      Function<Optional<VirtTree.Range>, byte[]> treeFor,
      Consumer<String> problems) {
    BootImages images = new BootImages(memoryBytes, files);
    images.placePrograms(bios, kernel, problems);
    initrd.ifPresent(path -> images.placeInitrd(path, problems));
    images.placeTree(treeFor, problems);
    images.checkPlaces(problems);
    return images;
  }

  /** Where the RAM disk lies, if there is one. */
  public Optional<VirtTree.Range> initrd() {
    return initrd;
  }

  /** Where the device tree lies. */
  public long treeAddress() {
    return treeAddress;
  }

  /** Where harts go first, in machine mode. */
  public long startAddress() {
    return start;
  }

  /** Everything placed, with its name. */
  List<MachineView.Region> regions() {
    List<MachineView.Region> all = new ArrayList<>();
    for (Placed placed : plan) {
      for (Segment s : placed.image().segments()) {
        all.add(new MachineView.Region(s.address(), s.end() - s.address(), placed.what(), "ram"));
      }
    }
    return all;
  }

  /**
   * Puts everything into memory, over whatever the guest left there. Called with the harts parked,
   * at power-on and at each reset, not on a machine that waits for a migration.
   *
   * @param memory where RAM is mapped at {@link VirtMap#DRAM}
   * @param mrom the boot ROM's block
   */
  public void load(GuestMemory memory, RamBlock mrom) {
    plan.forEach(p -> p.image().segments().forEach(s -> copy(memory, s)));
    byte[] rom = BootRom.build(start, treeAddress, next);
    MemorySegment.copy(MemorySegment.ofArray(rom), 0, mrom.segment(), 0, rom.length);
    mrom.dirtyLog().mark(0, rom.length);
  }

  private static void copy(GuestMemory memory, Segment s) {
    ByteBuffer content = s.content();
    int length = content.remaining();
    try {
      memory.write(s.address(), MemorySegment.ofBuffer(content));
    } catch (InternalError e) {
      // How the JVM tells of a mapped file that has become shorter.
      LOG.log(
          System.Logger.Level.ERROR,
          "a file of -bios, -kernel or -initrd was cut off since the machine was started; its guest"
              + " has only the beginning",
          e);
    }
    byte[] zeros = new byte[(int) Math.min(s.memoryBytes() - length, 64 << 10)];
    for (long at = s.address() + length; at < s.end(); at += zeros.length) {
      memory.write(at, zeros, 0, (int) Math.min(zeros.length, s.end() - at));
    }
  }

  private void placePrograms(
      Optional<Path> bios, Optional<Path> kernel, Consumer<String> problems) {
    start = VirtMap.DRAM;
    long kernelAddress = VirtMap.DRAM;
    Optional<BootImage> firmware = bios.flatMap(path -> place("-bios", path, start, problems));
    if (firmware.isPresent()) {
      start = firmware.get().entry();
      kernelAddress = alignUp(firmware.get().end(), 2 * MIB);
    }
    long address = kernelAddress;
    Optional<BootImage> program = kernel.flatMap(path -> place("-kernel", path, address, problems));
    if (program.isPresent() && bios.isPresent()) {
      next = program.get().entry();
    } else if (program.isPresent()) {
      start = program.get().entry();
    }
    if (bios.isEmpty() && kernel.isEmpty()) {
      problems.accept("nothing to start: give -bios FILE, -kernel FILE, or both");
    }
  }

  private Optional<BootImage> place(
      String option, Path path, long address, Consumer<String> problems) {
    Optional<ByteBuffer> file = read(option, path, problems);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    try {
      BootImage image = parse(option, file.get(), address);
      plan.add(new Placed(option + " " + path, image));
      return Optional.of(image);
    } catch (BadImage e) {
      problems.accept("%s %s: %s".formatted(option, path, e.getMessage()));
      return Optional.empty();
    }
  }

  private static BootImage parse(String option, ByteBuffer file, long address) throws BadImage {
    if (BootImage.isElf(file)) {
      return BootImage.elf(file);
    }
    return option.equals("-kernel")
        ? BootImage.kernel(file, address)
        : BootImage.raw(file, address);
  }

  private void placeInitrd(Path path, Consumer<String> problems) {
    Optional<ByteBuffer> file = read("-initrd", path, problems);
    long kernelStart = next != 0 ? next : start;
    long kernelEnd = plan.stream().mapToLong(p -> p.image().end()).max().orElse(VirtMap.DRAM);
    long address = kernelStart + Math.min(memoryBytes / 2, 512 * MIB);
    long aligned = alignUp(Math.max(address, kernelEnd), PAGE);
    if (file.isPresent()) {
      try {
        plan.add(new Placed("-initrd " + path, BootImage.raw(file.get(), aligned)));
        initrd = Optional.of(new VirtTree.Range(aligned, aligned + file.get().limit()));
      } catch (BadImage e) {
        problems.accept("-initrd %s: %s".formatted(path, e.getMessage()));
      }
    }
  }

  private void placeTree(
      Function<Optional<VirtTree.Range>, byte[]> treeFor, Consumer<String> problems) {
    byte[] tree = treeFor.apply(initrd);
    long ceiling = Math.min(VirtMap.DRAM + memoryBytes, TREE_CEILING);
    treeAddress = (ceiling - tree.length) & -TREE_ALIGNMENT;
    if (treeAddress < VirtMap.DRAM) {
      problems.accept("no room for the device tree: give more memory (-m)");
      return;
    }
    Segment segment = new Segment(treeAddress, ByteBuffer.wrap(tree), tree.length);
    plan.add(new Placed("the device tree", new BootImage(treeAddress, List.of(segment))));
  }

  private void checkPlaces(Consumer<String> problems) {
    for (int i = 0; i < plan.size(); i++) {
      checkInRam(plan.get(i), problems);
      for (int j = 0; j < i; j++) {
        checkApart(plan.get(j), plan.get(i), problems);
      }
    }
  }

  private void checkInRam(Placed placed, Consumer<String> problems) {
    for (Segment s : placed.image().segments()) {
      long offset = s.address() - VirtMap.DRAM;
      if (offset < 0 || s.memoryBytes() > memoryBytes || offset > memoryBytes - s.memoryBytes()) {
        problems.accept(
            "%s needs 0x%x to 0x%x, but RAM is 0x%x to 0x%x; give more memory (-m)"
                .formatted(
                    placed.what(), s.address(), s.end(), VirtMap.DRAM, VirtMap.DRAM + memoryBytes));
        return;
      }
    }
  }

  private static void checkApart(Placed first, Placed second, Consumer<String> problems) {
    for (Segment a : first.image().segments()) {
      for (Segment b : second.image().segments()) {
        if (a.address() < b.end() && b.address() < a.end()) {
          problems.accept(
              "%s (0x%x to 0x%x) and %s (0x%x to 0x%x) overlap; give more memory (-m) or link"
                      .formatted(
                          first.what(), a.address(), a.end(), second.what(), b.address(), b.end())
                  + " one elsewhere");
          return;
        }
      }
    }
  }

  private Optional<ByteBuffer> read(String option, Path path, Consumer<String> problems) {
    try {
      long size = Files.size(path);
      if (size > MAX_FILE) {
        problems.accept(
            "%s %s: %d bytes; more than %d are not supported"
                .formatted(option, path, size, MAX_FILE));
        return Optional.empty();
      }
      return Optional.of(files.content(path));
    } catch (IOException e) {
      problems.accept("%s %s: %s".formatted(option, path, FileFailure.words(e)));
    }
    return Optional.empty();
  }

  private static long alignUp(long value, long alignment) {
    return (value + alignment - 1) & -alignment;
  }
}
