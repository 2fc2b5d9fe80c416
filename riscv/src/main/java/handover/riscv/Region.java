package handover.riscv;

/**
 * Guest code translated as one piece, seen from one of the places where it can be entered: what can
 * be reached from some place without leaving a few neighbouring pages.
 *
 * <p>It is keyed by physical page and depends on no virtual address, privilege or address space:
 * its code takes the base address as an argument, memory goes through the translation cache in use.
 * What it does take for granted is checked each time it is entered ({@link #mapped}), but for the
 * state of the floating-point unit ({@link #floats}).
 */
final class Region {
  /** How many pages on either side of the first a region may reach into. */
  static final int SPAN = 3;

  /** A slot of a page. */
  record Place(CodePage page, int slot) {}

  final TranslatedCode code;

  /** Number of this entry. */
  final int entry;

  /** Where this entry is, from the start of the page the region was made for. */
  final int offset;

  /** Whether it needs the floating-point unit, rounding to nearest even. */
  final boolean floats;

  private final CodePage[] window;
  private final int[] versions;

  /**
   * A region ready to run.
   *
   * @param window its pages by distance from the first, which is in the middle; null where it has
   *     no code
   * @param versions what {@link CodePage#version} was when each was read
   * @param floats whether it contains floating-point instructions, with rounding to nearest even
   */
  Region(
      TranslatedCode code,
      int entry,
      int offset,
      CodePage[] window,
      int[] versions,
      boolean floats) {
    this.code = code;
    this.entry = entry;
    this.offset = offset;
    this.window = window;
    this.versions = versions;
    this.floats = floats;
  }

  /** Its pages by distance from the first, which is in the middle; null where it has no code. */
  CodePage[] window() {
    return window;
  }

  /** Where the entry is. */
  Place place() {
    return new Place(window[SPAN + (offset >> 12)], (offset & 4095) >>> 1);
  }

  /** Makes execution that reaches the entry come here, unless the page has changed meanwhile. */
  void install() {
    Place place = place();
    place.page.install(this, place.slot, versions[SPAN + (offset >> 12)]);
  }

  /** Whether it stands for what is mapped around {@code pc} now. */
  boolean mapped(Mmu mmu, long pc) {
    long base = pc - offset;
    for (int i = 0; i < window.length; i++) {
      if (window[i] != null && !mmu.isMapped(base + (i - SPAN) * 4096L, window[i])) {
        return false;
      }
    }
    return !stale();
  }

  /** Whether one of its pages has changed, so that it can never be entered again. */
  boolean stale() {
    for (int i = 0; i < window.length; i++) {
      if (window[i] != null && window[i].version() != versions[i]) {
        return true;
      }
    }
    return false;
  }
}
