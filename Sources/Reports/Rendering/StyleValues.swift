import Foundation

/// The properties of looks and the values that each takes.
enum StyleValues {
  /// What a property may be set to.
  struct Rule: Sendable {
    /// In words, for a person whose value is refused.
    var says: String
    var allows: @Sendable (String) -> Bool

    init(_ says: String, _ allows: @escaping @Sendable (String) -> Bool) {
      self.says = says
      self.allows = allows
    }
  }

  // MARK: Parts

  /// The words of a value.
  static func words(_ value: String) -> [String] { value.splitScalars(" ").filter { !$0.isEmpty } }

  /// Whether a length has one of the units within its bounds; 0 has none.
  static func length(_ text: String, _ bounds: [String: ClosedRange<Double>]) -> Bool {
    let digits = String(text.unicodeScalars.prefix { ("0"..."9").contains($0) || $0 == "." })
    guard let number = Double(digits), let first = digits.utf8.first,
      first != UInt8(ascii: ".") || digits.utf8.count > 1
    else {
      return false
    }
    let unit = String(text.unicodeScalars.dropFirst(digits.unicodeScalars.count))
    if unit.isEmpty { return number == 0 && bounds.values.contains { $0.contains(0) } }
    return bounds[unit]?.contains(number) ?? false
  }

  private static func one(of choices: String...) -> Rule {
    Rule("use one of \(choices.joined(separator: ", "))") { value in choices.contains(value) }
  }

  private static func lengths(_ bounds: [String: ClosedRange<Double>], count: Int, words extra: [String] = []) -> Rule {
    let says = bounds.sorted { $0.key < $1.key }.map {
      "\($0.value.lowerBound)\($0.key) to \($0.value.upperBound)\($0.key)"
    }
    return Rule(
      "use \(count == 1 ? "a length" : "one to \(count) lengths") of \((says + extra).joined(separator: ", "))"
    ) { value in
      let parts = words(value)
      return (1...count).contains(parts.count) && parts.allSatisfy { extra.contains($0) || length($0, bounds) }
    }
  }

  // MARK: Colours

