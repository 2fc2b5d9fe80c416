package handover.cli;

import static org.assertj.core.api.Assertions.assertThat;

import handover.machine.MachineSpec;
import handover.monitor.MonitorAddress;
import handover.riscv.Acceleration;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class VmCommandLineTest {
  @Test
  void acceleratorsAreNamedAsTheirUsersKnowThem() {
    assertThat(parse("-accel tcg").spec().acceleration()).isEqualTo(Acceleration.DEFAULT);
    assertThat(parse("").spec().acceleration()).isEqualTo(Acceleration.DEFAULT);
    assertThat(parse("-accel translator").spec().acceleration()).isEqualTo(Acceleration.TRANSLATOR);
    assertThat(parse("-accel interpreter").spec().acceleration())
        .isEqualTo(Acceleration.INTERPRETER);
    assertThat(parse("-accel translator,lockstep=on").spec().acceleration())
        .isEqualTo(Acceleration.LOCKSTEP);
    assertThat(parse("-accel interpreter,lockstep=on").problems()).hasSize(1);
    assertThat(parse("-accel kvm").problems()).singleElement().asString().contains("translator");
    assertThat(parse("-accel tcg,thread=multi").problems())
        .singleElement()
        .asString()
        .contains("thread");
  }

  @Test
  void portsOfAConsoleAndTheirFarEnds() {
    VmCommandLine line =
        parse(
            "-chardev socket,id=c0,path=/tmp/hvc,server=on -device virtio-serial-device"
                + " -device virtconsole,chardev=c0,name=console.0");
    assertThat(line.problems()).isEmpty();
    assertThat(line.spec().chardevs())
        .singleElement()
        .satisfies(c -> assertThat(c.id()).contains("c0"));
    assertThat(line.spec().devices()).hasSize(2);
    assertThat(parse("-chardev stdio,id=a -serial stdio").problems())
        .singleElement()
        .asString()
        .contains("-chardev stdio", "-serial stdio", "all want standard input");
  }

  @Test
  void readsAWholeLineAsQemuWould() {
    VmCommandLine line =
        parse(
            "-M virt-1.0,virtio-mmio-legacy=on -m 1G -smp 4 -cpu rv64,sv48=off,zba=off"
                + " -bios fw.bin -kernel Image -initrd initrd.gz -append console=ttyS0,x"
                + " -netdev stream,id=n0,server=off,addr.type=unix,addr.path=/tmp/x,,y"
                + " -device virtio-net-device,netdev=n0,mac=52:54:00:00:00:01,iterative-mig=auto"
                + " -drive file=disk.img,format=raw,id=d0 -device virtio-rng-device"
                + " -serial file:out.log -nodefaults -qmp unix:/tmp/q,server=on,wait=off"
                + " -monitor none -incoming defer -S -name guest=web"
                + " -uuid 123e4567-e89b-12d3-a456-426614174000");
    assertThat(line.problems()).isEmpty();
    MachineSpec spec = line.spec();
    assertThat(spec.machineType()).isEqualTo("virt-1.0");
    assertThat(spec.machineOptions()).containsExactly(Map.entry("virtio-mmio-legacy", "on"));
    assertThat(spec.memoryBytes()).isEqualTo(1L << 30);
    assertThat(spec.harts()).isEqualTo(4);
    assertThat(spec.cpuModel()).isEqualTo("rv64");
    assertThat(spec.cpuFeatures())
        .containsExactly(Map.entry("sv48", "off"), Map.entry("zba", "off"));
    assertThat(spec.bios()).contains(Path.of("fw.bin"));
    assertThat(spec.kernel()).contains(Path.of("Image"));
    assertThat(spec.initrd()).contains(Path.of("initrd.gz"));
    assertThat(spec.append()).isEqualTo("console=ttyS0,x");
    assertThat(spec.netdevs().getFirst().kind()).isEqualTo("stream");
    assertThat(spec.netdevs().getFirst().properties()).containsEntry("addr.path", "/tmp/x,y");
    assertThat(spec.netdevs().getFirst().id()).contains("n0");
    assertThat(spec.devices())
        .extracting(MachineSpec.Backend::kind)
        .containsExactly("virtio-net-device", "virtio-rng-device");
    assertThat(spec.drives().getFirst().properties())
        .containsEntry("file", "disk.img")
        .containsEntry("format", "raw");
    assertThat(spec.serials()).containsExactly("file:out.log");
    assertThat(spec.startPaused()).isTrue();
    assertThat(spec.incoming()).contains("defer");
    assertThat(spec.name()).contains("web");
    assertThat(spec.uuid()).contains(UUID.fromString("123e4567-e89b-12d3-a456-426614174000"));
    assertThat(line.qmp())
        .containsExactly(
            new MonitorAddress.Socket(UnixDomainSocketAddress.of("/tmp/q"), true, false));
    assertThat(line.monitors()).containsExactly(new MonitorAddress.None());
  }

  @Test
  void aGlobalPropertyYieldsToTheDevicesOwn() {
    VmCommandLine line =
        parse(
            "-global virtio-net-device.mq=on -device virtio-net-device,id=a"
                + " -device virtio-net-device,id=b,mq=off"
                + " -global driver=virtio-mmio,property=force-legacy,value=true");
    assertThat(line.problems()).isEmpty();
    assertThat(line.spec().devices())
        .extracting(d -> d.properties().get("mq"))
        .containsExactly("on", "off");
    assertThat(line.spec().machineOptions()).containsEntry("virtio-mmio-legacy", "on");
  }

  @Test
  void aGlobalPropertyOfNobodyIsAProblem() {
    assertThat(
            parse("-global virtio-nit-device.mq=on -global virtio-net-device.mp=on -global mq")
                .problems())
        .containsExactly(
            "-global: there is no driver 'virtio-nit-device'; did you mean 'virtio-net-device'?",
            "-global: virtio-net-device has no property 'mp'; did you mean 'mq'?",
            "-global expects DRIVER.PROPERTY=VALUE, got 'mq'");
  }

  @Test
  void takesJsonWhereQemuDoes() {
    VmCommandLine line =
        VmCommandLine.parse(
            List.of(
                "-netdev",
                "{\"type\": \"stream\", \"id\": \"n0\", \"server\": false,"
                    + " \"addr\": {\"type\": \"unix\", \"path\": \"/tmp/x,y\"}}",
                "-device",
                "{\"driver\": \"virtio-net-device\", \"netdev\": \"n0\", \"queues\": 4}"));
    assertThat(line.problems()).isEmpty();
    assertThat(line.spec().netdevs().getFirst().properties())
        .containsEntry("server", "off")
        .containsEntry("addr.type", "unix")
        .containsEntry("addr.path", "/tmp/x,y");
    assertThat(line.spec().devices().getFirst().properties()).containsEntry("queues", "4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{} {}", "{\"driver\": [1]}"})
  void brokenJsonIsAProblemAmongOthers(String device) {
    assertThat(VmCommandLine.parse(List.of("-device", device)).problems())
        .anyMatch(problem -> problem.startsWith("-device " + device + ": "));
  }

  @Test
  void everyProblemIsReportedAtOnce() {
    VmCommandLine line =
        parse(
            "-knel Image -m lots -smp two -uuid 1-2-3-4-5 -incoming rdma:x"
                + " -qmp unix:/x,sever=on disk.img -netdev id=n0 -serial stdio -monitor stdio"
                + " -name a -name b -device virtio-net-device,mac=a,mac=b -append");
    assertThat(line.problems())
        .containsExactly(
            "unknown option '-knel'; did you mean '-kernel'?",
            "-m expects a size such as 256 or 1G, got 'lots'",
            "-smp expects a number of harts, got 'two'",
            "-uuid expects a UUID such as 123e4567-e89b-12d3-a456-426614174000, got '1-2-3-4-5'",
            "-incoming expects tcp:HOST:PORT, unix:PATH, file:PATH[,offset=BYTES] or defer, got 'rdma:x'",
            "-qmp: unknown option 'sever'; did you mean 'server'?",
            "unexpected argument 'disk.img'; every option begins with '-'",
            "-netdev id=n0: it must begin with a type; '-netdev help' lists them",
            "option '-name' is given twice",
            "-device virtio-net-device,mac=a,mac=b: 'mac' is given twice",
            "option '-append' expects TEXT",
            "-serial stdio, -monitor stdio all want standard input; give all but one another"
                + " place");
  }

  @ParameterizedTest
  @CsvSource({
    "256, 268435456",
    "512K, 524288",
    "1g, 1073741824",
    "8192B, 8192",
    "size=64M, 67108864"
  })
  void readsSizes(String text, long bytes) {
    VmCommandLine line = parse("-m " + text);
    assertThat(line.problems()).isEmpty();
    assertThat(line.spec().memoryBytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "6K", "-1", "1.5G", "999999999999T", "1Q", "0x10"})
  void refusesWhatIsNoSize(String text) {
    assertThat(parse("-m " + text).problems()).hasSize(1);
  }

  @Test
  void theSerialPortGetsTheTerminalUnlessSomethingElseHasIt() {
    assertThat(parse("").spec().serials()).containsExactly("stdio");
    assertThat(parse("-nographic").spec().serials()).containsExactly("mon:stdio");
    assertThat(parse("-nodefaults").spec().serials()).isEmpty();
    assertThat(parse("-nodefaults -nographic").spec().serials()).containsExactly("mon:stdio");
    assertThat(parse("-monitor stdio").spec().serials()).isEmpty();
    assertThat(parse("-serial none -nographic").spec().serials()).containsExactly("none");
  }

  @Test
  void firmwareCanBeNone() {
    assertThat(parse("-bios none").spec().bios()).isEmpty();
    assertThat(parse("-bios none").problems()).isEmpty();
  }

  @Test
  void optionsMayHaveTwoDashes() {
    assertThat(parse("--kernel x --machine virt").problems()).isEmpty();
  }

  @Test
  void helpComesFromTheDeclarations() {
    assertThat(help("--help"))
        .contains("-netdev stream|hubport|", "|none,id=ID,...", "-nodefaults\n", "-incoming tcp:");
    assertThat(help("-chardev socket,help")).contains("path=<text>", "reconnect-ms=<number>");
    assertThat(help("-netdev help")).contains("  vhost-user\n");
    assertThat(help("-netdev help")).contains("Netdev kinds:\n", "  hubport\n", "  stream\n");
    assertThat(help("-netdev stream,help")).contains("addr.path=<text>  Socket path, for unix.");
    assertThat(help("-netdev steam,help")).contains("did you mean 'stream'?");
    assertThat(help("-device help")).contains("virtio-net-device");
    assertThat(help("-device virtio-net-device,help"))
        .contains("mac=<mac>", "iterative-mig=<on/off/auto> [auto]");
    assertThat(help("-M help")).contains("virt-1.0");
    assertThat(help("-cpu help")).contains("rv64", "sv39");
  }

  @Property
  void nothingTypedBreaksIt(@ForAll List<String> arguments) {
    List<String> typed = new ArrayList<>();
    for (String argument : arguments) {
      typed.add(argument.length() % 2 == 0 ? "-device" : argument);
    }
    assertThat(VmCommandLine.parse(typed)).isNotNull();
  }

  private static String help(String line) {
    return parse(line).help().orElseThrow();
  }

  private static VmCommandLine parse(String line) {
    return VmCommandLine.parse(line.isEmpty() ? List.of() : List.of(line.split(" ", -1)));
  }
}
