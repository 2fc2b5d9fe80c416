package handover.devices.vhost;

import static handover.devices.vhost.VhostRequest.GET_VRING_BASE;
import static handover.devices.vhost.VhostRequest.SEND_RARP;
import static handover.devices.vhost.VhostRequest.SET_FEATURES;
import static handover.devices.vhost.VhostRequest.SET_LOG_BASE;
import static handover.devices.vhost.VhostRequest.SET_MEM_TABLE;
import static handover.devices.vhost.VhostRequest.SET_VRING_ADDR;
import static handover.devices.vhost.VhostRequest.SET_VRING_BASE;
import static handover.devices.vhost.VhostRequest.SET_VRING_CALL;
import static handover.devices.vhost.VhostRequest.SET_VRING_ENABLE;
import static handover.devices.vhost.VhostRequest.SET_VRING_KICK;
import static handover.devices.vhost.VhostRequest.SET_VRING_NUM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import handover.devices.net.Await;
import handover.devices.virtio.Features;
import handover.devices.virtio.Saving;
import handover.devices.virtio.TestGuest;
import handover.devices.virtio.net.VirtioNetState;
import handover.memory.DirtyLog;
import handover.vmstate.StreamException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The front end before a scripted back end: what is said when, and what becomes of the answers. */
@Timeout(60)
class VhostUserNetdevTest {
  private static final VhostRequest[] SERVING = {
    SET_VRING_BASE, SET_VRING_CALL, SET_VRING_KICK, SET_VRING_ENABLE
  };

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private Path folder;
  private ScriptedBackEnd backEnd;
  private VhostGuest source;

  /** A short path: sockets' are limited. */
  @BeforeEach
  void boot() throws Exception {
    folder = Files.createTempDirectory("vh");
    backEnd = keep(new ScriptedBackEnd(folder.resolve("a")));
    source = keep(new VhostGuest(new TestGuest(), folder.resolve("a"), 2));
  }

  @AfterEach
  void close() throws Exception {
    while (!open.isEmpty()) {
      open.pop().close();
    }
    Files.deleteIfExists(folder.resolve("a"));
    Files.deleteIfExists(folder.resolve("b"));
    Files.delete(folder);
  }

  private <T extends AutoCloseable> T keep(T opened) {
    open.push(opened);
    return opened;
  }

  private void start() {
    source.guest.start(-1L, 64, 64, 64, 64, 64);
    Await.until("the back end serves", () -> source.netdev.dataPlane().orElseThrow().serving());
  }

  private VirtioNetState early(VhostGuest destination) {
    return Saving.early(source.device, destination.device);
  }

  @Test
  void theDeviceOffersWhatBothHaveAndNothingTheProtocolCannotPassOn() {
    long offered = source.guest.offered();
    assertThat(offered & VhostFeatures.IMPOSSIBLE).isZero();
    assertThat(offered & Features.VERSION_1).isNotZero();
    assertThat(offered & VhostFeatures.NET_MQ).isNotZero();
    assertThat(offered & 1L << 17).as("the control queue is ours").isNotZero();
  }

  @Test
  void aBackEndWithoutAFeatureTakesItFromTheDevice() throws Exception {
    ScriptedBackEnd poor = keep(new ScriptedBackEnd(folder.resolve("b")));
    poor.features &= ~(Features.RING_EVENT_IDX | 2);
    VhostGuest guest = keep(new VhostGuest(new TestGuest(), folder.resolve("b"), 1));
    assertThat(guest.guest.offered() & Features.RING_EVENT_IDX).isZero();
    assertThat(guest.guest.offered() & 1L << 7).as("TSO4 needs checksums").isZero();
  }

  @Test
  void aDriverHasItsDataQueuesSetUpInTheOrderOfTheProtocol() {
    start();
    assertThat(backEnd.heard(SET_MEM_TABLE))
        .containsExactly("SET_MEM_TABLE 0x80000000 0x1000000 fds=1");
    assertThat(backEnd.heard.indexOf(backEnd.heard(SET_MEM_TABLE).getFirst()))
        .isLessThan(backEnd.heard.indexOf(backEnd.heard(SET_FEATURES).getFirst()));
    assertThat(backEnd.heard(SET_VRING_NUM))
        .as("the control queue is ours")
        .containsExactly(
            "SET_VRING_NUM 0 64", "SET_VRING_NUM 1 64", "SET_VRING_NUM 2 64", "SET_VRING_NUM 3 64");
    assertThat(backEnd.heard(SET_VRING_ENABLE))
        .as("one pair is in use until the driver says otherwise")
        .containsExactly(
            "SET_VRING_ENABLE 0 1",
            "SET_VRING_ENABLE 1 1",
            "SET_VRING_ENABLE 2 0",
            "SET_VRING_ENABLE 3 0");
    assertThat(backEnd.heard.subList(backEnd.heard.size() - 4, backEnd.heard.size()))
        .as("all at once, behind everything else")
        .isEqualTo(backEnd.heard(SET_VRING_ENABLE));
  }

