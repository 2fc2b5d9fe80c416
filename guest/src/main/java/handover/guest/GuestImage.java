package handover.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * A guest program that is built from {@code guests/} and travels inside this module.
 *
 * @param name resource name, such as {@code pulse.bin}
 * @param record resource with what it was built with and from, such as {@code pulse.build}
 */
record GuestImage(String name, String record) {

  /** A fresh copy of the image. */
  byte[] bytes() {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Keys {@code compiler}, {@code linker}, {@code sources} and {@code image} (SHA-256 in hex). */
  Properties provenance() {
    Properties properties = new Properties();
    try (InputStream in = open(record)) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  private static InputStream open(String resource) {
    InputStream in = GuestImage.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException(
          resource
              + " is not packaged with module handover.guest; run guests/*/build.sh and rebuild");
    }
    return in;
  }
}
