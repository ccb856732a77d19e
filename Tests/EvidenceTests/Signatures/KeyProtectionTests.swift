import Analysis
import Foundation
import Testing

@testable import Evidence

@Suite("Private keys under a passphrase", .enabled(if: OtherProgram.hasOpenSSL))
struct KeyProtectionTests {
  private let scratch: Scratch
  private var folder: URL { scratch.folder }

  init() throws { scratch = try Scratch() }

  private func shell(_ script: String) throws -> OtherProgram.Result { try OtherProgram.shell(script, in: folder) }

  @Test(
    "openssl reads what is written, and finds PBES2, PBKDF2 with HMAC-SHA-256 and 600,000 rounds, AES-256-CBC in it")
  func readByOpenSSL() throws {
    let key = try PrivateKey.generate(.p256)
    try key.pem(protectedBy: Passphrase("correct horse")).write(to: scratch("k.pem"))
    try Data(key.publicKey().pem().utf8).write(to: scratch("p.pem"))
    for program in ["openssl pkey -in k.pem", "openssl pkcs8 -in k.pem"] {
      #expect(try shell("\(program) -passin 'pass:correct horse' | openssl pkey -pubout | cmp - p.pem").status == 0)
      #expect(try shell("\(program) -passin 'pass:correct hors' -out /dev/null").status != 0)
    }
    let structure = try shell("openssl asn1parse -in k.pem").out
    for part in ["PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc"] { #expect(structure.contains(part), "\(part)") }
    // 0x0927C0 = 600,000.
    #expect(structure.contains("INTEGER           :0927C0"), "\(structure)")
    // A salt of 16 bytes is printed as 32 digits.
    #expect(
      structure.split(separator: "\n").contains {
        $0.contains("OCTET STRING") && $0.suffix(33).first == ":" && $0.suffix(32).allSatisfy(\.isHexDigit)
      })
  }

  @Test(
    "keys that openssl encrypted are read with their passphrase only",
    arguments: [
      "openssl pkcs8 -topk8 -in k.pem -out e.pem -passout 'pass:tèst phrase'",
      "openssl pkcs8 -topk8 -scrypt -in k.pem -out e.pem -passout 'pass:tèst phrase'",
      "openssl pkcs8 -topk8 -iter 600000 -v2prf hmacWithSHA512 -in k.pem -out e.pem -passout 'pass:tèst phrase'",
      "openssl ec -aes256 -in k.pem -out e.pem -passout 'pass:tèst phrase'",
    ])
  func fromOpenSSL(command: String) throws {
    #expect(try shell("openssl ecparam -name P-256 -genkey -noout -out k.pem && \(command)").status == 0)
    let (plain, encrypted) = (try Data(contentsOf: scratch("k.pem")), try Data(contentsOf: scratch("e.pem")))
    #expect(!PrivateKey.isEncrypted(plain) && PrivateKey.isEncrypted(encrypted))
    let fingerprint = try PrivateKey(pem: plain).publicKey().fingerprint()
    #expect(
      try PrivateKey(pem: encrypted, passphrase: Passphrase("tèst phrase")).publicKey().fingerprint() == fingerprint)
    for wrong in ["test phrase", "", "tèst phrase "] {
      let error = #expect(throws: EvidenceError.self) { try PrivateKey(pem: encrypted, passphrase: Passphrase(wrong)) }
      #expect(error?.code == .wrongPassphrase && error?.exitStatus == .badInput, "\(wrong)")
    }
    let none = #expect(throws: EvidenceError.self) { try PrivateKey(pem: encrypted) }
    #expect(none?.code == .badKey && none?.message.contains("encrypted") == true)
  }

  @Test("a file that asks for thousands of millions of rounds is refused at once", arguments: ["pem", "p12"])
  func endlessDerivation(form: String) throws {
    #expect(
      try shell(
        """
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -subj /CN=Ada 2>/dev/null
        openssl pkcs8 -topk8 -in k.pem -outform DER -out e.der -iter 2049 -passout pass:secret
        openssl pkcs12 -export -inkey k.pem -in c.pem -out e.p12 -iter 2049 -passout pass:secret
        """
      ).status == 0)
    let start = ContinuousClock.now
    if form == "pem" {
      let der = try Data(contentsOf: scratch("e.der"))
      let spoilt = try #require(DERNumber.replacing(2049, by: 2_000_000_000, in: der))
      let pem =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n\(spoilt.base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed]))\n-----END ENCRYPTED PRIVATE KEY-----\n"
      let error = #expect(throws: EvidenceError.self) {
        try PrivateKey(pem: Data(pem.utf8), passphrase: Passphrase("secret"))
      }
      #expect(error?.message.contains("rounds") == true, "\(String(describing: error))")
    } else {
      let data = try Data(contentsOf: scratch("e.p12"))
      let spoilt = try #require(DERNumber.replacing(2049, by: 2_000_000_000, in: data, last: true))
      let error = #expect(throws: EvidenceError.self) { try PKCS12.read(spoilt, password: "secret") }
      #expect(error?.message.contains("rounds") == true, "\(String(describing: error))")
    }
    #expect(ContinuousClock.now - start < .seconds(2))
  }

  @Test(
    "too weak a passphrase is refused with the reason",
    arguments: [
      ("", "empty"), ("1234567", "7 characters"), ("äöüäöüä", "7 characters"),
      (String(repeating: "x", count: 1001), "1001 bytes"),
    ])
  func weak(text: String, reason: String) throws {
    #expect(Passphrase(text).weakness?.contains(reason) == true)
    #expect(throws: EvidenceError.self) { try PrivateKey.generate(.p256).pem(protectedBy: Passphrase(text)) }
  }

  @Test(
    "eight characters are enough, and a thousand bytes possible",
    arguments: ["12345678", "äöüäöüäö", String(repeating: "x", count: 1000)])
  func strongEnough(text: String) throws {
    #expect(Passphrase(text).weakness == nil)
    let key = try PrivateKey.generate(.p256)
    let again = try PrivateKey(pem: key.pem(protectedBy: Passphrase(text)), passphrase: Passphrase(text))
    #expect(try again.publicKey().fingerprint() == key.publicKey().fingerprint())
  }

  @Test("a passphrase file: its first line without the line's end; what is no file is refused at once")
  func file() throws {
    for (content, expected) in [
      ("abc def\n", "abc def"), ("abc\r\nmore\n", "abc"), ("abc", "abc"), (" a \n", " a "), ("\nabc", ""),
    ] {
      try Data(content.utf8).write(to: scratch("p"))
      #expect(chmod(scratch("p").path, 0o600) == 0)
      let (passphrase, othersMayRead) = try Passphrase.read(scratch("p"))
      #expect(passphrase.isSame(as: Passphrase(expected)) && !othersMayRead, "\(content.debugDescription)")
    }
    #expect(chmod(scratch("p").path, 0o640) == 0)
    #expect(try Passphrase.read(scratch("p")).othersMayRead)
    #expect(mkfifo(scratch("pipe").path, 0o600) == 0)
    for path in [scratch("pipe"), URL(fileURLWithPath: "/dev/zero"), folder, scratch("nothing")] {
      #expect(throws: (any Error).self) { try Passphrase.read(path) }
    }
  }

  @Test("a key in its folder is protected in its place, all or nothing, and keeps its rights")
  func protecting() throws {
    let keys = UserKeys(folder: folder)
    let key = try PrivateKey.generate(.p256)
    let identity = try keys.add(
      "ada", key: key, certificate: Certificate.selfSigned(name: "Ada", title: nil, key: key))
    #expect(keys.isProtected(identity) == false)
    let before = try Data(contentsOf: identity.keyFile)
    #expect(throws: EvidenceError.self) { try keys.protect(identity, former: { nil }, with: { Passphrase("short") }) }
    #expect(try Data(contentsOf: identity.keyFile) == before)
    try keys.protect(identity, former: { nil }, with: { Passphrase("first passphrase") })
    #expect(keys.isProtected(identity) == true)
    #expect(throws: EvidenceError.self) {
      try keys.protect(identity, former: { Passphrase("wrong passphrase") }, with: { Passphrase("second passphrase") })
    }
    try keys.protect(identity, former: { Passphrase("first passphrase") }, with: { Passphrase("second passphrase") })
    let again = try keys.privateKey(of: identity) { Passphrase("second passphrase") }
    #expect(try again.publicKey().fingerprint() == key.publicKey().fingerprint())
    let mode = try FileManager.default.attributesOfItem(atPath: identity.keyFile.path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let folderMode =
      try FileManager.default.attributesOfItem(
        atPath: identity.keyFile.deletingLastPathComponent().path)[.posixPermissions] as? Int
    #expect(folderMode == 0o700)
    let names = try FileManager.default.contentsOfDirectory(
      atPath: identity.keyFile.deletingLastPathComponent().path)
    #expect(names.sorted() == ["ada.crt", "ada.key"])
  }
}

