package handover.monitor.qmp;

import handover.monitor.json.Json;
import java.util.List;
import java.util.Optional;

/** The two ways QMP names a migration's other end: {@code uri} and {@code channels}. */
final class MigrationUri {
  private MigrationUri() {}

  /** The URI meant by checked arguments. */
  static String from(Json.Obj arguments) throws QmpException {
    Optional<String> uri = arguments.text("uri");
    List<Json> channels = arguments.array("channels");
    if (uri.isPresent() == arguments.get("channels").isPresent()) {
      throw QmpException.generic("exactly one of 'uri' and 'channels' must be given");
    }
    if (uri.isPresent()) {
      return uri.get();
    }
    if (channels.size() != 1) {
      throw QmpException.generic("'channels' must hold one channel, holds " + channels.size());
    }
    return ofAddress(((Json.Obj) channels.getFirst()).object("addr").orElseThrow());
  }

  private static String ofAddress(Json.Obj address) {
    if (address.text("transport").orElseThrow().equals("file")) {
      return "file:%s,offset=%d"
          .formatted(address.text("filename").orElseThrow(), address.whole("offset").orElseThrow());
    }
    if (address.text("type").orElseThrow().equals("unix")) {
      return "unix:" + address.text("path").orElseThrow();
    }
    String host = address.text("host").orElseThrow();
    String bracketed = host.contains(":") ? "[" + host + "]" : host;
    return "tcp:" + bracketed + ":" + address.text("port").orElseThrow();
  }
}
