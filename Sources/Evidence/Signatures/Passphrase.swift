import Analysis
internal import COpenSSL
public import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A passphrase in memory of its own, which is wiped when it is no longer needed.
///
/// Unchecked: the bytes are written once and only read afterwards.
public final class Passphrase: @unchecked Sendable {
  /// Fewer characters than this protect nothing.
  public static let fewestCharacters = 8
  /// What OpenSSL takes at most.
  public static let mostBytes = 1000

  private let buffer: UnsafeMutableRawBufferPointer
  /// How many bytes it has.
  public let count: Int

  /// A passphrase of these bytes, which the caller wipes.
  public init(_ bytes: UnsafeRawBufferPointer) {
    count = bytes.count
    buffer = .allocate(byteCount: bytes.count, alignment: 1)
    if count > 0 { buffer.copyMemory(from: bytes) }
  }

  /// A passphrase from a text, which itself stays in memory.
  public convenience init(_ text: String) {
    var text = text
    self.init(copying: text.withUTF8 { Array($0) })
  }

  private init(copying bytes: [UInt8]) {
    count = bytes.count
    buffer = .allocate(byteCount: bytes.count, alignment: 1)
    buffer.copyBytes(from: bytes)
  }

  deinit {
    OPENSSL_cleanse(buffer.baseAddress, buffer.count)
    buffer.deallocate()
  }

  /// Gives the bytes to a function.
  func withBytes<Result>(_ body: (UnsafeRawPointer?, Int32) throws -> Result) rethrows -> Result {
    try body(buffer.baseAddress, Int32(clamping: count))
  }

  /// Gives the bytes as text of C, up to the first zero byte.
  func withText<Result>(_ body: (UnsafePointer<CChar>?) throws -> Result) rethrows -> Result {
    try withUnsafeTemporaryAllocation(byteCount: count + 1, alignment: 1) { text in
      text.copyMemory(from: UnsafeRawBufferPointer(buffer))
      text[count] = 0
      defer { OPENSSL_cleanse(text.baseAddress, text.count) }
      return try body(text.baseAddress?.assumingMemoryBound(to: CChar.self))
    }
  }

  /// Whether two are the same, in a time that does not depend on where they differ.
  public func isSame(as other: Passphrase) -> Bool {
    count == other.count && CRYPTO_memcmp(buffer.baseAddress, other.buffer.baseAddress, count) == 0
  }

  /// How many characters it has: in UTF-8 every byte that continues none.
  private var characters: Int { buffer[0..<count].count { $0 & 0xC0 != 0x80 } }

  /// Why it must not protect a key, in words; nil if it may.
  public var weakness: String? {
    if count == 0 { return "the passphrase is empty" }
    if characters < Self.fewestCharacters {
      return "the passphrase has \(characters) characters; take at least \(Self.fewestCharacters), e.g. several words"
    }
    if count > Self.mostBytes { return "the passphrase has \(count) bytes; at most \(Self.mostBytes) are possible" }
    return nil
  }
}

extension Passphrase {
  /// The first line of a file, without its end.
  /// - Returns: the passphrase, and whether others than the file's owner may read it.
  /// - Throws: `EvidenceError.badKey` if it is no regular file, or has no such line.
  public static func read(_ file: URL) throws -> (passphrase: Passphrase, othersMayRead: Bool) {
    var (content, mode): (Data, mode_t) = try PlainFile.readWithMode(file, limit: 65_536)
    defer { content.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
    return (firstLine(content), mode & 0o077 != 0)
  }

  /// The first line that comes from a descriptor, without its end; nothing after it is read.
  /// - Throws: `EvidenceError.inputOutput`.
  public static func read(descriptor: Int32) throws -> Passphrase {
    var line = Data(capacity: mostBytes + 2)
    defer { line.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) } }
    var byte: UInt8 = 0
    while line.count <= mostBytes {
      let count = Glibc.read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw EvidenceError(.inputOutput, "the passphrase cannot be read: \(String(cString: strerror(errno)))")
      }
      guard count == 1, byte != UInt8(ascii: "\n") else { break }
      line.append(byte)
    }
    return firstLine(line)
  }

  private static func firstLine(_ content: Data) -> Passphrase {
    var line = content.prefix { $0 != UInt8(ascii: "\n") }
    if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
    return line.withUnsafeBytes { Passphrase($0) }
  }
}
