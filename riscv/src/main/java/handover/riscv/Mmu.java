package handover.riscv;

import handover.memory.GuestMemory;
import java.lang.System.Logger.Level;
import java.util.Arrays;

/**
 * Reaches memory for one hart: chooses the translation caches of the current context, and does
 * everything that misses them (page walks, PMP, misaligned and crossing accesses, devices).
 *
 * <p>Faults are thrown as the hart's {@link Trap}.
 */
final class Mmu {
  private static final System.Logger LOG = System.getLogger(Mmu.class.getName());
  private static final int SPACES = 8;
  private static final long PAGE_MASK = -4096;
  private static final long PHYSICAL_MASK = (1L << 56) - 1;

  private final Registers registers;
  private final GuestMemory memory;
  private final PhysicalBus bus;
  private final Pmp pmp;
  private final CodeCache code;
  private final Trap trap;
  private final PageWalker walker;

  private final long[] tlb = Tlb.words();
  private final Tlb machine = new Tlb(tlb, 0);
  private final FetchTlb machineFetch = new FetchTlb();
  private final AddressSpace[] spaces = new AddressSpace[SPACES];
  private AddressSpace current;
  private Tlb data = machine;
  private FetchTlb fetch = machineFetch;
  private int dataPrivilege = Privilege.MACHINE;
  private boolean executableReadable;
  private long uses;

  /** Where {@link #resolve} found no RAM. */
  private long physical;

  // For lockstep only.
  private final Tlb nothing = new Tlb(tlb, 1);
  private Journal journals;
  private Journal journal;

  private boolean superpage;
  private boolean deviceFailureLogged;

  /** A page of which only one slot, the instruction at hand, is decoded; the rest fetches. */
  private final long[] single = new long[CodePage.SLOTS + 2];

  private int singleSlot;

  Mmu(
      Registers registers,
      GuestMemory memory,
      PhysicalBus bus,
      Pmp pmp,
      CodeCache code,
      Trap trap) {
    this.registers = registers;
    this.memory = memory;
    this.bus = bus;
    this.pmp = pmp;
    this.code = code;
    this.trap = trap;
    walker = new PageWalker(memory, pmp, trap);
    Arrays.fill(single, Decoded.of(Op.FETCH, 1, 0));
    contextChanged();
  }

  // ---- context

  /** Privilege, mstatus or satp may have changed. */
  void contextChanged() {
    long mstatus = registers.mstatus;
    boolean mxr = (mstatus & Mstatus.MXR) != 0;
    if (mxr != executableReadable) {
      executableReadable = mxr;
      flushData();
    }
    int privilege = registers.privilege;
    if (current == null || current.satp != registers.satp) {
      current = select(registers.satp);
    }
    fetch =
        switch (privilege) {
          case Privilege.MACHINE -> machineFetch;
          case Privilege.SUPERVISOR -> current.supervisorFetch;
          default -> current.userFetch;
        };
    boolean asPrevious = privilege == Privilege.MACHINE && (mstatus & Mstatus.MPRV) != 0;
    dataPrivilege = asPrevious ? Mstatus.previousPrivilege(mstatus) : privilege;
    data =
        switch (dataPrivilege) {
          case Privilege.MACHINE -> machine;
          case Privilege.SUPERVISOR ->
              (mstatus & Mstatus.SUM) != 0 ? current.supervisorAsUser : current.supervisor;
          default -> current.user;
        };
  }

  private AddressSpace select(long satp) {
    int oldest = 0;
    for (int i = 0; i < SPACES; i++) {
      AddressSpace space = spaces[i];
      if (space == null) {
        space = spaces[i] = new AddressSpace(satp, tlb, 2 + i * AddressSpace.CONTEXTS);
      }
      if (space.satp == satp) {
        space.lastUse = ++uses;
        return space;
      }
      if (space.lastUse < spaces[oldest].lastUse) {
        oldest = i;
      }
    }
    AddressSpace space = spaces[oldest];
    space.flush();
    space.satp = satp;
    space.lastUse = ++uses;
    return space;
  }

  /** The entries of the data TLB, all contexts. */
  long[] dataTlb() {
    return tlb;
  }

  /** Where those in use begin; those of a context that never hits while accesses are noted. */
  int dataContext() {
    return journal == null ? data.from() : nothing.from();
  }

