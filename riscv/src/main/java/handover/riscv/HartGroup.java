package handover.riscv;

import handover.memory.GuestMemory;

/**
 * What the harts of one machine share: the decoded code.
 *
 * <p>All of them have the same memory and the same features.
 */
public final class HartGroup {
  private final Object lock = new Object();
  private CodeCache code;

  /** A group without members yet. The first of a JVM begins to warm the interpreter up. */
  public HartGroup() {
    this(true);
  }

  HartGroup(boolean rehearsed) {
    if (rehearsed) {
      Rehearsal.once();
    }
  }

  CodeCache codeCache(GuestMemory memory, CpuFeatures features) {
    synchronized (lock) {
      if (code == null) {
        code = new CodeCache(memory, features);
      }
      return code;
    }
  }
}
