import Foundation
import Testing

@testable import Reports

@Suite("A picture, known by its bytes")
struct PictureTests {
  @Test(
    "has the format and size that Pillow gave it",
    arguments: [
      (PictureFixtures.png, "image/png"), (PictureFixtures.gif, "image/gif"), (PictureFixtures.jpeg, "image/jpeg"),
      (PictureFixtures.lossy, "image/webp"), (PictureFixtures.lossless, "image/webp"),
      (PictureFixtures.extended, "image/webp"),
    ])
  func formats(_ bytes: Data, _ mediaType: String) throws {
    let picture = try #require(Picture(bytes))
    #expect(picture.mediaType == mediaType && picture.width == 3 && picture.height == 2)
    // A slice that does not begin at 0 reads the same.
    #expect(Picture((Data("xx".utf8) + bytes).dropFirst(2)) == picture)
  }

  @Test("of which too little is there is none, whatever its beginning says")
  func short() {
    for bytes in [PictureFixtures.png.prefix(23), PictureFixtures.gif.prefix(9), PictureFixtures.jpeg.prefix(160)] {
      #expect(Picture(bytes) == nil)
    }
    for bytes in [
      PictureFixtures.lossy.prefix(28), PictureFixtures.lossless.prefix(24), PictureFixtures.extended.prefix(29),
    ] {
      #expect(Picture(bytes) == nil)
    }
    var flat = PictureFixtures.png
    flat.replaceSubrange(16..<20, with: [0, 0, 0, 0])
    #expect(Picture(flat) == nil)
  }

  @Test(
    "is not what is called one: SVG, a page, nothing",
    arguments: ["<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "<html>", "", "GIF89", "\u{89}PNG"])
  func others(_ text: String) { #expect(Picture(Data(text.utf8)) == nil) }
}
