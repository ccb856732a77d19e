internal import COpenSSL
public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds private keys in files that are to travel: what is in a bundle or a project's `keys/` is for everybody.
public enum PrivateKeyForm {
  /// In which form a file holds a private key, in words; nil if it holds none that can be told by its form.
  /// - Complexity: O(size of the file).
  public static func find(in data: Data) -> String? { text(data) ?? binary(data) ?? encoded(data) }

  // MARK: Texts

  private static let marks = [
    ("PRIVATE+KEY+", "a signed note's private key"), ("AGE-SECRET-KEY-1", "an age key"),
    ("PuTTY-User-Key-File-", "a PuTTY key"), ("minisign encrypted secret key", "a minisign key"),
    ("signify secret key", "a signify key"),
  ]

  private static func text(_ data: Data) -> String? {
    // A text in UTF-16 has a zero beside each letter.
    let isWide = data.count <= largest && holds(data, [0]) && !holds(data, "PRIVATE KEY")
    let data = isWide ? Data(data.filter { $0 != 0 }) : data
    var start = 0
    while let place = find(Array("PRIVATE KEY".utf8), in: data, from: start) {
      let before = data.dropFirst(max(0, place - 40)).prefix(min(40, place))
      if holds(Data(before), "BEGIN") { return "PEM" }
      start = place + 1
    }
    for (mark, form) in marks where holds(data, mark) { return form }
    return webKey(data) ? "a JSON Web Key" : nil
  }

  private static func holds(_ data: Data, _ text: String) -> Bool { holds(data, Array(text.utf8)) }
  private static func holds(_ data: Data, _ bytes: [UInt8]) -> Bool { find(bytes, in: data, from: 0) != nil }

  /// Where bytes stand next: every file of a bundle is searched, so it is done by the C library.
  private static func find(_ bytes: [UInt8], in data: Data, from start: Int) -> Int? {
    data.withUnsafeBytes { buffer -> Int? in
      guard let base = buffer.baseAddress, let first = bytes.first else { return nil }
      var place = start
      while place + bytes.count <= buffer.count,
        let found = memchr(base + place, Int32(first), buffer.count - place - bytes.count + 1)
      {
        place = UnsafeRawPointer(found) - base
        if memcmp(base + place, bytes, bytes.count) == 0 { return place }
        place += 1
      }
      return nil
    }
  }

  /// Whether a JSON text holds a JSON Web Key (RFC 7517, RFC 7518) with its private part, alone or in a set.
  private static func webKey(_ data: Data) -> Bool {
    guard holds(data, "\"kty\"") else { return false }
    guard let value = try? CanonicalJSON.parse(data) else {
      // Something around it, or a mistake in it: the member is what counts.
      return ["\"d\"", "\"k\""].contains { holds(data, $0) }
    }
    return holdsWebKey(value)
  }

  private static func holdsWebKey(_ value: JSONValue) -> Bool {
    func isText(_ value: JSONValue?) -> Bool { if case .string = value { true } else { false } }
    return switch value {
    case .object(let members):
      isText(members["kty"]) && (isText(members["d"]) || isText(members["k"]))
        || members.values.contains(where: holdsWebKey)
    case .array(let items): items.contains(where: holdsWebKey)
    default: false
    }
  }

  // MARK: DER

  private static let largest = 1 << 20

  private static func binary(_ data: Data) -> String? {
    for start in [[0xFE, 0xED, 0xFE, 0xED], [0xCE, 0xCE, 0xCE, 0xCE]] as [[UInt8]] where data.starts(with: start) {
      return "a Java key store"
    }
    guard data.first == 0x30, data.count <= largest else { return nil }
    defer { ERR_clear_error() }
    if holds(data, { d2i_PKCS12_bio($0, nil) }, PKCS12_free) { return "PKCS#12" }
    if holds(data, { d2i_PKCS8_bio($0, nil) }, X509_SIG_free) { return "encrypted PKCS#8 in DER form" }
    if holds(data, { d2i_PKCS8_PRIV_KEY_INFO_bio($0, nil) }, PKCS8_PRIV_KEY_INFO_free) { return "PKCS#8 in DER form" }
    if holds(data, { d2i_PrivateKey_bio($0, nil) }, EVP_PKEY_free) { return "a private key in DER form" }
    return nil
  }

  private static func holds(
    _ data: Data, _ read: (OpaquePointer) -> OpaquePointer?, _ free: (OpaquePointer?) -> Void
  ) -> Bool {
    guard let found = (try? OpenSSL.reading(data, read)) ?? nil else { return false }
    free(found)
    return true
  }

  /// A file that is nothing but base64 may be DER without the lines of PEM around it.
  private static func encoded(_ data: Data) -> String? {
    guard data.count <= largest, data.starts(with: Data("M".utf8)),
      let decoded = Data(base64Encoded: data.filter { $0 > 0x20 }), decoded.count > 30
    else { return nil }
    return binary(decoded).map { "\($0), base64" }
  }
}
