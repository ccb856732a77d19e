import Foundation

/// A colour of a figure, with the contrast arithmetic of WCAG 2.2.
struct FigureColour: Equatable {
  /// Red, green and blue, 0 to 255.
  var red: Double
  var green: Double
  var blue: Double

  static let white = FigureColour(red: 255, green: 255, blue: 255)
  static let ink = FigureColour(red: 0, green: 0, blue: 0)

  /// Blue through white to orange: ends that stay apart with every common colour-vision deficiency.
  /// - Parameter share: −1 (deepest blue) to 1 (deepest orange); values outside are held at the ends.
  static func diverging(_ share: Double) -> FigureColour {
    let end =
      share < 0
      ? FigureColour(red: 33, green: 102, blue: 172) : FigureColour(red: 200, green: 92, blue: 8)
    let amount = min(1, abs(share))
    return FigureColour(
      red: 255 + (end.red - 255) * amount, green: 255 + (end.green - 255) * amount,
      blue: 255 + (end.blue - 255) * amount)
  }

  /// Black or white, whichever has the greater contrast; the better of the two is never below 4.58 : 1.
  var readable: FigureColour { contrast(with: .ink) >= contrast(with: .white) ? .ink : .white }

  /// Contrast ratio (WCAG 2.2, definition "contrast ratio"), 1 to 21.
  func contrast(with other: FigureColour) -> Double {
    let lighter = max(luminance, other.luminance)
    let darker = min(luminance, other.luminance)
    return (lighter + 0.05) / (darker + 0.05)
  }

  /// Relative luminance (WCAG 2.2, definition "relative luminance").
  var luminance: Double {
    func linear(_ channel: Double) -> Double {
      let value = channel / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// `#rrggbb`.
  var hex: String {
    "#"
      + [red, green, blue].map { channel in
        let text = String(Int(channel.rounded()), radix: 16)
        return text.count == 1 ? "0" + text : text
      }.joined()
  }
}