/// Numbers in DER whose change makes the structures around them longer.
private enum DERNumber {
  /// Replaces an INTEGER and mends the lengths of everything that holds it, also across OCTET STRINGs.
  static func replacing(_ old: UInt32, by new: UInt32, in der: Data, last: Bool = false) -> Data? {
    let bytes = [UInt8](der)
    let target = integer(old)
    let places = bytes.indices.filter { bytes[$0...].starts(with: target) }
    guard let place = last ? places.last : places.first else { return nil }
    return rebuilt(bytes[...], place, target.count, integer(new)).map { Data($0) }
  }

  private static func integer(_ value: UInt32) -> [UInt8] {
    var content = withUnsafeBytes(of: value.bigEndian) { Array($0.drop { $0 == 0 }) }
    if content[0] & 0x80 != 0 { content.insert(0, at: 0) }
    return [2, UInt8(content.count)] + content
  }

  /// The elements of a slice with the one at a place exchanged.
  private static func rebuilt(_ slice: ArraySlice<UInt8>, _ place: Int, _ count: Int, _ new: [UInt8]) -> [UInt8]? {
    var (at, out): (Int, [UInt8]) = (slice.startIndex, [])
    while at < slice.endIndex {
      guard let (start, length) = header(slice, at), start + length <= slice.endIndex else { return nil }
      let end = start + length
      if at == place {
        out += new
      } else if (at..<end).contains(place) {
        guard let inner = rebuilt(slice[start..<end], place, count, new) else { return nil }
        out += [slice[at]] + size(inner.count) + inner
      } else {
        out += slice[at..<end]
      }
      at = end
    }
    return out
  }

  private static func header(_ slice: ArraySlice<UInt8>, _ at: Int) -> (start: Int, length: Int)? {
    guard at + 1 < slice.endIndex else { return nil }
    let first = Int(slice[at + 1])
    guard first & 0x80 != 0 else { return (at + 2, first) }
    let digits = first & 0x7F
    guard digits > 0, digits < 5, at + 2 + digits <= slice.endIndex else { return nil }
    return (at + 2 + digits, slice[(at + 2)..<(at + 2 + digits)].reduce(0) { $0 << 8 | Int($1) })
  }

  private static func size(_ count: Int) -> [UInt8] {
    guard count >= 128 else { return [UInt8(count)] }
    let digits = withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0.drop { $0 == 0 }) }
    return [0x80 | UInt8(digits.count)] + digits
  }
}
