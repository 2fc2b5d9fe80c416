package handover.vmstate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupFormTest {
  private static final List<StateDeclaration.Group<Timer>> GROUPS = Timer.DECLARATION.groups();

  @Test
  void groupsHoldTheirFieldsInWireOrder() {
    Timer timer = Timer.running();
    assertThat(GROUPS)
        .extracting(StateDeclaration.Group::name)
        .containsExactly("fixed", "control", "hot");
    assertThat(GroupForm.encode(GROUPS.get(1), timer))
        .asHexString()
        .isEqualToIgnoringCase("01" + "000000000056" + "000000000000000000" + "00000000800000001f");
    assertThat(GroupForm.encode(GROUPS.get(2), timer))
        .as("subsection fields are always there")
        .asHexString()
        .isEqualToIgnoringCase("fffffffffffffffe" + "00000000fedcba9800000000" + "0000" + "0000");
  }

  @Test
  void digestIsStableAndSeesEveryField() {
    String golden = "8548b2456e14cf2c6d118b9e560b8fad6073bbb91a77f933f315f7622ddbf83a";
    assertThat(HexFormat.of().formatHex(GroupForm.digest(Timer.DECLARATION, Timer.running())))
        .isEqualTo(golden);
    Timer other = Timer.running();
    other.high = 1;
    assertThat(GroupForm.digest(Timer.DECLARATION, other))
        .isNotEqualTo(GroupForm.digest(Timer.DECLARATION, Timer.running()));
  }

  @Test
  void layoutIsStableAndTellsDeclarationsApart() {
    assertThat(GroupForm.layout(Timer.DECLARATION)).isEqualTo("13ef23a8d85f7647");
    assertThat(GroupForm.layout(Timer.Entry.DECLARATION))
        .isNotEqualTo(GroupForm.layout(Timer.DECLARATION));
  }

  @Test
  void decodeTakesExactlyWhatEncodeGave() {
    byte[] control = GroupForm.encode(GROUPS.get(1), Timer.running());
    Timer timer = new Timer();
    GroupForm.decode(GROUPS.get(1), timer, control);
    assertThat(GroupForm.encode(GROUPS.get(1), timer)).isEqualTo(control);
    assertThatThrownBy(
            () ->
                GroupForm.decode(GROUPS.get(1), timer, Arrays.copyOf(control, control.length + 3)))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("group control: expected the group's end, found 3 bytes more");
    assertThatThrownBy(
            () ->
                GroupForm.decode(GROUPS.get(1), timer, Arrays.copyOf(control, control.length - 1)))
        .isInstanceOf(StreamException.class);
  }

  @Test
  void valuesInWords() {
    assertThat(FieldText.of(GROUPS.get(1), Timer.running()))
        .containsEntry("enabled", "on")
        .containsEntry("mac", "000000000056")
        .containsEntry("entries", "[{addr_reg=0, cfg_reg=0}, {addr_reg=2147483648, cfg_reg=31}]");
    assertThat(FieldText.of(GROUPS.get(2), Timer.running()))
        .containsEntry("count", "-2")
        .containsEntry("compare", "[0, 4275878552, 0]")
        .doesNotContainKey("unused");
  }
}
