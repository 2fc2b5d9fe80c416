package handover.riscv;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The argument of {@code -cpu}. */
class CpuFeaturesTest {
  private final List<String> problems = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();

  private CpuFeatures parse(String argument) {
    return CpuFeatures.parse(argument, problems::add, unknown::add);
  }

  @Test
  void offersWhatIsImplementedByDefault() {
    CpuFeatures features = parse("rv64");
    assertThat(features.isaString()).isEqualTo("rv64imafdc_zicntr_zicsr_zifencei_zihpm");
    assertThat(features.isaExtensions()).startsWith("i", "m", "a").contains("zicsr");
    assertThat(features.mmuType()).isEqualTo("riscv,sv48");
    assertThat(problems).isEmpty();
  }

  @Test
  void namesCanBeSwitchedOff() {
    CpuFeatures features = parse("rv64,sv48=off,f=false,zihpm=off,v=off,sstc=off,c=on");
    assertThat(features.isaString()).isEqualTo("rv64imac_zicntr_zicsr_zifencei");
    assertThat(features.mmuType()).isEqualTo("riscv,sv39");
    assertThat(problems).isEmpty();
    assertThat(unknown).isEmpty();
  }

  @Test
  void everyProblemIsReported() {
    parse("rv32,v=on,zics=on,c=maybe,i=off,f=off,d=on,sv39=off,sv48=on");
    assertThat(unknown).containsExactly("zics");
    assertThat(problems)
        .hasSize(6)
        .anyMatch(p -> p.contains("rv32"))
        .anyMatch(p -> p.contains("v=on: not implemented; it may only be off"))
        .anyMatch(p -> p.contains("c=maybe: give c=on or c=off"))
        .anyMatch(p -> p.contains("i=off: cannot be switched off"))
        .anyMatch(p -> p.contains("d needs f"))
        .anyMatch(p -> p.contains("sv48 includes sv39"));
  }

  @Test
  void knowsTheNamesItMayProposeInstead() {
    assertThat(CpuFeatures.knownNames()).contains("zicsr", "v", "sstc", "sv57");
  }
}
