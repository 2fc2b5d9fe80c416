package handover.lab;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;

/**
 * Who the probe is on the wire and what it asks.
 *
 * @param mac its own address, 48 bits, unicast
 * @param address its own IPv4 address
 * @param guest the guest's IPv4 address, on the same network
 * @param localPort UDP port the probes come from
 * @param echoPort UDP port of the guest's echo service (RFC 862)
 * @param perSecond probes a second, 1 to 100,000
 * @param grace how long an answer may take before its probe counts as lost
 */
public record ProbeSettings(
    long mac,
    Inet4Address address,
    Inet4Address guest,
    int localPort,
    int echoPort,
    int perSecond,
    Duration grace) {
  private static final int MAX_PORT = 65535;
  private static final int MAX_RATE = 100_000;

  /** Checks ranges. */
  public ProbeSettings {
    require(mac >>> 48 == 0 && (mac >>> 40 & 1) == 0, "a unicast MAC address of 48 bits");
    require(localPort > 0 && localPort <= MAX_PORT, "a local port from 1 to 65535");
    require(echoPort > 0 && echoPort <= MAX_PORT, "an echo port from 1 to 65535");
    require(perSecond > 0 && perSecond <= MAX_RATE, "a rate from 1 to 100000 a second");
    require(!grace.isNegative(), "a grace period that is not negative");
  }

  /**
   * 10.0.2.2, asking 10.0.2.15 (where our guests are by default), from port 40000 to port 7, 2000
   * times a second, one second of grace.
   */
  public static ProbeSettings defaults() {
    return new ProbeSettings(
        0x5255_0a00_0202L,
        inet("10.0.2.2"),
        inet("10.0.2.15"),
        40_000,
        7,
        2000,
        Duration.ofSeconds(1));
  }

  /** The same at another rate. */
  public ProbeSettings withPerSecond(int rate) {
    return new ProbeSettings(mac, address, guest, localPort, echoPort, rate, grace);
  }

  /** The same, asking another guest. */
  public ProbeSettings withGuest(Inet4Address other) {
    return new ProbeSettings(mac, address, other, localPort, echoPort, perSecond, grace);
  }

  /** The address as on the wire. */
  byte[] macBytes() {
    return Arrays.copyOf(ByteBuffer.allocate(Long.BYTES).putLong(mac << 16).array(), 6);
  }

  private static Inet4Address inet(String literal) {
    try {
      return (Inet4Address) InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }

  private static void require(boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("probe: expected " + expected);
    }
  }
}
