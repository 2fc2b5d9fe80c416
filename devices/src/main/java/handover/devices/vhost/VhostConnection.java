package handover.devices.vhost;

import handover.devices.virtio.Features;
import handover.devices.virtio.backend.QueueSetup;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A back end that was shaken hands with, and what can be said to it. What is {@code tell}-ed is
 * sent at once and known to be done after {@link #settle}. Used by one thread at a time.
 */
final class VhostConnection {
  /** Rings that SET_VRING_KICK can name. */
  static final int MAX_RINGS = 256;

  private static final int LOG_USED_RING = 1;

  /**
   * A piece of guest memory.
   *
   * @param address guest-physical address; rings are named by it, too
   * @param descriptor the memory's file descriptor, from its first byte on
   */
  record Region(long address, long bytes, int descriptor) {}

  private final VhostChannel channel;
  private final long features;
  private final long protocolFeatures;
  private final int queuePairs;

  private VhostConnection(
      VhostChannel channel, long features, long protocolFeatures, int queuePairs) {
    this.channel = channel;
    this.features = features;
    this.protocolFeatures = protocolFeatures;
    this.queuePairs = queuePairs;
  }

  /**
   * Shakes hands.
   *
   * @throws IOException if the back end is not one we can work with
   */
  static VhostConnection open(VhostChannel channel) throws IOException {
    long features = number(channel, VhostRequest.GET_FEATURES);
    require(features, VhostFeatures.PROTOCOL_FEATURES, "VHOST_USER_F_PROTOCOL_FEATURES");
    require(features, Features.VERSION_1, "VIRTIO_F_VERSION_1");
    long protocol = number(channel, VhostRequest.GET_PROTOCOL_FEATURES) & VhostFeatures.PROTOCOL;
    channel.send(VhostRequest.SET_PROTOCOL_FEATURES, VhostChannel.u64(protocol));
    long pairs =
        (protocol & VhostFeatures.MQ) == 0 ? 1 : number(channel, VhostRequest.GET_QUEUE_NUM);
    channel.send(VhostRequest.SET_OWNER, VhostChannel.payload(0));
    if (pairs < 1 || pairs > 0xffff) {
      throw new ProtocolException("expected 1 to 65535 queue pairs, got " + pairs);
    }
    return new VhostConnection(channel, features, protocol, (int) pairs);
  }

  private static void require(long features, long feature, String name) throws IOException {
    if ((features & feature) == 0) {
      throw new ProtocolException(
          "the back end lacks %s (it offers 0x%x)".formatted(name, features));
    }
  }

  /** Features that the back end offers. */
  long features() {
    return features;
  }

  /** Queue pairs that it can work. */
  int queuePairs() {
    return queuePairs;
  }

  /** Whether it can say which pages it writes. */
  boolean logs() {
    return (features & VhostFeatures.LOG_ALL) != 0 && has(VhostFeatures.LOG_SHMFD);
  }

  /** Says which features hold. */
  void tellFeatures(long wanted) throws IOException {
    tell(VhostRequest.SET_FEATURES, VhostChannel.u64(wanted & features));
  }

  /** Shares guest memory. */
  void tellMemory(List<Region> regions) throws IOException {
    ByteBuffer table = VhostChannel.payload(8 + 32 * regions.size());
    table.putInt(regions.size()).putInt(0);
    for (Region region : regions) {
      // Our own addresses are nobody's business; any that are unique will do.
      table.putLong(region.address()).putLong(region.bytes());
      table.putLong(region.address()).putLong(0);
    }
    int[] descriptors = regions.stream().mapToInt(Region::descriptor).toArray();
    tell(VhostRequest.SET_MEM_TABLE, table, descriptors);
  }

  /** Shares the log of dirty pages; returns when the back end uses it. */
  void tellLog(long bytes, int descriptor) throws IOException {
    settle();
    ByteBuffer log = VhostChannel.payload(16).putLong(0, bytes);
    channel.send(VhostRequest.SET_LOG_BASE, log, descriptor);
    channel.reply(VhostRequest.SET_LOG_BASE, 0, VhostChannel.MAX_PAYLOAD);
  }

  /** Says how many entries a ring has. */
  void tellSize(QueueSetup queue) throws IOException {
    tell(VhostRequest.SET_VRING_NUM, state(queue.index(), queue.size()));
  }

  /** Says where a ring is, and whether writes to it are logged. */
  void tellAddresses(QueueSetup queue, boolean logged) throws IOException {
    ByteBuffer addresses = VhostChannel.payload(40);
    addresses.putInt(queue.index()).putInt(logged ? LOG_USED_RING : 0);
    addresses.putLong(queue.descriptors()).putLong(queue.used()).putLong(queue.available());
    addresses.putLong(queue.used());
    tell(VhostRequest.SET_VRING_ADDR, addresses);
  }

  /** Says where in a ring to go on. */
  void tellBase(int ring, int base) throws IOException {
    tell(VhostRequest.SET_VRING_BASE, state(ring, base));
  }

  /** Hands over the event that the driver's kicks come by. */
  void tellKick(int ring, int descriptor) throws IOException {
    tell(VhostRequest.SET_VRING_KICK, VhostChannel.u64(ring), descriptor);
  }

  /** Hands over the event that asks for an interrupt. */
  void tellCall(int ring, int descriptor) throws IOException {
    tell(VhostRequest.SET_VRING_CALL, VhostChannel.u64(ring), descriptor);
  }

  /** Lets a ring be worked, or not. */
  void tellEnabled(int ring, boolean enabled) throws IOException {
    tell(VhostRequest.SET_VRING_ENABLE, state(ring, enabled ? 1 : 0));
  }

  /** Asks the back end to announce the guest, if it can. */
  void tellAnnounce(byte[] mac) throws IOException {
    if (has(VhostFeatures.RARP)) {
      ByteBuffer payload = VhostChannel.payload(Long.BYTES);
      payload.put(0, mac);
      tell(VhostRequest.SEND_RARP, payload);
    }
  }

  /** Stops rings; returns where each of them stands, in the same order. */
  int[] stop(List<Integer> rings) throws IOException {
    settle();
    for (int ring : rings) {
      channel.send(VhostRequest.GET_VRING_BASE, state(ring, 0));
    }
    int[] bases = new int[rings.size()];
    for (int i = 0; i < bases.length; i++) {
      ByteBuffer answer = channel.reply(VhostRequest.GET_VRING_BASE, 8, 8);
      if (answer.getInt(0) != rings.get(i)) {
        throw new ProtocolException(
            "asked where ring %d stands, got an answer about ring %d"
                .formatted(rings.get(i), Integer.toUnsignedLong(answer.getInt(0))));
      }
      bases[i] = answer.getInt(4);
    }
    return bases;
  }

  /** Returns when everything told has been done. */
  void settle() throws IOException {
    channel.settle();
    if (!has(VhostFeatures.REPLY_ACK)) {
      // Requests are served in order, so the answer to any of them is one to those before.
      number(channel, VhostRequest.GET_FEATURES);
    }
  }

  /** Ends the connection. Any thread. */
  void shutDown() {
    channel.shutDown();
  }

  private boolean has(long protocolFeature) {
    return (protocolFeatures & protocolFeature) != 0;
  }

  private void tell(VhostRequest request, ByteBuffer payload, int... descriptors)
      throws IOException {
    if (has(VhostFeatures.REPLY_ACK)) {
      channel.sendForAck(request, payload, descriptors);
    } else {
      channel.send(request, payload, descriptors);
    }
  }

  private static ByteBuffer state(int ring, int number) {
    return VhostChannel.payload(8).putInt(0, ring).putInt(4, number);
  }

  private static long number(VhostChannel channel, VhostRequest request) throws IOException {
    channel.send(request, VhostChannel.payload(0));
    return channel.reply(request, Long.BYTES, Long.BYTES).getLong(0);
  }
}
