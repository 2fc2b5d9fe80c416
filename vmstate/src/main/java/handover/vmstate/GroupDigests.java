package handover.vmstate;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * The canonical digest of a state as its groups change: SHA-256 over every group's counted name and
 * the SHA-256 of its bytes, in order. A group whose bytes are those of the last time is not
 * digested again, so that at the stop only the hot ones are.
 *
 * @param <S> the saved type
 */
public final class GroupDigests<S> {
  private static final int DIGEST_BYTES = 32;

  private final List<StateDeclaration.Group<S>> groups;
  private final MessageDigest sha256 = GroupForm.sha256();
  private final WireWriter encoded = new WireWriter();
  private final byte[][] bytes;

  /** Names and digests, as they are digested in the end. */
  private final byte[] canonical;

  private final int[] digestAt;

  /** No group is known yet. */
  public GroupDigests(StateDeclaration<S> declaration) {
    this.groups = declaration.groups();
    this.bytes = new byte[groups.size()][];
    this.digestAt = new int[groups.size()];
    WireWriter form = new WireWriter();
    for (int i = 0; i < digestAt.length; i++) {
      form.counted(groups.get(i).name());
      digestAt[i] = form.length();
      form.zeros(DIGEST_BYTES);
    }
    this.canonical = form.toByteArray();
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
    byte[] digest = sha256.digest(bytes[group]);
    System.arraycopy(digest, 0, canonical, digestAt[group], DIGEST_BYTES);
    return true;
  }

  /** The group's bytes as they were last, which nobody changes; it was given before. */
  public byte[] bytes(int group) {
    return bytes[group];
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
    return sha256.digest(canonical);
  }
}
