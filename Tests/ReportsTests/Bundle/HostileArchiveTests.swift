import Foundation
import Templates
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
    "the first step of VERIFY.md stops before it is unpacked, and says why; forced on, unzip writes into the folder alone",
    arguments: HostileArchive.allCases)
  func instructions(_ hostile: HostileArchive) throws {
    let (folder, target) = try sandbox(hostile)
    let text = try String(contentsOf: Templates.url("bundle/VERIFY.md"), encoding: .utf8)
    let blocks = text.components(separatedBy: "```sh\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    let (look, unpack) = (blocks[0], blocks[1])
    #expect(unpack.contains("unzip -q") && !look.contains("unzip -q"))
    let before = try tree(folder.url)
    let environment = "export TMPDIR='\(folder.url.path)/tmp' HOME='\(folder.url.path)/tmp'\n"
    let refused = #expect(throws: OpenSSLProgram.Failure.self) {
      try OpenSSLProgram.shell(environment + look, in: target)
    }
    #expect(refused?.description.contains("STOP:") == true, "\(refused?.description ?? "")")
    #expect(try tree(folder.url) == before)
    // Somebody unpacks it all the same: nothing outside the folder, no file larger than the bundle.
    _ = try? OpenSSLProgram.shell(environment + unpack, in: target)
    let after = try tree(folder.url).filter { !$0.key.hasPrefix("parent/target/content") }
    #expect(after == before)
    let limit = try Data(contentsOf: target.appendingPathComponent("bundle.asice")).count + 512
    for (name, entry) in try tree(folder.url) where name.hasPrefix("parent/target/content") {
      #expect(Int(entry.split(separator: " ")[1]) ?? 0 <= limit, "\(name)")
    }
  }

  @Test("the first step of VERIFY.md lets a good bundle pass")
  func good() throws {
    let folder = try DossierFixtures.Folder(["empty": ""])
    let (_, data) = try SignOffSite.signed()
    try data.write(to: folder.url.appendingPathComponent("bundle.asice"))
    let text = try String(contentsOf: Templates.url("bundle/VERIFY.md"), encoding: .utf8)
    for block in text.components(separatedBy: "```sh\n").dropFirst().prefix(2) {
      try OpenSSLProgram.shell(block.components(separatedBy: "```")[0], in: folder.url)
    }
    #expect(FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("content/mimetype").path))
  }
}
