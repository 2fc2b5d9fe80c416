package handover.monitor.json;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * Reads one JSON value after another from a stream that may be hostile.
 *
 * <p>A parser that fails in the middle of a value cannot tell where the next one begins. So values
 * are framed first, by counting brackets outside strings, and each frame is parsed by itself: after
 * an error the reader stands behind the broken value. Three things make it give a value up early:
 * too many bytes, too deep a nesting, a line break inside a string. A byte 0xFF, which UTF-8 never
 * contains, resets it at any point, as in QEMU.
 *
 * <p>Not safe for several threads.
 */
public final class JsonReader {
  private static final int END = -1;
  private static final int RESET = 0xFF;
  private static final int KEPT = 1 << 16;

  private final InputStream in;
  private final byte[] buffer = new byte[8192];
  private int position;
  private int limit;

  private byte[] frame = new byte[1024];
  private int length;
  private int depth;
  private int quote;
  private boolean escaped;
  private String giveUp = "";

  /** Reads from {@code in}; a read that returns less than asked for is normal. */
  public JsonReader(InputStream in) {
    this.in = in;
  }

  /**
   * Waits for the next value.
   *
   * @return empty at the end of the stream, also in the middle of a value
   * @throws JsonSyntaxException if the next value was broken; reading may go on
   */
  public Optional<Json> next() throws IOException, JsonSyntaxException {
    startFrame();
    for (int b = read(); b != END; b = read()) {
      if (b == RESET) {
        startFrame();
      } else if (take(b)) {
        return Optional.of(finish());
      }
    }
    return Optional.empty();
  }

  private void startFrame() {
    if (frame.length > KEPT) {
      frame = new byte[KEPT];
    }
    length = 0;
    depth = 0;
    quote = 0;
    escaped = false;
    giveUp = "";
  }

  private Json finish() throws JsonSyntaxException {
    if (!giveUp.isEmpty()) {
      throw new JsonSyntaxException("JSON parse error, " + giveUp);
    }
    return JsonText.parse(frame, 0, length);
  }

  /** Adds a byte to the frame; true when it ends the frame. */
  private boolean take(int b) {
    if (quote != 0) {
      return inString(b);
    }
    return depth > 0 ? inValue(b) : betweenValues(b);
  }

  private boolean inString(int b) {
    store(b);
    if (b == '\n') {
      giveUp = "line break inside a string";
      return true;
    }
    if (escaped) {
      escaped = false;
    } else if (b == '\\') {
      escaped = true;
    } else if (b == quote) {
      quote = 0;
    }
    return false;
  }

  private boolean inValue(int b) {
    store(b);
    switch (b) {
      case '"', '\'' -> quote = b;
      case '{', '[' -> open();
      case '}', ']' -> depth--;
      default -> {}
    }
    return depth == 0;
  }

  private void open() {
    if (++depth > JsonText.MAX_DEPTH) {
      giveUp = "nested deeper than " + JsonText.MAX_DEPTH;
    }
  }

  /** Bare words and numbers outside any object are gathered up to the end of the line. */
  private boolean betweenValues(int b) {
    if (b == '{' || b == '[') {
      if (length > 0) {
        position--;
        return true;
      }
      store(b);
      depth = 1;
      return false;
    }
    boolean blank = b == ' ' || b == '\t' || b == '\r' || b == '\n';
    if (!blank || length > 0) {
      store(b);
    }
    return b == '\n' && length > 0;
  }

  private void store(int b) {
    if (length == JsonText.MAX_LENGTH) {
      giveUp = "longer than " + JsonText.MAX_LENGTH + " bytes";
      return;
    }
    if (length == frame.length) {
      frame = Arrays.copyOf(frame, Math.min(2 * length, JsonText.MAX_LENGTH));
    }
    frame[length++] = (byte) b;
  }

  private int read() throws IOException {
    if (position == limit) {
      position = 0;
      limit = Math.max(0, in.read(buffer));
      if (limit == 0) {
        return END;
      }
    }
    return buffer[position++] & 0xFF;
  }
}
