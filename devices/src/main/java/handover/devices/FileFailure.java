package handover.devices;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Optional;

/** Says what is wrong with a file: the JDK's message for most of it is the file's name alone. */
public final class FileFailure {
  private FileFailure() {}

  /** What is wrong, without the file's name; such as {@code no such file or directory}. */
  public static String words(IOException failure) {
    return switch (failure) {
      case NoSuchFileException e -> "no such file or directory";
      case AccessDeniedException e -> "permission denied";
      case NotDirectoryException e -> "not a directory";
      case FileSystemException e -> Optional.ofNullable(e.getReason()).orElse(e.toString());
      default -> Optional.ofNullable(failure.getMessage()).orElse(failure.toString());
    };
  }

  /** The same behind the file's name, if the failure is about a file. */
  public static String named(IOException failure) {
    return failure instanceof FileSystemException e && e.getFile() != null
        ? e.getFile() + ": " + words(failure)
        : words(failure);
  }
}
