package handover.migration;

import handover.vmstate.BackEndBudget;
import handover.vmstate.ChangeClass;
import handover.vmstate.GroupDigests;
import handover.vmstate.GroupForm;
import handover.vmstate.Migratable;
import handover.vmstate.QemuRelease;
import handover.vmstate.SectionHeader;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import handover.vmstate.WireWriter;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** One section as the destination receives it: staged piece by piece, or loaded whole. */
final class DestinationSection<S> {
  private final Migratable<S> device;
  private final StateDeclaration<S> declaration;
  private final byte[][] groups;
  private final GroupDigests<S> digests;
  private int sequence;
  private S base;
  private boolean staged;
  private S loaded;

  DestinationSection(Migratable<S> device) {
    this.device = device;
    this.declaration = device.declaration();
    this.groups = new byte[declaration.groups().size()][];
    this.digests = new GroupDigests<>(declaration);
  }

  String label() {
    return SectionHeader.label(device.sectionName(), device.instanceId());
  }

  boolean loaded() {
    return loaded != null;
  }

  /** Whether it must come: some sections are not known to every release of QEMU. */
  boolean required() {
    return declaration.versions().everywhere();
  }

  /**
   * Takes an early state in; returns what begins to prepare the device for it, meant for another
   * thread. The result completes when the device is prepared.
   */
  Supplier<CompletionStage<Void>> early(SourceMessage.Early early) {
    if (early.sequence() != sequence + 1) {
      throw new StreamException(
          "%s: early state %d follows %d".formatted(label(), early.sequence(), sequence));
    }
    boolean restart = early.restart() && staged;
    if (early.sequence() > SourceSection.MOST_EARLY_STATES) {
      throw new StreamException(
          "%s: more than %d early states".formatted(label(), SourceSection.MOST_EARLY_STATES));
    }
    if (early.restart()) {
      Arrays.fill(groups, null);
    }
    take(early.groups());
    S state = decode(false);
    // A second one, which nobody but us ever sees, is completed at the stop.
    base = decode(false);
    for (int i = 0; i < groups.length; i++) {
      if (!hot(i)) {
        digest(i, base);
      }
    }
    digests.settle();
    sequence = early.sequence();
    staged = true;
    return () -> stage(state, restart);
  }

  private CompletionStage<Void> stage(S state, boolean restart) {
    try {
      if (restart) {
        device.abort();
      }
      return device.stage(state);
    } catch (RuntimeException e) {
      throw explained("preparing", e);
    }
  }

  /** Saves, loads and digests a blank state to no effect, so that none of it is cold later. */
  void rehearse() {
    S state = device.blank();
    WireWriter out = new WireWriter();
    declaration.save(state, out, QemuRelease.newest());
    WireReader in = new WireReader(out.toByteArray());
    declaration.load(device.blank(), in, declaration.versionIn(QemuRelease.newest()));
    for (StateDeclaration.Group<S> group : declaration.groups()) {
      GroupForm.decode(group, state, GroupForm.encode(group, state));
    }
    var unused = GroupDigests.of(declaration, state).whole();
  }

  /**
   * The same for what will be done in earnest in a moment, with what has come: on the thread that
   * will do it.
   */
  void limberUp() {
    rehearse();
    if (staged) {
      S state = device.blank();
      for (int i = 0; i < groups.length; i++) {
        if (hot(i)) {
          digest(i, base);
          decode(declaration.groups().get(i), state, digests.bytes(i));
        }
      }
      var unused = digests.whole();
    }
  }

  /** Makes the device what it is, where that is all there is to a commit. */
  void rehearseCommit() {
    if (declaration.groups().stream().allMatch(g -> g.changes() == ChangeClass.HOT)) {
      device.commit(device.snapshot());
    }
  }

