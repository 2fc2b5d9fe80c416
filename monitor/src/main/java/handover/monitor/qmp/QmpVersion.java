package handover.monitor.qmp;

import handover.monitor.json.Json;
import java.util.List;

/** The version that QMP reports: clients choose names and shapes by QEMU's number. */
public final class QmpVersion {
  /** What this program calls itself. */
  public static final String PACKAGE = "Handover 0.1.0";

  private QmpVersion() {}

  static Json.Obj toJson() {
    return Json.object()
        .with("qemu", Json.object().with("micro", 0).with("minor", 0).with("major", 10).build())
        .with("package", PACKAGE)
        .build();
  }

  static Json.Obj greeting() {
    return Json.object()
        .with(
            "QMP",
            Json.object()
                .with("version", toJson())
                .with("capabilities", Json.of(List.of()))
                .build())
        .build();
  }
}