  /** From now on all accesses go the slow way and are noted. */
  Journal record() {
    if (journals == null) {
      journals = new Journal(trap);
    }
    journal = journals;
    journal.record();
    return journal;
  }

  /** Accesses are as usual again. */
  void endJournal() {
    journal = null;
  }

  /** What accesses are noted in or given back from; usually null. */
  Journal journal() {
    return journal;
  }

  /** The fetch TLB in use. */
  FetchTlb fetchTlb() {
    return fetch;
  }

  // ---- flushes

  void flushData() {
    machine.flush();
    for (AddressSpace space : spaces) {
      if (space != null) {
        space.flushData();
      }
    }
  }

  void flushAll() {
    machine.flush();
    machineFetch.flush();
    fence(-1);
  }

  /** sfence.vma without an address; {@code asid} -1 for all. */
  void fence(int asid) {
    for (AddressSpace space : spaces) {
      if (space != null && (asid < 0 || space.asid() == asid)) {
        space.flush();
      }
    }
  }

  /** sfence.vma for one address; {@code asid} -1 for all. */
  void fencePage(long virtual, int asid) {
    for (AddressSpace space : spaces) {
      if (space != null && (asid < 0 || space.asid() == asid)) {
        space.flushPage(virtual);
      }
    }
  }

  /** fence.i: code is compared with memory before it runs again. */
  void synchroniseCode() {
    code.newGeneration();
    machineFetch.suspect();
    for (AddressSpace space : spaces) {
      if (space != null) {
        space.suspectCode();
      }
    }
  }

  void dropWritePermissions() {
    machine.dropWrites();
    for (AddressSpace space : spaces) {
      if (space != null) {
        space.dropWrites();
      }
    }
  }

  // ---- data

  /** Loads 1, 2, 4 or 8 bytes at any alignment, zero-extended. */
  long load(long virtual, int bytes) {
    return journal == null ? loadNow(virtual, bytes) : loadNoted(virtual, bytes);
  }

  private long loadNoted(long virtual, int bytes) {
    if (journal.replaying()) {
      return journal.load(virtual, bytes);
    }
    try {
      long hit = data.lookup(virtual, bytes, Access.LOAD);
      long value = hit != 0 ? HostMemory.get(hit, bytes) : loadNow(virtual, bytes);
      journal.loaded(virtual, bytes, value);
      return value;
    } catch (Trap t) {
      journal.faulted(t);
      throw t;
    }
  }

  private long loadNow(long virtual, int bytes) {
    if (crosses(virtual, bytes)) {
      return loadCrossing(virtual, bytes);
    }
    long host = resolve(virtual, bytes, Access.LOAD);
    return host != 0 ? HostMemory.get(host, bytes) : loadDevice(virtual, bytes);
  }

  /** Stores the low 1, 2, 4 or 8 bytes at any alignment. */
  void store(long virtual, int bytes, long value) {
    if (journal == null) {
      storeNow(virtual, bytes, value);
    } else {
      storeNoted(virtual, bytes, value);
    }
  }

  private void storeNoted(long virtual, int bytes, long value) {
    if (journal.replaying()) {
      journal.store(virtual, bytes, value);
      return;
    }
    try {
      long hit = data.lookup(virtual, bytes, Access.STORE);
      if (hit != 0) {
        HostMemory.set(hit, bytes, value);
      } else {
        storeNow(virtual, bytes, value);
      }
      journal.stored(virtual, bytes, value);
    } catch (Trap t) {
      journal.faulted(t);
      throw t;
    }
  }

  private void storeNow(long virtual, int bytes, long value) {
    if (crosses(virtual, bytes)) {
      storeCrossing(virtual, bytes, value);
      return;
    }
    long host = resolve(virtual, bytes, Access.STORE);
    if (host != 0) {
      HostMemory.set(host, bytes, value);
    } else {
      storeDevice(virtual, bytes, value);
    }
  }

  /**
   * Host address for an atomic access, which must be aligned and in RAM.
   *
   * @param access LOAD for load-reserved, STORE for all else
   */
  long atomicAddress(long virtual, int bytes, Access access) {
    if ((virtual & bytes - 1) != 0) {
      throw trap.with(
          access == Access.LOAD ? Trap.LOAD_MISALIGNED : Trap.STORE_MISALIGNED, virtual);
    }
    long hit = data.lookup(virtual, bytes, access);
    if (hit != 0) {
      return hit;
    }
    long host = resolve(virtual, bytes, access);
    if (host == 0) {
      throw trap.with(access.accessFault(), virtual);
    }
    return host;
  }