  /** Completes what was staged and compares digests. */
  void complete(SourceMessage.Final last) {
    if (loaded != null || !staged || last.sequence() != sequence) {
      throw new StreamException(
          "%s: a final state on top of early state %d, but %d was staged"
              .formatted(label(), last.sequence(), sequence));
    }
    S state = assemble(last.groups());
    if (!last.digest().equals(HexFormat.of().formatHex(digests.whole()))) {
      throw new StreamException(
          label()
              + ": the assembled state is not the source's (digests differ); set iterative-mig=off"
              + " for this device and report the fault");
    }
    loaded = state;
  }

  /**
   * Reads a classic payload, which replaces what was staged. The device is not reset: a back end
   * that is half prepared should not begin anew while the guest stands still.
   */
  void classic(WireReader in, int version) {
    if (loaded != null) {
      throw new StreamException("section %s came twice".formatted(label()));
    }
    S state = device.blank();
    try {
      declaration.load(state, in, version);
    } catch (RuntimeException e) {
      throw explained("loading", e);
    }
    loaded = state;
  }

  /** What the device's back end has cost, if it has one to set up. */
  Optional<BackEndBudget> backEndBudget() {
    return device.backEndBudget();
  }

  /** Makes the device what was loaded. */
  void commit() {
    staged = false;
    try {
      device.commit(loaded);
    } catch (RuntimeException e) {
      throw explained("committing", e);
    }
  }

  /** Undoes staging. */
  void discard() {
    if (staged) {
      staged = false;
      device.abort();
    }
  }

  /** What was staged with the hot groups; all of it anew if anything else changed. */
  private S assemble(List<SourceMessage.GroupBytes> last) {
    take(last);
    boolean onlyHot = onlyHot(last);
    S state = onlyHot ? base : decode(true);
    for (int i = 0; i < groups.length; i++) {
      if (onlyHot && hot(i)) {
        decode(i, state, true);
      }
      if (hot(i) || !onlyHot) {
        digest(i, state);
      }
    }
    return state;
  }

  /** A loop, as are others here that run while the guest stands still: streams are never warm. */
  private boolean onlyHot(List<SourceMessage.GroupBytes> changed) {
    for (SourceMessage.GroupBytes group : changed) {
      if (!hot(group.index())) {
        return false;
      }
    }
    return true;
  }

  private boolean hot(int group) {
    return declaration.groups().get(group).changes() == ChangeClass.HOT;
  }

  /** Digests a group as it would be sent from here: what was decoded, not what came. */
  private void digest(int group, S state) {
    var unused = digests.update(group, state);
  }

  private void take(List<SourceMessage.GroupBytes> changed) {
    for (SourceMessage.GroupBytes group : changed) {
      if (group.index() >= groups.length
          || declaration.groups().get(group.index()).changes() == ChangeClass.LIFE) {
        throw new StreamException(
            "%s: group %d is not one of those sent".formatted(label(), group.index()));
      }
      groups[group.index()] = group.bytes();
    }
  }

  private S decode(boolean whole) {
    S state = device.blank();
    for (int i = 0; i < groups.length; i++) {
      decode(i, state, whole);
    }
    return state;
  }

  private void decode(int index, S state, boolean whole) {
    StateDeclaration.Group<S> group = declaration.groups().get(index);
    if (groups[index] != null) {
      decode(group, state, groups[index]);
    } else if (group.changes() != ChangeClass.LIFE && (whole || !hot(index))) {
      throw new StreamException("%s: group %s never came".formatted(label(), group.name()));
    }
  }

  private void decode(StateDeclaration.Group<S> group, S state, byte[] bytes) {
    try {
      GroupForm.decode(group, state, bytes);
    } catch (RuntimeException e) {
      throw explained("reading", e);
    }
  }

  private StreamException explained(String what, RuntimeException e) {
    String reason = e instanceof StreamException ? e.getMessage() : e.toString();
    return new StreamException("%s %s failed: %s".formatted(what, label(), reason), e);
  }
}
