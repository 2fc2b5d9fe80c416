package handover.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class KernelModuleTest {

  private static final byte[] STORED = {1, 2, 3};

  @Test
  void readsWhatTheModuleSaysOfItself() throws Exception {
    KernelModule module = describe("\0license=GPL\0alias=a*\0alias=b\0depends=x-y,z\0name=q\0");
    assertThat(module.name()).isEqualTo("virtio_rng");
    assertThat(module.depends()).containsExactly("x_y", "z");
    assertThat(module.aliases()).containsExactly("a*", "b");
    assertThat(module.bytes()).isEqualTo(STORED);
  }

  @Test
  void survivesALineOfText() throws Exception {
    KernelModule module = describe("\0alias=a\0alias=b c\0depends=x,z\0");
    KernelModule again = KernelModule.fromLine(module.toLine(), STORED);
    assertThat(again).usingRecursiveComparison().isEqualTo(module);
    KernelModule bare = describe("\0depends=\0");
    assertThat(KernelModule.fromLine(bare.toLine(), STORED))
        .usingRecursiveComparison()
        .isEqualTo(bare);
  }

  @Test
  void anEntryCutOffAtTheEndOfTheFileEndsThere() throws Exception {
    assertThat(describe("\0depends=ab").depends()).containsExactly("ab");
    assertThat(describe("\0depend").depends()).isEmpty();
  }

  @Test
  void refusesWhatIsNoModule() {
    assertThatThrownBy(() -> KernelModule.describe("m.ko", new byte[] {0x7f, 'E'}, STORED))
        .isInstanceOf(GuestFetchException.class)
        .hasMessageContaining("m.ko is not an ELF file");
  }

  private static KernelModule describe(String info) throws GuestFetchException {
    byte[] plain = ("\177ELF...." + info).getBytes(StandardCharsets.ISO_8859_1);
    return KernelModule.describe("virtio-rng.ko.xz", plain, STORED);
  }
}
