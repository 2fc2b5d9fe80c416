package handover.migration;

import handover.vmstate.GroupForm;
import handover.vmstate.StateDeclaration;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The canonical digest of a state as its groups change: a group whose bytes are those of the last
 * time is not digested again, so that at the stop only the hot ones are.
 */
final class GroupDigests<S> {
  private final StateDeclaration<S> declaration;
  private final byte[][] bytes;
  private final byte[][] digests;

  GroupDigests(StateDeclaration<S> declaration) {
    this.declaration = declaration;
    this.bytes = new byte[declaration.groups().size()][];
    this.digests = new byte[bytes.length][];
  }

  /** All groups of one state. */
  static <S> GroupDigests<S> of(StateDeclaration<S> declaration, S state) {
    GroupDigests<S> digests = new GroupDigests<>(declaration);
    for (int i = 0; i < digests.bytes.length; i++) {
      digests.update(i, GroupForm.encode(declaration.groups().get(i), state));
    }
    return digests;
  }

  /** The group has these bytes now, which nobody changes. */
  void update(int group, byte[] encoded) {
    if (!Arrays.equals(bytes[group], encoded)) {
      bytes[group] = encoded;
      digests[group] = GroupForm.digest(encoded);
    }
  }

  /** Over all groups, each of which was given at least once, in hexadecimal. */
  String whole() {
    return HexFormat.of().formatHex(GroupForm.combine(declaration, digests));
  }
}
