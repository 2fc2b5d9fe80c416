package handover.vmstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GroupDigestsTest {
  private static final StateDeclaration<Timer> DECLARATION = Timer.DECLARATION;

  private final Timer timer = Timer.running();
  private final GroupDigests<Timer> digests = GroupDigests.of(DECLARATION, timer);

  @Test
  void oneChangedGroupIsNewsOnceAndLeadsToTheDigestOfAll() {
    timer.count++;
    assertThat(news()).as("groups that are news").isEqualTo(1);
    assertThat(news()).as("the same again").isZero();
    assertThat(digests.whole()).isEqualTo(GroupForm.digest(DECLARATION, timer));
  }

  @Test
  void givesBackTheGroupsBytes() {
    for (int i = 0; i < DECLARATION.groups().size(); i++) {
      assertThat(digests.bytes(i)).isEqualTo(GroupForm.encode(DECLARATION.groups().get(i), timer));
    }
  }

  @Test
  void isOfAllGroupsOrNone() {
    assertThatThrownBy(new GroupDigests<>(DECLARATION)::whole)
        .isInstanceOf(IllegalStateException.class);
  }

  private int news() {
    int news = 0;
    for (int i = 0; i < DECLARATION.groups().size(); i++) {
      news += digests.update(i, timer) ? 1 : 0;
    }
    return news;
  }
}