  @Test
  void kicksAndCallsGoByEvents() {
    start();
    Await.until("the first kick, which starts the ring", () -> backEnd.kicked(1));
    source.guest.kick(1);
    Await.until("the kick", () -> backEnd.kicked(1));
    assertThat(backEnd.kicked(3)).isTrue();
    int before = source.guest.interrupts();
    backEnd.call(0);
    Await.until("the interrupt", () -> source.guest.interrupts() > before);
    assertThat(source.guest.acknowledge()).isOne();
  }

  @Test
  void queuePairsAreTheOneCommandTheBackEndHearsOf() {
    start();
    int before = backEnd.heard.size();
    command(0, 0, 0);
    command(4, 0, 2, 0);
    Await.until("four enables", () -> backEnd.heard.size() >= before + 4);
    assertThat(backEnd.heard.subList(before, backEnd.heard.size()))
        .containsExactly(
            "SET_VRING_ENABLE 0 1",
            "SET_VRING_ENABLE 1 1",
            "SET_VRING_ENABLE 2 1",
            "SET_VRING_ENABLE 3 1");
  }

  private void command(int... request) {
    byte[] bytes = new byte[request.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) request[i];
    }
    source
        .guest
        .ring(4)
        .add(
            handover.devices.virtio.TestRing.Piece.out(bytes),
            handover.devices.virtio.TestRing.Piece.in(1));
    source.guest.kick(4);
    assertThat(source.guest.ring(4).await().written()[0]).isZero();
  }

  @Test
  void aPausedDeviceStandsWhereTheBackEndSaysAndGoesOnThere() {
    start();
    source.used(0, 5);
    backEnd.bases.put(0, 5);
    backEnd.call(0);
    source.device.pause();
    assertThat(source.device.snapshot().queuePositions().getFirst().lastAvailable()).isEqualTo(5);
    assertThat(source.guest.line()).as("the last call counts").isTrue();
    int before = backEnd.heard.size();
    source.device.resume();
    Await.until("it serves again", () -> source.netdev.dataPlane().orElseThrow().serving());
    assertThat(backEnd.heard.subList(before, backEnd.heard.size()))
        .contains("SET_VRING_NUM 0 64", "SET_VRING_BASE 0 5", "SET_VRING_ENABLE 0 1");
  }

  @Test
  void aBaseThatCannotBeIsAsGoodAsNone() {
    start();
    source.used(0, 5);
    backEnd.bases.put(0, 4711);
    source.device.pause();
    assertThat(source.device.snapshot().queuePositions().getFirst().lastAvailable()).isEqualTo(5);
  }

  @Test
  void aResetStopsTheRings() {
    start();
    source.guest.write(0x70, 0);
    assertThat(backEnd.heard(GET_VRING_BASE)).hasSize(4);
    start();
    assertThat(backEnd.heard(SET_MEM_TABLE)).as("memory stays shared").hasSize(1);
    assertThat(backEnd.heard(SET_FEATURES)).hasSize(2);
  }

  @Test
  void aQueueThatMovedIsStoppedAndSetUpAgain() throws Exception {
    start();
    ScriptedBackEnd there = keep(new ScriptedBackEnd(folder.resolve("b")));
    VhostGuest destination =
        keep(new VhostGuest(new TestGuest(source.memory()), folder.resolve("b"), 2));
    destination.device.stage(early(destination)).toCompletableFuture().join();
    int before = there.heard.size();
    source.guest.start(-1L, 64, 64, 64, 128, 64);
    destination.device.stage(early(destination)).toCompletableFuture().join();
    assertThat(there.heard.subList(before, there.heard.size()))
        .contains("SET_VRING_NUM 3 128")
        .filteredOn(h -> h.startsWith("SET_FEATURES"))
        .hasSize(1);
  }

  @Test
  void stagingPreparesAndTheCommitLoadsPositionsAndResumingEnables() throws Exception {
    start();
    source.used(1, 3);
    backEnd.bases.put(1, 3);
    ScriptedBackEnd there = keep(new ScriptedBackEnd(folder.resolve("b")));
    VhostGuest destination =
        keep(new VhostGuest(new TestGuest(source.memory()), folder.resolve("b"), 2));
    destination.device.stage(early(destination)).toCompletableFuture().join();
    assertThat(there.heard(SET_VRING_NUM)).hasSize(4);
    assertThat(there.heard(SET_VRING_ADDR)).hasSize(4);
    assertThat(there.heard(SERVING)).isEmpty();
    int before = there.heard.size();
    source.device.pause();
    destination.device.commit(Saving.throughGroups(source.device, destination.device));
    assertThat(there.heard.subList(before, there.heard.size()))
        .hasSize(12)
        .contains("SET_VRING_BASE 1 3")
        .allMatch(h -> h.matches("SET_VRING_(BASE|CALL|KICK).*"));
    assertThat(there.heard(SET_VRING_ENABLE)).as("the guest may still stay").isEmpty();
    destination.device.resume();
    assertThat(there.heard(SET_VRING_ENABLE)).as("there before the guest runs").hasSize(4);
    assertThat(destination.netdev.dataPlane().orElseThrow().serving()).isTrue();
    assertThat(destination.device.backEndBudget().orElseThrow().early().pinning()).isPositive();
    assertThat(destination.device.backEndBudget().orElseThrow().blackout().pinning()).isZero();
    assertThat(destination.device.backEndBudget().orElseThrow().blackout().enable()).isPositive();
  }

  @Test
  void anAbortedStageStopsWhatWasBegunAndMayBeStagedAgain() throws Exception {
    start();
    ScriptedBackEnd there = keep(new ScriptedBackEnd(folder.resolve("b")));
    VhostGuest destination =
        keep(new VhostGuest(new TestGuest(source.memory()), folder.resolve("b"), 2));
    destination.device.stage(early(destination)).toCompletableFuture().join();
    destination.device.abort();
    destination.device.stage(early(destination)).toCompletableFuture().join();
    assertThat(there.heard(SET_FEATURES)).as("a reset may be overtaken").hasSizeBetween(1, 2);
    assertThat(there.heard(SET_MEM_TABLE)).hasSize(1);
    assertThat(there.heard(SERVING)).isEmpty();
  }

  @Test
  void pagesTheBackEndWroteReachTheDirtyLog() {
    start();
    DirtyLog dirty = source.memory().mappings().getFirst().block().dirtyLog();
    source.netdev.recordDirtyPages(true);
    assertThat(backEnd.heard(SET_LOG_BASE)).hasSize(1);
    assertThat(backEnd.heard(SET_FEATURES).getLast())
        .isEqualTo(
            "SET_FEATURES 0x%x"
                .formatted(
                    Long.decode(backEnd.heard(SET_FEATURES).getFirst().substring(13))
                        | VhostFeatures.LOG_ALL));
    assertThat(backEnd.heard(SET_VRING_ADDR)).filteredOn(h -> h.contains("flags=1")).hasSize(4);
    dirty.start();
    dirty.collect(dirty.newBitmap());
    long page = (TestGuest.RAM >> 12) + 77;
    backEnd.log.set(ValueLayout.JAVA_BYTE, page / 8, (byte) (1 << page % 8));
    backEnd.log.set(ValueLayout.JAVA_BYTE, 5, (byte) 0xff);
    source.netdev.collectDirtyPages();
    long[] found = dirty.newBitmap();
    assertThat(dirty.collect(found)).as("pages outside of memory are nobody's").isOne();
    assertThat(found[1]).isEqualTo(1L << 77 - 64);
    source.netdev.recordDirtyPages(false);
    assertThat(backEnd.heard(SET_FEATURES).getLast())
        .isEqualTo(backEnd.heard(SET_FEATURES).getFirst());
  }

  @Test
  void aGuestWhoseBackEndCannotLogStaysWhereItIs() throws Exception {
    ScriptedBackEnd mute = keep(new ScriptedBackEnd(folder.resolve("b")));
    mute.protocolFeatures = VhostFeatures.REPLY_ACK;
    VhostGuest guest = keep(new VhostGuest(new TestGuest(), folder.resolve("b"), 1));
    assertThatThrownBy(() -> guest.netdev.recordDirtyPages(true))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("n0")
        .hasMessageContaining("LOG_SHMFD");
  }

  @Test
  void withoutAcknowledgementsAQuestionStandsForThem() throws Exception {
    ScriptedBackEnd plain = keep(new ScriptedBackEnd(folder.resolve("b")));
    plain.protocolFeatures = 0;
    VhostGuest guest = keep(new VhostGuest(new TestGuest(), folder.resolve("b"), 1));
    guest.guest.start(-1L, 64, 64, 64);
    Await.until("it serves", () -> guest.netdev.dataPlane().orElseThrow().serving());
    assertThat(plain.heard(VhostRequest.GET_FEATURES)).hasSizeGreaterThan(3);
    assertThat(guest.guest.read(0x70) & 0x40).isZero();
  }

  @Test
  void aBackEndThatDiesTakesTheLinkWithItAndBringsItBack() {
    start();
    source.used(0, 5);
    assertThat(source.linkUp()).isTrue();
    int features = backEnd.heard(SET_FEATURES).size();
    backEnd.hangUp();
    Await.until("another set-up", () -> backEnd.heard(SET_FEATURES).size() > features);
    Await.until("the link", source::linkUp);
    Await.until("it serves", () -> source.netdev.dataPlane().orElseThrow().serving());
    assertThat(backEnd.heard)
        .as("it goes on behind the last buffer the driver got back")
        .contains("SET_VRING_BASE 0 5");
    assertThat(backEnd.heard(SET_MEM_TABLE)).hasSize(2);
  }

  @Test
  void withoutABackEndTheLinkIsDownAndTheGuestLives() throws Exception {
    start();
    backEnd.close();
    Await.until("no link", () -> !source.linkUp());
    source.guest.kick(1);
    command(4, 0, 2, 0);
    source.device.pause();
    source.device.resume();
    source.guest.write(0x70, 0);
    assertThat(source.linkUp()).isFalse();
    assertThat(source.netdev.describe()).contains("no back end");
  }

  @Test
  void aGuestThatCannotAnnounceItselfIsAnnounced() {
    source.guest.start(~(1L << 21), 64, 64, 64, 64, 64);
    source.device.announceSelf();
    assertThat(backEnd.heard(SEND_RARP)).hasSize(1);
    source.guest.start(-1L, 64, 64, 64, 64, 64);
    source.device.announceSelf();
    assertThat(backEnd.heard(SEND_RARP)).hasSize(1);
  }

  @Test
  void aCommitFailsInWordsWhenTheBackEndRefuses() throws Exception {
    start();
    ScriptedBackEnd there = keep(new ScriptedBackEnd(folder.resolve("b")));
    there.answering(SET_VRING_KICK, reply -> with(reply, VhostChannel.HEADER, 1));
    VhostGuest destination =
        keep(new VhostGuest(new TestGuest(source.memory()), folder.resolve("b"), 2));
    source.device.pause();
    assertThatThrownBy(
            () ->
                destination.device.commit(Saving.throughGroups(source.device, destination.device)))
        .isInstanceOf(StreamException.class)
        .hasMessageContaining("refused SET_VRING_KICK");
  }

  @Test
  void handshakesWithStrangersEndInWords() throws Exception {
    List<String> strangers =
        List.of("LACKS", "SHORT", "LONG", "NUMBER", "VERSION", "SILENT", "PAIRS");
    for (String stranger : strangers) {
      try (ScriptedBackEnd strange = new ScriptedBackEnd(folder.resolve("b"))) {
        estrange(strange, stranger);
        assertThatThrownBy(
                () ->
                    VhostUserNetdev.open(
                        "n1", new VhostSocket("c", folder.resolve("b"), false, 0), 2))
            .as(stranger)
            .isInstanceOf(java.io.IOException.class)
            .hasMessageMatching(".*(lacks|expected|closed|works).*");
      }
      Files.deleteIfExists(folder.resolve("b"));
    }
  }

  private static void estrange(ScriptedBackEnd strange, String how) {
    switch (how) {
      case "LACKS" -> strange.features = Features.VERSION_1;
      case "SHORT" -> strange.answering(VhostRequest.GET_FEATURES, r -> with(r, 8, 4));
      case "LONG" -> strange.answering(VhostRequest.GET_FEATURES, r -> with(r, 11, 0x7f));
      case "NUMBER" -> strange.answering(VhostRequest.GET_FEATURES, r -> with(r, 0, 99));
      case "VERSION" -> strange.answering(VhostRequest.GET_FEATURES, r -> with(r, 4, 6));
      case "SILENT" ->
          strange.answering(
              VhostRequest.GET_FEATURES,
              r -> {
                strange.hangUp();
                return null;
              });
      default -> strange.protocolFeatures = 0;
    }
  }

  private static byte[] with(byte[] reply, int at, int value) {
    reply[at] = (byte) value;
    return reply;
  }
}
