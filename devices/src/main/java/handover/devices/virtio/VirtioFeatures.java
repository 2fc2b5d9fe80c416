package handover.devices.virtio;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Names of virtio's feature bits (virtio 1.2, sections 5 and 6), as QEMU's properties spell them.
 */
public final class VirtioFeatures {
  private static final Map<Integer, String> COMMON =
      bits(
          "24 notify_on_empty 27 any_layout 28 indirect_desc 29 event_idx 30 bad_feature"
              + " 32 version_1 33 iommu_platform 34 packed 35 in_order 36 order_platform 37 sr_iov"
              + " 38 notification_data 39 notif_config_data 40 queue_reset 41 admin_vq");

  private static final Map<String, Map<Integer, String>> DEVICES =
      Map.of(
          "virtio-net",
              bits(
                  "0 csum 1 guest_csum 2 ctrl_guest_offloads 3 host_mtu 5 mac 6 gso 7 guest_tso4"
                      + " 8 guest_tso6 9 guest_ecn 10 guest_ufo 11 host_tso4 12 host_tso6 13 host_ecn"
                      + " 14 host_ufo 15 mrg_rxbuf 16 status 17 ctrl_vq 18 ctrl_rx 19 ctrl_vlan"
                      + " 20 ctrl_rx_extra 21 guest_announce 22 mq 23 ctrl_mac_addr 52 vq_notf_coal"
                      + " 53 notf_coal 54 guest_uso4 55 guest_uso6 56 host_uso 57 hash 59 guest_hdrlen"
                      + " 60 rss 61 guest_rsc_ext 62 standby 63 speed_duplex"),
          "virtio-blk",
              bits(
                  "0 barrier 1 size_max 2 seg_max 4 geometry 5 ro 6 blk_size 7 scsi 9 flush"
                      + " 10 topology 11 config-wce 12 mq 13 discard 14 write-zeroes 15 lifetime"
                      + " 16 secure-erase 17 zoned"),
          "virtio-console", bits("0 size 1 multiport 2 emerg_write"),
          "virtio-balloon",
              bits(
                  "0 must-tell-host 1 stats-vq 2 deflate-on-oom 3 free-page-hint 4 page-poison"
                      + " 5 free-page-reporting"),
          "virtio-scsi", bits("0 inout 1 hotplug 2 param_change 3 t10_pi"),
          "virtio-gpu", bits("0 virgl 1 edid 2 resource_uuid 3 blob 4 context_init"),
          "virtio-vsock", bits("0 stream 1 seqpacket"));

  /** Devices whose section has another name than the device's kind. */
  private static final Map<String, String> ALIASES =
      Map.of("virtio-serial", "virtio-console", "vhost-vsock", "virtio-vsock");

  /** Properties that are spelt unlike the specification's constants. */
  private static final Map<String, String> SPECIFIED =
      Map.of(
          "host_mtu", "MTU",
          "hash", "HASH_REPORT",
          "queue_reset", "RING_RESET",
          "packed", "RING_PACKED",
          "iommu_platform", "ACCESS_PLATFORM");

  private static final int FIRST_OF_RING = 28;
  private static final int LAST_OF_RING = 29;

  private VirtioFeatures() {}

  /** The bits set in {@code features}, by name, lowest first. */
  public static String names(String device, long features) {
    StringJoiner names = new StringJoiner(" ");
    for (int bit = 0; bit < Long.SIZE; bit++) {
      if ((features >>> bit & 1) != 0) {
        names.add(name(device, bit));
      }
    }
    return names.toString();
  }

  /** A bit's name. */
  public static String name(String device, int bit) {
    String own = device(device).get(bit);
    return own != null ? own : COMMON.getOrDefault(bit, "bit " + bit);
  }

  /** The bit of a device property that switches a feature, such as {@code mrg_rxbuf}. */
  public static Optional<Integer> bit(String device, String property) {
    String wanted = property.toLowerCase(Locale.ROOT);
    return List.of(device(device), COMMON).stream()
        .flatMap(m -> m.entrySet().stream())
        .filter(e -> e.getValue().equals(wanted))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** A bit as the specification's constant names it: {@code VIRTIO_NET_F_MRG_RXBUF}. */
  public static String constant(String device, int bit) {
    String name = name(device, bit);
    String word = SPECIFIED.getOrDefault(name, name).toUpperCase(Locale.ROOT).replace('-', '_');
    String own = ALIASES.getOrDefault(device, device).replace("virtio-", "");
    String prefix =
        device(device).containsKey(bit)
            ? own.toUpperCase(Locale.ROOT) + "_"
            : bit >= FIRST_OF_RING && bit <= LAST_OF_RING ? "RING_" : "";
    return "VIRTIO_%sF_%s".formatted(prefix, word);
  }

  /** The bit of a constant of the specification. */
  public static Optional<Integer> ofConstant(String device, String constant) {
    return IntStream.range(0, Long.SIZE)
        .filter(bit -> constant(device, bit).equals(constant))
        .boxed()
        .findFirst();
  }

  private static Map<Integer, String> device(String device) {
    return DEVICES.getOrDefault(ALIASES.getOrDefault(device, device), Map.of());
  }

  private static Map<Integer, String> bits(String table) {
    Map<Integer, String> bits = new TreeMap<>();
    String[] words = table.split(" ", -1);
    for (int i = 0; i < words.length; i += 2) {
      bits.put(Integer.valueOf(words[i]), words[i + 1]);
    }
    return bits;
  }
}
