package handover.vmstate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WireReaderPeekTest {
  @Test
  void peekingTellsTheSubsectionsOwnerAndConsumesNothing() {
    WireWriter out = new WireWriter();
    out.u8(5);
    out.counted("virtio/started");
    out.u32(1);
    WireReader in = new WireReader(out.toByteArray());

    assertThat(in.peekSubsection("virtio_mmio")).isEmpty();
    assertThat(in.peekSubsection("virtio")).contains("virtio/started");
    assertThat(in.position()).isZero();
    assertThat(in.u8()).isEqualTo(5);
    assertThat(in.counted()).isEqualTo("virtio/started");
    assertThat(in.u32()).isEqualTo(1);
    assertThat(in.position()).isEqualTo(out.length());
    assertThat(in.peekSubsection("virtio")).isEmpty();
  }

  @Test
  void whatIsNoSubsectionIsLeftAlone() {
    WireReader in = new WireReader(new byte[] {0x7e, 0, 0, 0, 9});
    assertThat(in.peekSubsection("virtio")).isEmpty();
    assertThat(in.u8()).isEqualTo(0x7e);
    assertThat(in.u32()).isEqualTo(9);
    WireReader cut = new WireReader(new byte[] {5, 9, 'v'});
    assertThat(cut.peekSubsection("virtio")).isEmpty();
    assertThat(cut.bytes(3)).containsExactly(5, 9, 'v');
  }
}
