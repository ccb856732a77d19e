import Analysis
import Foundation
import Testing

@testable import Evidence

@Suite("Signed notes and checkpoints")
struct SignedNoteTests {
  // The key pair and note of golang.org/x/mod/sumdb/note, note_test.go.
  private let verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
  private let signer = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
  private let text =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  private var note: String {
    text
      + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
  }

  @Test("the published note holds by its published key, and signing its text gives the same bytes")
  func published() throws {
    let key = try VerifierKey(verifier)
    #expect(key.text == verifier)
    let read = try SignedNote(Data(note.utf8))
    #expect(read.text == text)
    #expect(try read.isSigned(by: key))
    let seed = [UInt8](try #require(Data(base64Encoded: signer)).dropFirst())
    let signed = try SignedNote(signing: text, name: "PeterNeumann", key: PrivateKey(ed25519Seed: seed))
    #expect(signed.data == Data(note.utf8))
    #expect(signed == read)
  }

  @Test("a changed text, an unknown key and a key of the same name do not make a note signed")
  func notSigned() throws {
    let key = try VerifierKey(verifier)
    let changed = note.replacingOccurrences(of: "cryptography", with: "cryptographY")
    #expect(try !SignedNote(Data(changed.utf8)).isSigned(by: key))
    for name in ["PeterNeumann", "Another"] {
      let other = try VerifierKey(name: name, key: PrivateKey.generate(.ed25519).publicKey())
      #expect(try !SignedNote(Data(note.utf8)).isSigned(by: other))
    }
  }

  @Test("no part of a verifier key and no key with a letter changed is taken for a key")
  func mangledKeys() {
    let bytes = Array(verifier.utf8)
    var texts = bytes.indices.map { place in
      var changed = bytes
      changed[place] += 1
      return String(decoding: changed, as: UTF8.self)
    }
    texts += bytes.indices.dropFirst().flatMap { [String(verifier.prefix($0)), String(verifier.suffix($0))] }
    // A key of another length and one of another algorithm, both with their right IDs (note_test.go).
    texts += [
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
      "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ]
    for text in texts { #expect(throws: EvidenceError.self, "\(text)") { try VerifierKey(text) } }
  }

  /// The examples in the text of c2sp.org/signed-note and c2sp.org/tlog-checkpoint; their keys are not published there.
  static let examples = [
    """
    Ognuno sta solo sul cuor della terra
    trafitto da un raggio di sole:

    ed è subito sera.

    — quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=

    """,
    """
    example.com/behind-the-sofa
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

    """,
  ]

  @Test("the specifications' examples are read and written back byte for byte", arguments: examples)
  func specification(example: String) throws {
    #expect(try SignedNote(Data(example.utf8)).data == Data(example.utf8))
  }

  @Test("a checkpoint's origin, size and root are read")
  func checkpoint() throws {
    let checkpoint = try LogCheckpoint(Data(Self.examples[1].utf8))
    #expect(checkpoint.origin == "example.com/behind-the-sofa")
    #expect(checkpoint.size == 20_852_163)
    #expect(Data(checkpoint.root.bytes).base64EncodedString() == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    #expect(throws: EvidenceError.self) { try LogCheckpoint(Data(Self.examples[0].utf8)) }
  }

  @Test(
    "what has not the form of a note or of a checkpoint is refused",
    arguments: [
      ("20852163", "020852163"), ("20852163", "-1"), ("20852163", ""), ("20852163", "99999999999999999999"),
      ("CsUYapGG", "CsUYapG"), ("q2I=\n\n", "q2I=\n"), ("— example", "- example"), ("AYQ8=\n", "AYQ8="),
      ("AYQ8=", "AYQ8"), ("AYQ8=", "AYQ9="), ("sofa Az3", "sofa+x Az3"), ("sofa Az3", "sofa  Az3"),
      ("Az3g", "Az\u{1}g"),
      ("example.com/behind-the-sofa\n2", "\n2"), ("q2I=\n\n", "q2I=\n\next\n\n"),
    ])
  func malformed(part: String, replacement: String) throws {
    let text = Self.examples[1]
    let range = try #require(text.range(of: part, options: part == "— example" ? .backwards : []))
    let changed = text.replacingCharacters(in: range, with: replacement)
    let error = #expect(throws: EvidenceError.self) { try LogCheckpoint(Data(changed.utf8)) }
    #expect(error?.code == .badCheckpoint)
    #expect(error?.exitStatus == .badInput)
  }

  @Test("a note that is not UTF-8, and one of more than a megabyte, is refused")
  func notText() {
    #expect(throws: EvidenceError.self) { try SignedNote(Data([0xFF]) + Data(Self.examples[0].utf8)) }
    #expect(throws: EvidenceError.self) {
      try SignedNote(Data(repeating: UInt8(ascii: "a"), count: 1 << 20) + Data(Self.examples[0].utf8))
    }
  }
}
