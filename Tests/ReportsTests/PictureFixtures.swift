import Foundation

/// Pictures of 3 × 2 pixels as Pillow 13.0.0 saved them: `Image.new('RGB', (3, 2), (200, 30, 30)).save(…)`; `extended` with an alpha
/// channel and EXIF data.
enum PictureFixtures {
  static let png = bytes(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAFUlEQVR4nGM8ISfHwMDAwMDAxAADABMuAQhqwGVhAAAAAElFTkSuQmCC")
  static let gif = bytes("R0lGODdhAwACAIEAAMgeHgAAAAAAAAAAACwAAAAAAwACAAAIBgABCBwYEAA7")
  static let lossy = bytes(
    "UklGRjoAAABXRUJQVlA4IC4AAACwAQCdASoDAAIAAUAmJaACdLoABDAAAP7x3I/4DdfFtMv/vYL/3YL/3YL/WwAA")
  static let lossless = bytes("UklGRh4AAABXRUJQVlA4TBEAAAAvAkAAAAdQjyLXo/+BiOh/AAA=")
  static let extended = bytes(
    "UklGRlwAAABXRUJQVlA4WAoAAAAYAAAAAgAAAQAAQUxQSAcAAAAAZGRkZGRkAFZQOCAYAAAAMAEAnQEqAwACAAFAJiWkAANwAP79IFAARVhJRg4AAABNTQAqAAAACAAA"
      + "AAAAAA==")
  /// As far as the frame header (the first 177 of 633 bytes).
  static let jpeg = bytes(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/2wBDAQkJCQwL"
      + "DBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjL/wAARCAACAAMDASIAAhEBAxEB")

  private static func bytes(_ text: String) -> Data { Data(base64Encoded: text) ?? Data() }
}
