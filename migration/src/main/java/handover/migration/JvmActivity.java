package handover.migration;

import java.lang.management.ClassLoadingMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Reads what the Java virtual machine has done so far that can make a blackout longer. */
final class JvmActivity {
  private static final ClassLoadingMXBean CLASSES = ManagementFactory.getClassLoadingMXBean();
  private static final List<GarbageCollectorMXBean> COLLECTORS =
      ManagementFactory.getGarbageCollectorMXBeans();

  private JvmActivity() {}

  /** Everything since the process began. */
  static MigrationInfo.Jvm now() {
    long collections = 0;
    long millis = 0;
    for (GarbageCollectorMXBean collector : COLLECTORS) {
      collections += Math.max(0, collector.getCollectionCount());
      millis += Math.max(0, collector.getCollectionTime());
    }
    return new MigrationInfo.Jvm(
        "", collections, millis * 1_000, CLASSES.getTotalLoadedClassCount());
  }

  /** What has been added to {@code before}. */
  static MigrationInfo.Jvm since(String side, MigrationInfo.Jvm before) {
    MigrationInfo.Jvm now = now();
    return new MigrationInfo.Jvm(
        side,
        now.collections() - before.collections(),
        now.collectionTime() - before.collectionTime(),
        now.classesLoaded() - before.classesLoaded());
  }
}
