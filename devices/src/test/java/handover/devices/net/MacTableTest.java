package handover.devices.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class MacTableTest {
  @Property(tries = 100)
  void agreesWithAMapWhileThereIsRoom(
      @ForAll java.util.List<@net.jqwik.api.constraints.IntRange(max = 20) Integer> moves) {
    MacTable<String> table = new MacTable<>();
    Map<Long, String> map = new HashMap<>();
    for (int i = 0; i < moves.size(); i++) {
      long address = moves.get(i) * 0x0101_0101_0101L;
      String port = "port " + i % 3;
      assertThat(table.learn(address, port)).isEqualTo(map.put(address, port));
    }
    table.forget("port 1");
    map.values().removeIf("port 1"::equals);
    for (int i = 0; i <= 20; i++) {
      assertThat(table.find(i * 0x0101_0101_0101L)).isEqualTo(map.get(i * 0x0101_0101_0101L));
    }
  }

  @Test
  void aFloodOfAddressesForgetsOldOnesOnly() {
    MacTable<String> table = new MacTable<>();
    for (long address = 0; address < 1_000_000; address++) {
      table.learn(address, "flood");
      table.learn(-1, "steady");
    }
    assertThat(table.find(999_999)).isEqualTo("flood");
    assertThat(table.find(-1)).isEqualTo("steady");
  }
}
