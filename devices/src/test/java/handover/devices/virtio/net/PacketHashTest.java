package handover.devices.virtio.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Toeplitz hash, against the values published for verifying RSS implementations. */
class PacketHashTest {
  private static final String KEY =
      "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa";

  private final RssConfig rss = new RssConfig();
  private final PacketHash hash = new PacketHash();

  PacketHashTest() {
    System.arraycopy(HexFormat.of().parseHex(KEY), 0, rss.key, 0, 40);
    rss.enabled = true;
  }

  private void compute(int types, String hexFromIp, int etherType) {
    byte[] ip = HexFormat.of().parseHex(hexFromIp);
    byte[] frame = new byte[14 + ip.length + 40];
    InternetChecksum.u16(frame, 12, etherType);
    System.arraycopy(ip, 0, frame, 14, ip.length);
    rss.hashTypes = types;
    hash.compute(frame, 0, frame.length, rss);
  }

  @ParameterizedTest
  @CsvSource({
    "420995bb, a18e6450, 0aea, 06e6, 323e8fc2, 51ccc178",
    "c75c6f02, 41458c53, 3796, 1283, d718262a, c626b0ea"
  })
  void ipv4(String from, String to, String port, String toPort, String plain, String withPorts) {
    String packet = "4500003c0000000040060000" + from + to + port + toPort;
    compute(PacketHash.IPV4, packet, 0x0800);
    assertThat(hash.value()).isEqualTo(HexFormat.fromHexDigits(plain));
    assertThat(hash.report()).isEqualTo(1);
    compute(PacketHash.IPV4 | PacketHash.TCPV4, packet, 0x0800);
    assertThat(hash.value()).isEqualTo(HexFormat.fromHexDigits(withPorts));
    assertThat(hash.report()).isEqualTo(2);
    compute(PacketHash.UDPV4 | PacketHash.SUPPORTED << 3, packet, 0x0800);
    assertThat(hash.report()).isEqualTo(PacketHash.NONE);
  }

  private static final String ADDRESSES =
      "3ffe250102001fff0000000000000007" + "3ffe2501020000030000000000000001";

  @Test
  void ipv6() {
    String packet = "6000000000140640" + ADDRESSES + "0aea06e6";
    compute(PacketHash.IPV6, packet, 0x86dd);
    assertThat(hash.value()).isEqualTo(0x2cc18cd5);
    assertThat(hash.report()).isEqualTo(4);
    compute(PacketHash.IPV6 | PacketHash.TCPV6, packet, 0x86dd);
    assertThat(hash.value()).isEqualTo(0x40207d3d);
    assertThat(hash.report()).isEqualTo(5);
    compute(PacketHash.IPV6_EX | PacketHash.TCPV6_EX, packet, 0x86dd);
    assertThat(hash.value()).isEqualTo(0x40207d3d);
    assertThat(hash.report()).isEqualTo(8);
  }

  @Test
  void aHomeAddressStandsForTheSourceInTheExtendedTypesOnly() {
    String careOf = "2001000000000000" + "0000000000000099";
    String to = "3ffe2501020000030000000000000001";
    String home = "c910" + "3ffe250102001fff0000000000000007";
    String packet = "60000000002c3c40" + careOf + to + "0602" + "01020000" + home + "0aea06e6";
    compute(PacketHash.TCPV6_EX, packet, 0x86dd);
    assertThat(hash.value()).isEqualTo(0x40207d3d);
    compute(PacketHash.TCPV6, packet, 0x86dd);
    assertThat(hash.value()).isNotEqualTo(0x40207d3d);
    assertThat(hash.report()).isEqualTo(5);
  }

  @Property(tries = 2000)
  void anyFrameHasAHash(@ForAll @Size(max = 120) byte[] bytes, @ForAll boolean six) {
    if (bytes.length > 20) {
      InternetChecksum.u16(bytes, 12, six ? 0x86dd : 0x0800);
    }
    rss.hashTypes = PacketHash.SUPPORTED;
    hash.compute(bytes, 0, bytes.length, rss);
    assertThat(hash.report()).isBetween(0, 9);
  }
}