  private static boolean crosses(long virtual, int bytes) {
    return (virtual & 4095) > 4096 - bytes;
  }

  private long loadCrossing(long virtual, int bytes) {
    int low = (int) (4096 - (virtual & 4095));
    long first = resolveRam(virtual, low, Access.LOAD);
    long second = resolveRam(virtual + low, bytes - low, Access.LOAD);
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      long host = i < low ? first + i : second + (i - low);
      value = value << 8 | HostMemory.getByte(host) & 0xff;
    }
    return value;
  }

  private void storeCrossing(long virtual, int bytes, long value) {
    int low = (int) (4096 - (virtual & 4095));
    long first = resolveRam(virtual, low, Access.STORE);
    long second = resolveRam(virtual + low, bytes - low, Access.STORE);
    for (int i = 0; i < bytes; i++) {
      HostMemory.setByte(i < low ? first + i : second + (i - low), (byte) (value >>> 8 * i));
    }
  }

  private long resolveRam(long virtual, int bytes, Access access) {
    long host = resolve(virtual, bytes, access);
    if (host == 0) {
      throw trap.with(access.accessFault(), virtual);
    }
    return host;
  }

  private long loadDevice(long virtual, int bytes) {
    if ((virtual & bytes - 1) != 0) {
      throw trap.with(Trap.LOAD_ACCESS_FAULT, virtual);
    }
    try {
      return bus.load(physical, bytes);
    } catch (PhysicalBus.BusFault e) {
      throw trap.with(Trap.LOAD_ACCESS_FAULT, virtual);
    } catch (RuntimeException e) {
      throw deviceFailed(Trap.LOAD_ACCESS_FAULT, virtual, e);
    }
  }

  private void storeDevice(long virtual, int bytes, long value) {
    if ((virtual & bytes - 1) != 0) {
      throw trap.with(Trap.STORE_ACCESS_FAULT, virtual);
    }
    try {
      bus.store(physical, bytes, value);
    } catch (PhysicalBus.BusFault e) {
      throw trap.with(Trap.STORE_ACCESS_FAULT, virtual);
    } catch (RuntimeException e) {
      throw deviceFailed(Trap.STORE_ACCESS_FAULT, virtual, e);
    }
  }

  /** A device with a bug must not end the hart's thread: the guest is told, the log once a hart. */
  private Trap deviceFailed(int cause, long virtual, RuntimeException failure) {
    if (!deviceFailureLogged) {
      deviceFailureLogged = true;
      LOG.log(Level.ERROR, () -> "a device failed at 0x%x".formatted(physical), failure);
    }
    return trap.with(cause, virtual);
  }

  /**
   * Translates for data and fills the TLB where the whole page allows it.
   *
   * @return the host address, or 0 when there is no RAM: then {@link #physical} says where
   */
  private long resolve(long virtual, int bytes, Access access) {
    data.verify(virtual);
    long known = data.recall(virtual, access);
    if (known != 0) {
      return known;
    }
    boolean readable = translate(virtual, access, dataPrivilege);
    long page = physical & PAGE_MASK;
    int pagePermissions = pmp.permissions(page, 4096, dataPrivilege);
    int permissions =
        pagePermissions == Pmp.PARTIAL ? exact(bytes, dataPrivilege) : pagePermissions;
    if ((permissions & access.bit()) == 0) {
      throw trap.with(access.accessFault(), virtual);
    }
    GuestMemory.Mapping mapping = memory.lookup(physical, bytes);
    boolean store = access == Access.STORE;
    if (mapping == null || store && !mapping.writable()) {
      return 0;
    }
    long offset = physical - mapping.base();
    long host = HostMemory.address(mapping.block().segment(), offset, bytes);
    if (store) {
      // Before the store: whoever collects the log has parked this hart, so sees both or neither.
      mapping.block().dirtyLog().mark(offset);
    }
    if (pagePermissions != Pmp.PARTIAL && mapping.contains(page, 4096)) {
      boolean loads = readable && (permissions & Access.LOAD.bit()) != 0;
      data.fill(virtual, mapping.block().segment(), page - mapping.base(), loads, store);
      if (superpage) {
        data.noteSuperpage(virtual, walker.size());
      }
    }
    return host;
  }

  private int exact(int bytes, int privilege) {
    return Math.max(0, pmp.permissions(physical, bytes, privilege));
  }

  /** Sets {@link #physical}; returns whether page tables allow loads. */
  private boolean translate(long virtual, Access access, int privilege) {
    long satp = registers.satp;
    if (privilege == Privilege.MACHINE || PageWalker.mode(satp) == PageWalker.BARE) {
      physical = virtual;
      superpage = false;
      if ((virtual & ~PHYSICAL_MASK) != 0) {
        throw trap.with(access.accessFault(), virtual);
      }
      return true;
    }
    walker.walk(virtual, access, privilege, registers.mstatus, satp);
    physical = walker.physical();
    superpage = walker.size() > 4096;
    return walker.readable();
  }

  // ---- fetch

  /** Slots to go on with at {@code pc}. */
  long[] enter(long pc) {
    CodePage page = page(pc);
    return page != null ? page.slots() : single(pc);
  }

  /** Whether {@code pc} lies in this page; finds out without a trap. */
  boolean isMapped(long pc, CodePage page) {
    try {
      return page(pc) == page;
    } catch (Trap t) {
      return false;
    }
  }

  /** Decodes at {@code pc}; returns the slots of the page that holds it. */
  long[] decode(long pc) {
    CodePage page = page(pc);
    if (page == null) {
      return single(pc);
    }
    page.decodeFrom((int) (pc & 4095) >>> 1);
    return page.slots();
  }

  /**
   * Slots of which only the one at {@code pc} holds an instruction: one that crosses into the next
   * page, or lies in a page that PMP divides, and so must be checked each time.
   */
  long[] single(long pc) {
    return only(pc, code.decoder().decode(instruction(pc)));
  }

  /** Likewise, of a place where a translated region begins, as the page was decoded. */
  long[] untranslated(long pc) {
    CodePage page = page(pc);
    long decoded = page == null ? Op.CROSSING : page.decode((int) (pc & 4095) >>> 1);
    return Decoded.op(decoded) == Op.CROSSING ? single(pc) : only(pc, decoded);
  }

  private long[] only(long pc, long decoded) {
    single[singleSlot] = Decoded.of(Op.FETCH, 1, 0);
    singleSlot = (int) (pc & 4095) >>> 1;
    single[singleSlot] = decoded;
    return single;
  }

  /** The instruction bits at {@code pc}, 16 or 32. */
  int instruction(long pc) {
    int low = halfword(pc);
    return Decoder.isFull(low) ? low | halfword(pc + 2) << 16 : low;
  }

  private int halfword(long pc) {
    CodePage page = page(pc);
    long host = page != null ? page.host() + (pc & 4095) : resolveFetch(pc);
    return HostMemory.getShort(host) & 0xffff;
  }

  /** The decoded page at {@code pc}, or null where PMP divides the page. */
  private CodePage page(long pc) {
    CodePage known = fetch.lookup(pc);
    if (known != null) {
      return known;
    }
    CodePage recalled = fetch.recall(pc);
    if (recalled != null) {
      code.verify(recalled);
      return recalled;
    }
    translate(pc, Access.FETCH, registers.privilege);
    long address = physical & PAGE_MASK;
    int permissions = pmp.permissions(address, 4096, registers.privilege);
    if (permissions == Pmp.PARTIAL) {
      return null;
    }
    GuestMemory.Mapping mapping = memory.lookup(address, 4096);
    if ((permissions & Access.FETCH.bit()) == 0 || mapping == null) {
      throw trap.with(Trap.INSTRUCTION_ACCESS_FAULT, pc);
    }
    CodePage page = code.page(mapping, address - mapping.base());
    fetch.fill(pc, page, superpage ? walker.size() : 4096);
    return page;
  }

  private long resolveFetch(long pc) {
    translate(pc, Access.FETCH, registers.privilege);
    GuestMemory.Mapping mapping = memory.lookup(physical, 2);
    if ((exact(2, registers.privilege) & Access.FETCH.bit()) == 0 || mapping == null) {
      throw trap.with(Trap.INSTRUCTION_ACCESS_FAULT, pc);
    }
    return HostMemory.address(mapping.block().segment(), physical - mapping.base(), 2);
  }
}
