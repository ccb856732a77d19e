internal import COpenSSL
public import Foundation

/// A SHA-256 digest (FIPS 180-4): 32 bytes.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes.
  public let bytes: [UInt8]

  /// 64 small hexadecimal digits.
  public var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// `hex`.
  public var description: String { hex }

  /// A digest from its 32 bytes; nil for another number of bytes.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    self.bytes = Array(bytes)
  }

  /// A digest from 64 small hexadecimal digits; nil for any other text.
  public init?(hex: String) {
    guard Self.isHex(hex) else { return nil }
    let digits = Array(hex.utf8).map { $0 < UInt8(ascii: "a") ? $0 - UInt8(ascii: "0") : $0 - UInt8(ascii: "a") + 10 }
    bytes = stride(from: 0, to: 64, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Whether a text has the form of `hex`.
  static func isHex(_ text: String) -> Bool {
    text.utf8.count == 64
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }
}

/// SHA-256 over a stream of bytes, by OpenSSL.
///
/// ```swift
/// var hash = try SHA256()
/// try hash.update(header)
/// try hash.update(file.bytes)
/// let digest = try hash.finish()
/// ```
public struct SHA256: ~Copyable {
  private let context: OpaquePointer

  /// Begins.
  /// - Throws: `EvidenceError.cryptography` if OpenSSL offers no SHA-256 here.
  public init() throws {
    guard let context = EVP_MD_CTX_new() else { throw Self.failure("no memory for SHA-256") }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      EVP_MD_CTX_free(context)
      throw Self.failure("SHA-256 is not available")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes, without copying them.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) throws {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    guard EVP_DigestUpdate(context, start, bytes.count) == 1 else { throw Self.failure("SHA-256 failed") }
  }

  /// Adds bytes.
  public mutating func update(_ data: Data) throws {
    try data.withUnsafeBytes { try update($0) }
  }

  /// The digest of all bytes added.
  public consuming func finish() throws -> SHA256Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &bytes, nil) == 1 else { throw Self.failure("SHA-256 failed") }
    return SHA256Digest(bytes: bytes)
  }

  /// The digest of bytes in memory, without copying them.
  public static func digest(of bytes: UnsafeRawBufferPointer) throws -> SHA256Digest {
    var hash = try SHA256()
    try hash.update(bytes)
    return try hash.finish()
  }

  /// The digest of data.
  public static func digest(of data: Data) throws -> SHA256Digest {
    try data.withUnsafeBytes { try digest(of: $0) }
  }

  private static func failure(_ what: String) -> EvidenceError { OpenSSL.failure(what) }
}
