package handover.guest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A package as apt's verified index describes it.
 *
 * @param size bytes of the package file
 * @param sha256 digest of the package file, in hex
 */
record PackageRecord(String name, String version, long size, String sha256) {

  static PackageRecord parse(String name, List<String> lines) throws GuestFetchException {
    Map<String, String> fields = new HashMap<>();
    for (String line : lines) {
      int colon = line.indexOf(": ");
      if (colon > 0 && !line.startsWith(" ")) {
        fields.putIfAbsent(line.substring(0, colon), line.substring(colon + 2));
      }
    }
    try {
      return new PackageRecord(
          name,
          fields.getOrDefault("Version", ""),
          Long.parseLong(fields.getOrDefault("Size", "")),
          fields.getOrDefault("SHA256", ""));
    } catch (NumberFormatException e) {
      throw new GuestFetchException(
          "the archive's index has no usable record of package " + name, e);
    }
  }
}
