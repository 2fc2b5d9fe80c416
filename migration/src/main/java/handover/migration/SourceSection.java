package handover.migration;

import handover.vmstate.CarriesFrames;
import handover.vmstate.ChangeClass;
import handover.vmstate.GroupDigests;
import handover.vmstate.IterativeMigration;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.SectionHeader;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.StreamFormat;
import handover.vmstate.VmDescription;
import handover.vmstate.WireWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One section as the source sends it: classic, or early groups that are sent again when they
 * changed and completed at the stop.
 *
 * <p>A guest that reconfigures endlessly must not keep the sender busy, so what is sent again is
 * bounded; what is left goes at the stop. A reset begins a new epoch and starts over.
 */
final class SourceSection<S> {
  /** A destination may refuse more. */
  static final int MOST_EARLY_STATES = 64;

  private static final long MOST_EARLY_BYTES = 4 << 20;

  private final Migratable<S> device;
  private final StateDeclaration<S> declaration;
  private final int index;
  private final QemuRelease release;
  private final boolean[] sent;
  private final GroupDigests<S> digests;
  private boolean iterative;
  private long epoch;
  private long generation;
  private int sequence;
  private long earlyBytes;

  /**
   * A section with the index it has in the offer.
   *
   * @param release whose classic form is written
   */
  SourceSection(Migratable<S> device, int index, QemuRelease release) {
    this.release = release;
    this.device = device;
    this.declaration = device.declaration();
    this.index = index;
    this.sent = new boolean[declaration.groups().size()];
    this.digests = new GroupDigests<>(declaration);
  }

  String label() {
    return SectionHeader.label(device.sectionName(), device.instanceId());
  }

  /** The device, if frames are to follow it. */
  Optional<CarriesFrames> carrier() {
    return device instanceof CarriesFrames carrier ? Optional.of(carrier) : Optional.empty();
  }

  int index() {
    return index;
  }

  /** Takes the answer; a section that never offered it does not go early. */
  void iterative(boolean agreed) {
    iterative = agreed && device.iterativeMigration() != IterativeMigration.OFF;
  }

  /** Sequence of the newest early state; 0: none was sent. */
  int sequence() {
    return sequence;
  }

  /** The early state to send now, if there is news and it may still be sent. */
  Optional<SourceMessage.Early> early() {
    // Read before the snapshot: a change in between is then seen again, never missed.
    long nowEpoch = device.epoch();
    long nowGeneration = device.generation();
    boolean news = sequence == 0 || nowEpoch != epoch || nowGeneration != generation;
    if (!iterative || !news || exhausted()) {
      return Optional.empty();
    }
    boolean restart = sequence == 0 || nowEpoch != epoch;
    if (restart) {
      Arrays.fill(sent, false);
    }
    epoch = nowEpoch;
    generation = nowGeneration;
    List<SourceMessage.GroupBytes> changed = changed(device.snapshot(), false);
    if (changed.isEmpty() && !restart) {
      return Optional.empty();
    }
    sequence++;
    changed.forEach(g -> earlyBytes += g.bytes().length);
    digests.settle();
    return Optional.of(new SourceMessage.Early(index, sequence, restart, changed));
  }

  /** Whether the final state can build on what the destination has staged. */
  boolean staged(int acknowledged) {
    return iterative && sequence > 0 && acknowledged == sequence && device.epoch() == epoch;
  }

  /** The rest of the state, for a guest that has stopped. */
  SourceMessage.Final complete() {
    S state = device.snapshot();
    return new SourceMessage.Final(index, sequence, changed(state, true), wholeDigest());
  }

  /** Does what will be done at the stop, to no effect. */
  void rehearse() {
    var unusedDescription = saveClassic(new WireWriter());
    if (iterative) {
      var unusedDigest = GroupDigests.of(declaration, device.snapshot()).whole();
    }
  }

  /** The same for a destination that wants the section described. */
  void rehearseDescribed() {
    VmDescription description = new VmDescription(RamFormat.PAGE, release);
    saveClassic(new WireWriter()).accept(description);
    description.finish();
  }

  /** Appends the classic section; the result describes it, when there is time. */
  Consumer<VmDescription> saveClassic(WireWriter out) {
    SectionHeader header =
        new SectionHeader(
            StreamFormat.SECTION_FULL,
            index,
            device.sectionName(),
            device.instanceId(),
            declaration.versionIn(release));
    header.write(out);
    int before = out.length();
    S state = device.snapshot();
    try {
      declaration.save(state, out, release);
    } catch (RuntimeException e) {
      throw new StreamException("saving %s failed: %s".formatted(label(), e), e);
    }
    int payload = out.length() - before;
    header.writeFooter(out);
    return description ->
        description.section(device.sectionName(), device.instanceId(), declaration, state, payload);
  }

  private String wholeDigest() {
    return HexFormat.of().formatHex(digests.whole());
  }

  private boolean exhausted() {
    return sequence >= MOST_EARLY_STATES || earlyBytes >= MOST_EARLY_BYTES;
  }

  private List<SourceMessage.GroupBytes> changed(S state, boolean hotToo) {
    List<SourceMessage.GroupBytes> changed = new ArrayList<>();
    List<StateDeclaration.Group<S>> groups = declaration.groups();
    for (int i = 0; i < groups.size(); i++) {
      ChangeClass changes = groups.get(i).changes();
      boolean hot = changes == ChangeClass.HOT;
      if (hotToo || !hot) {
        boolean news = digests.update(i, state) || !sent[i];
        if (changes != ChangeClass.LIFE && (hot || news)) {
          sent[i] = true;
          changed.add(new SourceMessage.GroupBytes(i, digests.bytes(i)));
        }
      }
    }
    return changed;
  }
}
