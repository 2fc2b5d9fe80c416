package handover.guest;

import java.io.IOException;

/** The guest could not be fetched or built; the message says why and what to do. */
public final class GuestFetchException extends IOException {
  private static final long serialVersionUID = 1L;

  GuestFetchException(String message) {
    super(message);
  }

  GuestFetchException(String message, Throwable cause) {
    super(message, cause);
  }
}
