package handover.lab.report;

/** Writes HTML and SVG, escaping whatever is not markup. */
final class Markup {
  private final StringBuilder text = new StringBuilder();

  /** Opens an element; attributes are names and values in turn. */
  Markup open(String element, Object... attributes) {
    text.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      text.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1].toString());
      text.append('"');
    }
    text.append('>');
    return this;
  }

  /** Closes an element. */
  Markup close(String element) {
    text.append("</").append(element).append(">\n");
    return this;
  }

  /** An element that holds text. */
  Markup element(String element, String content, Object... attributes) {
    return open(element, attributes).text(content).close(element);
  }

  /** Text. */
  Markup text(String content) {
    escape(content);
    return this;
  }

  /** A line from one point to another. */
  Markup line(String kind, double x1, double y1, double x2, double y2) {
    return open("line", "class", kind, "x1", at(x1), "y1", at(y1), "x2", at(x2), "y2", at(y2))
        .close("line");
  }

  /** A word in a picture. */
  Markup label(String kind, double x, double y, String content) {
    return element("text", content, "class", kind, "x", at(x), "y", at(y));
  }

  /** A box that says what it is when pointed at. */
  Markup box(String kind, double x, double y, double width, double height, String tip) {
    return open(
            "rect", "class", kind, "x", at(x), "y", at(y), "width", at(width), "height", at(height))
        .element("title", tip)
        .close("rect");
  }

  /** A dot that says what it is when pointed at. */
  Markup dot(String kind, double x, double y, double radius, String tip) {
    return open("circle", "class", kind, "cx", at(x), "cy", at(y), "r", at(radius))
        .element("title", tip)
        .close("circle");
  }

  /** Markup as it is. */
  Markup raw(String markup) {
    text.append(markup);
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  private static String at(double coordinate) {
    return Double.toString(Math.round(coordinate * 10) / 10.0);
  }

  private void escape(String content) {
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      switch (c) {
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '&' -> text.append("&amp;");
        case '"' -> text.append("&quot;");
        default -> text.append(c);
      }
    }
  }
}
