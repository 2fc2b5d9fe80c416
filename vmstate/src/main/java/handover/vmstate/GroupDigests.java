package handover.vmstate;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * The canonical digest of a state as its groups change: SHA-256 over every group that is not HOT,
 * its counted name and the SHA-256 of its bytes, in order, and then over every HOT group, its
 * counted name, the u32 length of its bytes, and the bytes. So all but the HOT groups is digested
 * while the guest runs, and they are digested once.
 *
 * @param <S> the saved type
 */
public final class GroupDigests<S> {
  private final List<StateDeclaration.Group<S>> groups;
  private final WireWriter encoded = new WireWriter();
  private final MessageDigest sha256 = GroupForm.sha256();
  private final byte[][] names;
  private final byte[][] bytes;
  private final byte[][] digests;

  /** Over the groups that are not HOT, as they are now; made when it is asked for. */
  private MessageDigest settled;

  private boolean stale = true;

  /** No group is known yet. */
  public GroupDigests(StateDeclaration<S> declaration) {
    this.groups = declaration.groups();
    this.bytes = new byte[groups.size()][];
    this.digests = new byte[groups.size()][];
    this.names = new byte[groups.size()][];
    for (int i = 0; i < names.length; i++) {
      names[i] = counted(groups.get(i).name());
    }
  }

  private static byte[] counted(String name) {
    WireWriter form = new WireWriter();
    form.counted(name);
    return form.toByteArray();
  }

  /** All groups of one state. */
  public static <S> GroupDigests<S> of(StateDeclaration<S> declaration, S state) {
    GroupDigests<S> digests = new GroupDigests<>(declaration);
    for (int i = 0; i < digests.bytes.length; i++) {
      var unused = digests.update(i, state);
    }
    return digests;
  }

  /**
   * The group is now as {@code state} has it.
   *
   * @return whether that is news
   */
  public boolean update(int group, S state) {
    encoded.clear();
    GroupForm.encode(groups.get(group), state, encoded);
    if (bytes[group] != null && encoded.equalTo(bytes[group])) {
      return false;
    }
    bytes[group] = encoded.toByteArray();
    if (!hot(group)) {
      digests[group] = sha256.digest(bytes[group]);
      stale = true;
    }
    return true;
  }

  /** The group's bytes as they were last, which nobody changes; it was given before. */
  public byte[] bytes(int group) {
    return bytes[group];
  }

  /** Does what can be done of {@link #whole} before the HOT groups are known. */
  public void settle() {
    if (stale) {
      settled = GroupForm.sha256();
      for (int i = 0; i < names.length; i++) {
        if (digests[i] != null) {
          settled.update(names[i]);
          settled.update(digests[i]);
        }
      }
      stale = false;
    }
  }

  /**
   * Over all groups.
   *
   * @throws IllegalStateException if one of them was never given
   */
  public byte[] whole() {
    if (Arrays.asList(bytes).contains(null)) {
      throw new IllegalStateException("a group was never given");
    }
    settle();
    encoded.clear();
    for (int i = 0; i < bytes.length; i++) {
      if (hot(i)) {
        encoded.bytes(names[i]);
        encoded.u32(bytes[i].length);
        encoded.bytes(bytes[i]);
      }
    }
    MessageDigest all = copy(settled);
    all.update(encoded.array(), 0, encoded.length());
    return all.digest();
  }

  private boolean hot(int group) {
    return groups.get(group).changes() == ChangeClass.HOT;
  }

  private static MessageDigest copy(MessageDigest digest) {
    try {
      return (MessageDigest) digest.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the platform's SHA-256 can be copied", e);
    }
  }
}
