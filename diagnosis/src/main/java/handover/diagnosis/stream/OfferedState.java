package handover.diagnosis.stream;

import handover.devices.virtio.OfferedForm;
import handover.devices.virtio.OfferedLife;
import handover.devices.virtio.VirtioState;
import handover.devices.virtio.block.BlockState;
import handover.devices.virtio.console.ConsoleState;
import handover.devices.virtio.entropy.VirtioEntropy;
import handover.devices.virtio.net.VirtioNetState;
import handover.migration.Offer;
import handover.vmstate.GroupForm;
import handover.vmstate.StateDeclaration;
import handover.vmstate.StreamException;
import handover.vmstate.WireReader;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The state of one iterative device as it comes, group by group. A group's length depends on those
 * before it, so they are loaded into a state of the shape that the offer tells; what that makes of
 * the group, field by field, is then read as any section is.
 */
final class OfferedState<S extends VirtioState> {
  /** Every kind of device that sends groups, by its layout's digest in the offer. */
  private static final Map<String, OfferedForm<?>> FORMS =
      List.of(
              VirtioNetState.offered(),
              BlockState.offered(),
              ConsoleState.offered(),
              VirtioEntropy.State.offered())
          .stream()
          .collect(Collectors.toMap(f -> GroupForm.layout(f.declaration()), Function.identity()));

  private final String device;
  private final OfferedForm<S> form;
  private final OfferedLife life;
  private S state;

  private OfferedState(String device, OfferedForm<S> form, OfferedLife life) {
    this.device = device;
    this.form = form;
    this.life = life;
    this.state = form.blank().apply(life);
  }

  /** Layout's digest → what is known of it. */
  static Map<String, OfferedForm<?>> forms() {
    return FORMS;
  }

  /**
   * The state of a section of the offer; empty if its layout is not this program's own.
   *
   * @throws StreamException if the offer says what cannot be
   */
  static Optional<OfferedState<?>> of(Offer.Section section) {
    OfferedForm<?> form = FORMS.get(section.layout());
    return form == null || !VirtioSection.is(section.name())
        ? Optional.empty()
        : Optional.of(of(section, form));
  }

  private static <S extends VirtioState> OfferedState<S> of(
      Offer.Section section, OfferedForm<S> form) {
    boolean pci = VirtioSection.onPci(section.name());
    return new OfferedState<>(
        VirtioSection.device(section.name()), form, new OfferedLife(section.life(), pci));
  }

  /** What came before is void. */
  void restart() {
    state = form.blank().apply(life);
  }

  /** A group's name; empty if there is none of that number. */
  Optional<String> name(int index) {
    List<StateDeclaration.Group<S>> groups = form.declaration().groups();
    return index < groups.size() ? Optional.of(groups.get(index).name()) : Optional.empty();
  }

  /**
   * Takes a group in.
   *
   * @param index less than the number of groups
   * @param at where in the stream its bytes begin
   * @return its fields that take bytes, in wire order
   * @throws StreamException if it is not what the device could have sent
   */
  List<FieldValue> group(int index, byte[] bytes, long at) {
    StateDeclaration.Group<S> group = form.declaration().groups().get(index);
    GroupForm.decode(group, state, bytes);
    DescribedState described =
        StreamDescription.parse(GroupForm.describe(group, state)).sections().getFirst().state();
    if (described.bytes() != bytes.length) {
      throw new StreamException(
          "group %s: expected %d bytes, found %d"
              .formatted(group.name(), described.bytes(), bytes.length));
    }
    FieldDecoder decoder = new FieldDecoder(new WireReader(bytes), at);
    return decoder.state(described).stream()
        .filter(v -> v.bytes() > 0)
        .map(v -> VirtioWords.put(device, v, bytes, (int) (v.offset() - at)))
        .toList();
  }
}
