import Foundation
import Testing

@testable import Reports

/// Archives that try to write where they should not, or more than there is room for.
enum HostileArchive: String, CaseIterable, Sendable {
  case parentFolder, deepParentFolder, absolute, link, throughLink, overwriting, bomb, overlappingBomb, manyNames

  /// The archive's bytes, written byte by byte on the base of a good one.
  /// - Parameter outside: a folder that a careless program would write into.
  func bytes(_ good: Data, outside: URL) throws -> Data {
    var raw = try RawArchive(good)
    let evil = Data("evil\n".utf8)
    func put(_ name: String, _ content: Data = evil) { raw.put(name, content) }
    switch self {
    case .parentFolder: put("../evil.txt")
    case .deepParentFolder: put("dossier/../../../evil.txt")
    case .absolute: put(outside.appendingPathComponent("evil.txt").path)
    case .link:
      put("link", Data(outside.path.utf8))
      raw.files[raw.files.count - 1].attributes = 0xA1FF_0000
    case .throughLink:
      put("link", Data(outside.path.utf8))
      raw.files[raw.files.count - 1].attributes = 0xA1FF_0000
      put("link/evil.txt")
    case .overwriting: put("../bundle.asice")
    case .bomb:
      // 256 MiB of zeros in 256 KiB.
      put("bomb.txt")
      let last = raw.files.count - 1
      raw.files[last].content = try Self.deflatedZeros
      raw.files[last].method = 8
      raw.files[last].size = UInt32(raw.files[last].content.count)
    case .overlappingBomb:
      // Many names for the same bytes: what is unpacked is far more than the file.
      put("big.txt", Data(repeating: 0x61, count: 1 << 20))
      let big = raw.files[raw.files.count - 1]
      let offset = UInt32(RawArchive.offset(of: "big.txt", in: raw))
      for number in 0..<64 {
        var copy = big
        copy.name = Array("big\(number).txt".utf8)
        copy.offset = offset
        copy.content = Data()
        copy.size = UInt32(big.content.count)
        raw.files.append(copy)
      }
    case .manyNames: for number in 0..<64 { put("../evil\(number).txt") }
    }
    return raw.bytes()
  }

  /// A deflate stream of 256 MiB of zeros.
  private static var deflatedZeros: Data {
    get throws {
      let folder = try DossierFixtures.Folder(["empty": ""])
      try OpenSSLProgram.shell(
        """
        python3 -c 'import zlib
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        block = bytes(1 << 20)
        open("zeros", "wb").write(b"".join(packer.compress(block) for _ in range(256)) + packer.flush())'
        """, in: folder.url)
      return try Data(contentsOf: folder.url.appendingPathComponent("zeros"))
    }
  }
}

extension RawArchive {
  /// Where the header beside the data of a file begins.
  static func offset(of name: String, in raw: RawArchive) -> Int {
    var offset = raw.prefix.count
    for file in raw.files {
      offset += file.gap.count
      if file.name == Array(name.utf8) { break }
      offset += 30 + (file.localName ?? file.name).count + file.extra.count + file.content.count + file.descriptor.count
    }
    return offset
  }
}

/// What the tests of hostile archives need.
enum UnpackingPrograms {
  static let areThere: Bool = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let missing = ["python3", "unzip"].filter { name in
      !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
    if !missing.isEmpty { print("SKIPPED: \(missing.joined(separator: ", ")) not installed: no hostile archives") }
    return missing.isEmpty
  }()
}

@Suite("A hostile archive writes nothing where it should not", .enabled(if: UnpackingPrograms.areThere))
struct HostileArchiveTests {
  /// Every file and link below a folder with its bytes' digest and its inode's kind.
  private func tree(_ folder: URL) throws -> [String: String] {
    var tree: [String: String] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      let url = folder.appendingPathComponent(name)
      let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
      let type = attributes[.type] as? FileAttributeType
      let content = type == .typeRegular ? try Data(contentsOf: url) : Data()
      tree[name] = "\(type?.rawValue ?? "") \(content.count) \(content.hashValue)"
    }
    return tree
  }

  /// A sandbox: `outside`, and in `parent/target` the bundle.
  private func sandbox(_ hostile: HostileArchive) throws -> (folder: DossierFixtures.Folder, target: URL) {
    let folder = try DossierFixtures.Folder(["outside/kept.txt": "kept\n", "parent/kept.txt": "kept\n"])
    let target = folder.url.appendingPathComponent("parent/target")
    for name in ["parent/target", "tmp"] {
      try FileManager.default.createDirectory(
        at: folder.url.appendingPathComponent(name), withIntermediateDirectories: true)
    }
    let (_, good) = try SignOffSite.signed()
    try hostile.bytes(good, outside: folder.url.appendingPathComponent("outside"))
      .write(to: target.appendingPathComponent("bundle.asice"))
    return (folder, target)
  }

  @Test("'verify' reads it, names the reason and leaves every folder as it was", arguments: HostileArchive.allCases)
  func verifier(_ hostile: HostileArchive) throws {
    let (folder, target) = try sandbox(hostile)
    let before = try tree(folder.url)
    let report = try BundleVerifier().verify(
      try Data(contentsOf: target.appendingPathComponent("bundle.asice")), name: "x")
    #expect(report.codes == [.archive] && report.signers.isEmpty, "\(report.problems)")
    #expect(try tree(folder.url) == before)
  }

  @Test(
    "VERIFY.md stops before it is unpacked, says why, and writes into its own folder alone",
    arguments: HostileArchive.allCases)
  func instructions(_ hostile: HostileArchive) throws {
    let (folder, target) = try sandbox(hostile)
    let before = try tree(folder.url)
    let outside = before.filter { !$0.key.hasPrefix("parent/target/") }
    let environment = ["TMPDIR": folder.url.path + "/tmp", "HOME": folder.url.path + "/tmp"]
    let result = try Instructions.paste(in: target, environment: environment)
    #expect(result.status == 1 && result.text.contains("WRONG: the archive:"), "\(result)")
    let after = try tree(folder.url)
    #expect(after.filter { !$0.key.hasPrefix("parent/target/") } == outside)
    let written = after.keys.filter { before[$0] == nil }
    #expect(written.allSatisfy { $0.hasPrefix("parent/target/check.") || $0 == "parent/target/verify-bundle.sh" })
    #expect(!written.contains { $0.contains("/content") })
  }
}
