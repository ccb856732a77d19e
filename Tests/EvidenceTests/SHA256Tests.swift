import Evidence
import Foundation
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  /// FIPS 180-4 examples (NIST) and the digest of nothing.
  static let vectors = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ]

  @Test("the standard's examples have the standard's digests", arguments: vectors)
  func examples(text: String, expected: String) throws {
    #expect(try SHA256.digest(of: Data(text.utf8)).hex == expected)
  }

  @Test("a million times 'a', added in pieces of uneven size, has the standard's digest")
  func million() throws {
    var hash = try SHA256()
    var left = 1_000_000
    for size in [0, 1, 63, 64, 65, 4096, 99_999] {
      try hash.update(Data(repeating: UInt8(ascii: "a"), count: size))
      left -= size
    }
    let rest = [UInt8](repeating: UInt8(ascii: "a"), count: left)
    try rest.withUnsafeBytes { try hash.update($0) }
    let digest = try hash.finish()
    #expect(digest.hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    #expect(digest.bytes.count == 32)
    #expect(digest.bytes.first == 0xCD)
  }
}
