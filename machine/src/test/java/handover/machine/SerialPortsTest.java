package handover.machine;

import static org.assertj.core.api.Assertions.assertThat;

import handover.devices.Chardevs;
import handover.devices.virtio.console.SerialPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SerialPortsTest {
  private final Chardevs chardevs = new Chardevs();
  private final List<String> problems = new ArrayList<>();

  @AfterEach
  void close() {
    chardevs.close();
  }

  private static MachineSpec.Backend bus() {
    return new MachineSpec.Backend("virtio-serial-device", Map.of());
  }

  private static MachineSpec.Backend port(String kind, String chardev, String nr) {
    return new MachineSpec.Backend(kind, Map.of("chardev", chardev, "nr", nr));
  }

  private SerialPorts ports(MachineSpec.Backend... devices) {
    for (String id : List.of("a", "b", "c")) {
      chardevs.add("null", Map.of("id", id), problems::add);
    }
    return SerialPorts.of(List.of(devices), chardevs, problems::add);
  }

  @Test
  void portsBelongToTheBusBeforeThemAndAreNumbered() {
    MachineSpec.Backend first = bus();
    MachineSpec.Backend second = bus();
    SerialPorts ports =
        ports(
            first,
            port("virtserialport", "a", ""),
            port("virtconsole", "b", ""),
            second,
            port("virtconsole", "c", "7"));
    assertThat(problems).isEmpty();
    assertThat(ports.of(first)).extracting(SerialPort::number).containsExactly(1, 0);
    assertThat(ports.of(first)).extracting(SerialPort::console).containsExactly(false, true);
    assertThat(ports.of(second)).extracting(SerialPort::number).containsExactly(7);
  }

  @Test
  void whatCannotBeIsRefusedInWords() {
    SerialPorts unused =
        ports(
            port("virtconsole", "a", ""),
            bus(),
            port("virtconsole", "d", ""),
            port("virtconsole", "a", "x"),
            port("virtconsole", "a", ""));
    assertThat(problems)
        .hasSize(4)
        .anyMatch(p -> p.contains("there is no -device virtio-serial-device before it"))
        .anyMatch(p -> p.contains("there is no chardev with id 'd'"))
        .anyMatch(p -> p.contains("nr expects the number of a port, got 'x'"))
        .anyMatch(p -> p.contains("chardev 'a' is in use by another device"));
  }

  @Test
  void chardevsThatCannotBeAreRefusedInWords() {
    chardevs.add("sockets", Map.of("id", "x"), problems::add);
    chardevs.add("socket", Map.of("id", "x", "path", "/tmp/x"), problems::add);
    chardevs.add("file", Map.of("id", "y"), problems::add);
    assertThat(chardevs.open("virtconsole", "x", problems::add)).isEmpty();
    assertThat(problems)
        .hasSize(3)
        .anyMatch(p -> p.contains("no chardev type 'sockets'") && p.contains("'socket'?"))
        .anyMatch(p -> p.contains("give server=on"))
        .anyMatch(p -> p.contains("path= is missing"));
  }
}
