package handover.vmstate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Shapes are those of vmdesc-mmio-rv64gc-qemu-10.0.json. */
class VmDescriptionTest {
  private static String description(Timer timer) {
    VmDescription description = new VmDescription(4096, QemuRelease.usual());
    description.section("timer", 0, Timer.DECLARATION, timer, 51);
    return new String(description.finish(), StandardCharsets.UTF_8);
  }

  @Test
  void fieldsArraysStructuresAndNeededSubsections() {
    Timer timer = Timer.running();
    String plain = description(timer);
    assertThat(plain)
        .startsWith(
            "{\"page_size\":4096,\"devices\":[{\"name\":\"timer\",\"instance_id\":0,"
                + "\"vmsd_name\":\"timer\",\"version\":3,\"fields\":[")
        .contains("{\"name\":\"slots\",\"type\":\"int32 equal\",\"size\":4}")
        .contains("{\"name\":\"compare\",\"array_len\":3,\"type\":\"uint32\",\"size\":4}")
        .contains("{\"name\":\"mac\",\"type\":\"buffer\",\"size\":6}")
        .contains("{\"name\":\"unused\",\"type\":\"unused_buffer\",\"size\":2}")
        .contains(
            "{\"name\":\"entries\",\"array_len\":2,\"type\":\"struct\",\"struct\":"
                + "{\"vmsd_name\":\"cpu/pmp/entry\",\"version\":1,\"fields\":["
                + "{\"name\":\"addr_reg\",\"type\":\"uint64\",\"size\":8},"
                + "{\"name\":\"cfg_reg\",\"type\":\"uint8\",\"size\":1}]},\"size\":9}")
        .doesNotContain("subsections")
        .endsWith("]}]}");
    timer.high = 1;
    assertThat(description(timer))
        .contains(
            "\"subsections\":[{\"vmsd_name\":\"timer/high\",\"version\":7,\"fields\":["
                + "{\"name\":\"high\",\"type\":\"uint16\",\"size\":2}]}]");
  }

  @Test
  void aHandMadeFormIsOneOpaqueField() {
    StateDeclaration<Timer> virtio =
        StateDeclaration.<Timer>of("virtio-net", 11)
            .classic(
                new StateDeclaration.ClassicCodec<>() {
                  @Override
                  public void save(Timer state, WireWriter out) {
                    out.zeros(5);
                  }

                  @Override
                  public void load(Timer state, WireReader in, int version) {
                    in.bytes(5);
                  }

                  @Override
                  public String fieldName() {
                    return "virtio";
                  }
                })
            .build();
    VmDescription description = new VmDescription(4096, QemuRelease.usual());
    description.section("0000:00:01.0/virtio-net", 2, virtio, new Timer(), 46_190);
    assertThat(new String(description.finish(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"page_size\":4096,\"devices\":[{\"name\":\"0000:00:01.0/virtio-net\","
                + "\"instance_id\":2,\"vmsd_name\":\"virtio-net\",\"version\":11,\"fields\":["
                + "{\"name\":\"virtio\",\"type\":\"virtio\",\"size\":46190}]}]}");
  }
}