  /// A colour of three or six hexadecimal digits, or black or white, as relative luminance (WCAG 2.2, relative luminance).
  static func luminance(_ text: String) -> Double? {
    let names = ["black": "#000000", "white": "#ffffff"]
    let scalars = Array((names[text] ?? text).unicodeScalars)
    guard scalars.first == "#", scalars.count == 4 || scalars.count == 7,
      let number = Int(String(String.UnicodeScalarView(scalars.dropFirst())), radix: 16),
      scalars.dropFirst().allSatisfy({ $0.isASCII && $0.properties.isASCIIHexDigit })
    else { return nil }
    let shorts = [number >> 8 & 15, number >> 4 & 15, number & 15].map { Double($0 * 17) }
    let longs = [number >> 16 & 255, number >> 8 & 255, number & 255].map(Double.init)
    let channels = (scalars.count == 4 ? shorts : longs).map { channel -> Double in
      let share = channel / 255
      return share <= 0.04045 ? share / 12.92 : power((share + 0.055) / 1.055)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }

  /// The brightest colour of a text and the darkest one behind it: 0.75/0.15 is a contrast of 5, above the 4.5 of WCAG 2.2, 1.4.3.
  private static let brightestText = 0.10
  private static let darkestBackground = 0.70

  static let textColour = Rule(
    "a colour of text is dark (relative luminance at most 0.10), so that it can be read on every background; write it as #rrggbb"
  ) { value in
    ["var(--ink)", "var(--quiet)", "var(--accent)", "inherit"].contains(value)
      || (luminance(value).map { $0 <= brightestText } ?? false)
  }

  static let background = Rule(
    "a background is light (relative luminance at least 0.70), so that every text can be read on it; write it as #rrggbb"
  ) { value in
    ["var(--wash)", "none", "transparent"].contains(value)
      || (luminance(value).map { $0 >= darkestBackground } ?? false)
  }

  static let lineColour = Rule("write a colour as #rrggbb") { isLineColour($0) }

  private static func isLineColour(_ text: String) -> Bool {
    ["var(--ink)", "var(--quiet)", "var(--accent)", "var(--rule)", "currentcolor"].contains(text)
      || luminance(text) != nil
  }

  private static let border = Rule(
    "use a width of 0px to 20px, a style (solid, dashed, dotted, double, none) and a colour"
  ) { value in
    let parts = words(value)
    return (1...3).contains(parts.count)
      && parts.allSatisfy { isLineStyle($0) || isLineColour($0) || length($0, lineWidths) }
  }

  private static let lineWidths: [String: ClosedRange<Double>] = ["px": 0...20, "rem": 0...1, "em": 0...1]
  private static func isLineStyle(_ text: String) -> Bool {
    ["solid", "dashed", "dotted", "double", "none"].contains(text)
  }

  // MARK: Letters

  /// Faces that have pictures in place of letters, or nothing.
  private static let pictureFaces = [
    "ding", "symbol", "ornament", "marlett", "mt extra", "mdl2", "icon", "emoji", "d050000l", "barcode", "blank",
    "redact", "webd",
    "flow", "hidden",
  ]

  static let family = Rule(
    "name typefaces of letters, with commas between them: names of ASCII letters, digits and spaces, quoted if need be"
  ) {
    value in isFamily(value)
  }

  private static func isFamily(_ value: String) -> Bool {
    let names = value.splitScalars(",").map { $0.trimmingWhitespaceScalars() }
    return names.allSatisfy { name in
      if ["var(--serif)", "var(--sans)", "var(--mono)"].contains(name) { return true }
      let scalars = Array(name.unicodeScalars)
      let isQuoted = scalars.count > 2 && scalars.first == scalars.last && ["\"", "'"].contains(scalars[0])
      let plain = String(String.UnicodeScalarView(isQuoted ? Array(scalars.dropFirst().dropLast()) : scalars))
        .lowercased()
      guard !plain.isEmpty, plain.utf8.count <= 60,
        plain.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x20 || $0 == 0x2D })
      else { return false }
      return !pictureFaces.contains { plain.splitScalars($0).count > 1 }
    }
  }

  /// Not relative to the element around it, where sizes would multiply.
  private static let sizes: [String: ClosedRange<Double>] = ["rem": 0.7...4, "px": 11...64, "pt": 8...48]
  private static let size = Rule("use 0.7rem to 4rem, 11px to 64px or 8pt to 48pt") { length($0, sizes) }
  private static let weights = ["normal", "bold", "100", "200", "300", "400", "500", "600", "700", "800", "900"]
  private static let lineHeight = Rule("use a number from 1.1 to 3") { isLineHeight($0) }
  private static func isLineHeight(_ text: String) -> Bool {
    isNumber(text) && (Double(text).map { (1.1...3).contains($0) } ?? false)
  }
  private static func isNumber(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
  }

  /// `italic 600 1rem/1.5 Georgia, serif`.
  private static let font = Rule(
    "write style, weight, size/line height and typefaces, e.g. italic 600 1rem/1.5 Georgia, serif"
  ) {
    value in
    var parts = words(value)
    while let first = parts.first, ["italic", "normal"].contains(first) || weights.contains(first) {
      parts.removeFirst()
    }
    guard let first = parts.first, parts.count > 1 else { return false }
    let pair = first.splitScalars("/")
    guard pair.count <= 2, length(pair[0], sizes), pair.count == 1 || isLineHeight(pair[1]) else { return false }
    return isFamily(parts.dropFirst().joined(separator: " "))
  }

  // MARK: Properties

  private static let height: [String: ClosedRange<Double>] = ["rem": 0...10, "px": 0...160, "pt": 0...120]
  /// Boxes stand in boxes; more than this on each side, and a table would leave the page.
  private static let side: [String: ClosedRange<Double>] = ["rem": 0...2, "px": 0...32, "pt": 0...24]
  private static let spacing: [String: ClosedRange<Double>] = ["em": 0...0.5, "px": 0...6, "rem": 0...0.4]

  /// All of them.
  static let properties: [String: Rule] = {
    var all: [String: Rule] = [
      "color": textColour, "background": background, "background-color": background, "font": font,
      "font-family": family,
      "font-size": size, "line-height": lineHeight, "font-style": one(of: "normal", "italic", "oblique"),
      "font-weight": Rule("use normal, bold or 100 to 900") { weights.contains($0) },
      "font-variant-numeric": one(of: "normal", "tabular-nums", "lining-nums", "oldstyle-nums", "proportional-nums"),
      "font-variant-caps": one(of: "normal", "small-caps"),
      "letter-spacing": lengths(spacing, count: 1, words: ["normal"]),
      "word-spacing": lengths(spacing, count: 1, words: ["normal"]),
      "text-align": one(of: "left", "right", "center", "justify", "start", "end"),
      "text-decoration": one(of: "none", "underline"),
      "text-decoration-thickness": lengths(lineWidths, count: 1, words: ["auto"]),
      "text-underline-offset": lengths(lineWidths, count: 1, words: ["auto"]),
      "text-transform": one(of: "none", "uppercase", "lowercase", "capitalize"),
      "text-indent": lengths(["rem": 0...4, "em": 0...4], count: 1), "hyphens": one(of: "none", "manual", "auto"),
      "list-style": one(of: "none", "disc", "circle", "square", "decimal"),
      "list-style-type": one(of: "none", "disc", "circle", "square", "decimal"),
      "vertical-align": one(of: "baseline", "top", "middle", "bottom"),
      "border-collapse": one(of: "collapse", "separate"),
      "border-spacing": lengths(["px": 0...20, "rem": 0...1], count: 2),
      "border-radius": lengths(["px": 0...40, "rem": 0...2, "em": 0...2], count: 4),
      "outline": border, "outline-offset": lengths(["px": 0...10], count: 1),
      "max-width": lengths(["rem": 20...200, "px": 320...4000], count: 1, words: ["none", "100%"]),
      "margin": lengths(side, count: 4, words: ["auto"]), "padding": lengths(side, count: 4),
      "break-before": one(of: "auto", "page", "avoid"), "break-after": one(of: "auto", "page", "avoid"),
      "break-inside": one(of: "auto", "avoid"), "orphans": one(of: "2", "3", "4"), "widows": one(of: "2", "3", "4"),
    ]
    for edge in ["top", "right", "bottom", "left"] {
      let bounds = edge == "top" || edge == "bottom" ? height : side
      all["margin-\(edge)"] = lengths(bounds, count: 1, words: ["auto"])
      all["padding-\(edge)"] = lengths(bounds, count: 1)
    }
    for part in ["border", "border-top", "border-right", "border-bottom", "border-left"] {
      all[part] = border
      all["\(part)-color"] = lineColour
      all["\(part)-width"] = lengths(lineWidths, count: part == "border" ? 4 : 1)
      all["\(part)-style"] = Rule("use solid, dashed, dotted, double or none") { isLineStyle($0) }
    }
    return all
  }()

  /// The power 2.4 of sRGB.
  private static func power(_ value: Double) -> Double { pow(value, 2.4) }
}
