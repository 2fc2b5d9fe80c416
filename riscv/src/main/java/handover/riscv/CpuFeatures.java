package handover.riscv;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What a hart offers: extensions and translation modes, by QEMU's {@code -cpu} property names.
 *
 * <p>What QEMU knows but this hart does not implement may be named to be switched off.
 */
public final class CpuFeatures {
  private static final Set<String> IMPLEMENTED =
      Set.of(
          "i",
          "m",
          "a",
          "f",
          "d",
          "c",
          "s",
          "u",
          "zicsr",
          "zifencei",
          "zicntr",
          "zihpm",
          "sv39",
          "sv48",
          "pmp",
          "mmu");

  /** Base properties that Linux or the hart itself cannot do without. */
  private static final Set<String> FIXED = Set.of("i", "u", "s", "zicsr", "pmp", "mmu");

  private static final Set<String> QEMU_ONLY =
      Set.of(
          ("e g h v b sv57 sv64 sstc svadu svade svinval svnapot svpbmt svvptc smaia ssaia smstateen "
                  + "ssstateen sscofpmf smepmp smrnmi smctr ssctr smcntrpmf smcsrind sscsrind smcdeleg "
                  + "ssccfg smdbltrp ssdbltrp ssnpm smnpm smmpm supm sspm sha shcounterenw shgatpa "
                  + "shtvala shvsatpa shvstvala shvstvecd ssccptr sscounterenw sstvala sstvecd "
                  + "ssu64xl ssstrict za64rs zaamo zabha zacas zalrsc zama16b zawrs zic64b ziccamoa "
                  + "ziccif zicclsm ziccrse zicbom zicbop zicboz zicfilp zicfiss zicond zihintntl "
                  + "zihintpause zimop zmmul zca zcb zcd zce zcf zcmop zcmp zcmt zba zbb zbc zbkb "
                  + "zbkc zbkx zbs zk zkn zknd zkne zknh zkr zks zksed zksh zkt zfa zfbfmin zfh "
                  + "zfhmin zfinx zdinx zhinx zhinxmin zvbb zvbc zve32f zve32x zve64d zve64f zve64x "
                  + "zvfbfmin zvfbfwma zvfh zvfhmin zvkb zvkg zvkn zvknc zvkned zvkng zvknha zvknhb "
                  + "zvks zvksc zvksed zvksg zvksh zvkt svukte debug rva22u64 rva22s64 rva23u64 "
                  + "rva23s64 x-svukte")
              .split(" "));

  private final Set<String> enabled;
  private final Set<Instruction.Extension> extensions = EnumSet.noneOf(Instruction.Extension.class);

  private CpuFeatures(Set<String> enabled) {
    this.enabled = enabled;
    for (Instruction.Extension extension : Instruction.Extension.values()) {
      boolean present =
          switch (extension) {
            case I, S, ZICSR -> true;
            case C_D -> enabled.contains("c") && enabled.contains("d");
            default -> enabled.contains(extension.name().toLowerCase(java.util.Locale.ROOT));
          };
      if (present) {
        extensions.add(extension);
      }
    }
  }

  /** Everything that is implemented. */
  public static CpuFeatures defaults() {
    return new CpuFeatures(new TreeSet<>(IMPLEMENTED));
  }

  /** Names that {@link #parse} understands, implemented or not, in alphabetical order. */
  public static Set<String> knownNames() {
    Set<String> names = new TreeSet<>(QEMU_ONLY);
    names.addAll(IMPLEMENTED);
    return names;
  }

