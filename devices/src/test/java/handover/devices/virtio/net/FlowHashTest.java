package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class FlowHashTest {
  @Property(tries = 200)
  void bothDirectionsMeet(
      @ForAll long seed, @ForAll boolean ipv6, @ForAll @IntRange(min = 1, max = 40) int pairs) {
    byte[] there = TcpPacket.build(new Random(seed), ipv6, 0, 0, new byte[9]);
    byte[] back = there.clone();
    int ip = TcpPacket.ipOffset(there);
    int width = ipv6 ? 16 : 4;
    int addresses = ipv6 ? ip + 8 : ip + 12;
    swap(there, back, addresses, width);
    swap(there, back, TcpPacket.tcpOffset(there), 2);
    int pair = FlowHash.pair(there, 0, there.length, pairs);
    assertThat(pair).isBetween(0, pairs - 1);
    assertThat(FlowHash.pair(back, 0, back.length, pairs)).isEqualTo(pair);
  }

  @Property(tries = 1000)
  void anyBytesHaveAPair(@ForAll @Size(min = 14, max = 70) byte[] frame, @ForAll boolean ipv6) {
    frame[12] = (byte) (ipv6 ? 0x86 : 0x08);
    frame[13] = (byte) (ipv6 ? 0xdd : 0);
    assertThat(FlowHash.pair(frame, 0, frame.length, 8)).isBetween(0, 7);
  }

  @Test
  void flowsSpread() {
    int[] counts = new int[4];
    byte[] frame = TcpPacket.build(new Random(3), false, 0, 0, new byte[9]);
    int ports = TcpPacket.tcpOffset(frame);
    for (int port = 0; port < 4000; port++) {
      TcpPacket.put16(frame, ports, port);
      counts[FlowHash.pair(frame, 0, frame.length, 4)]++;
    }
    assertThat(Arrays.stream(counts)).allMatch(n -> n > 800 && n < 1200);
  }

  private static void swap(byte[] from, byte[] to, int at, int width) {
    System.arraycopy(from, at, to, at + width, width);
    System.arraycopy(from, at + width, to, at, width);
  }
}