  /**
   * Reads the argument of {@code -cpu}: {@code rv64[,NAME=on|off]...}.
   *
   * @param argument what was typed
   * @param problems told, in words, of everything that is wrong
   * @param unknown told of names that nobody knows, so that the caller can propose the nearest of
   *     {@link #knownNames}
   * @return the features; where something was wrong, as if that part had not been there
   */
  public static CpuFeatures parse(
      String argument, Consumer<String> problems, Consumer<String> unknown) {
    String[] parts = argument.split(",", -1);
    if (!parts[0].equals("rv64")) {
      problems.accept("-cpu " + parts[0] + ": unknown CPU model; the only one is 'rv64'");
    }
    Map<String, Boolean> wishes = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      wish(parts[i], wishes, problems, unknown);
    }
    Set<String> enabled = new TreeSet<>(IMPLEMENTED);
    wishes.forEach(
        (name, on) -> {
          if (!on) {
            enabled.remove(name);
          }
        });
    checkDependencies(enabled, wishes, problems);
    return new CpuFeatures(enabled);
  }

  private static void wish(
      String part,
      Map<String, Boolean> wishes,
      Consumer<String> problems,
      Consumer<String> unknown) {
    int equals = part.indexOf('=');
    String name = equals < 0 ? part : part.substring(0, equals);
    String value = equals < 0 ? "" : part.substring(equals + 1);
    boolean on = value.equals("on") || value.equals("true");
    boolean off = value.equals("off") || value.equals("false");
    if (!IMPLEMENTED.contains(name) && !QEMU_ONLY.contains(name)) {
      unknown.accept(name);
    } else if (!on && !off) {
      problems.accept("-cpu rv64," + part + ": give " + name + "=on or " + name + "=off");
    } else if (on && QEMU_ONLY.contains(name)) {
      problems.accept("-cpu rv64," + part + ": not implemented; it may only be off");
    } else if (off && FIXED.contains(name)) {
      problems.accept("-cpu rv64," + part + ": cannot be switched off");
    } else {
      wishes.put(name, on);
    }
  }

  private static void checkDependencies(
      Set<String> enabled, Map<String, Boolean> wishes, Consumer<String> problems) {
    if (!enabled.contains("f") && enabled.contains("d")) {
      if (wishes.getOrDefault("d", false)) {
        problems.accept("-cpu rv64,f=off,d=on: d needs f; switch both on or both off");
      }
      enabled.remove("d");
    }
    if (!enabled.contains("sv39") && enabled.contains("sv48")) {
      if (wishes.getOrDefault("sv48", false)) {
        problems.accept("-cpu rv64,sv39=off,sv48=on: sv48 includes sv39; switch sv39 on");
      }
      enabled.remove("sv48");
    }
  }

  /** Whether the feature of this name is on. */
  public boolean has(String name) {
    return enabled.contains(name);
  }

  boolean has(Instruction.Extension extension) {
    return extensions.contains(extension);
  }

  /** The misa register: MXL = 64 bits and the letters (privileged specification, 3.1.1). */
  public long misa() {
    return 2L << 62 | extensionLetters();
  }

  /** The letters of misa, bit 0 for A. */
  long extensionLetters() {
    long letters = 0;
    for (String name : enabled) {
      if (name.length() == 1) {
        letters |= 1L << name.charAt(0) - 'a';
      }
    }
    return letters;
  }

  /**
   * The device tree's {@code riscv,isa}, such as {@code rv64imafdc_zicntr_zicsr_zifencei_zihpm}.
   */
  public String isaString() {
    return "rv64" + letters() + String.join("", named().stream().map(n -> "_" + n).toList());
  }

  /** The device tree's {@code riscv,isa-extensions}: one string an extension. */
  public List<String> isaExtensions() {
    List<String> all = new ArrayList<>();
    letters().chars().forEach(c -> all.add(String.valueOf((char) c)));
    all.addAll(named());
    return all;
  }

  /** The device tree's {@code mmu-type}. */
  public String mmuType() {
    return enabled.contains("sv48")
        ? "riscv,sv48"
        : enabled.contains("sv39") ? "riscv,sv39" : "riscv,none";
  }

  private String letters() {
    StringBuilder letters = new StringBuilder();
    for (char c : "imafdc".toCharArray()) {
      if (enabled.contains(String.valueOf(c))) {
        letters.append(c);
      }
    }
    return letters.toString();
  }

  private List<String> named() {
    return enabled.stream().filter(n -> n.startsWith("zi")).toList();
  }
}
