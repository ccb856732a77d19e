public import Foundation

/// A person's signed word that a sign-off may go on although a gate would stop it, about named findings, and why: an entry of the
/// log.
///
/// It covers the findings that it names and nothing else. A later waiver supersedes an earlier one by name; one that covers
/// nothing withdraws those that it names. A dossier prints the waivers, so who signs the dossier signs them too.
public struct Waiver: SignedDocument {
  /// `vitrine.waiver/2`.
  public static let format = "vitrine.waiver/2"

  /// What is signed.
  public struct Statement: JSONStatement {
    /// `vitrine.waiver-statement/1`.
    public static let format = "vitrine.waiver-statement/1"

    /// The statement's format.
    public var schema = Self.format
    /// The AI system.
    public var system: String
    /// The model version whose dossier it is about.
    public var modelVersion: String
    /// The gate.
    public var gate: String
    /// What the gate found that is waived, each by its key; empty: the waivers under `supersedes` are withdrawn.
    public var covers: [String]
    /// The identifiers of earlier waivers that this one takes the place of.
    public var supersedes: [String]
    /// Why.
    public var reason: String
    /// Who waives it.
    public var name: String
    /// In which function.
    public var function: String
    /// When: UTC, RFC 3339 with milliseconds, by the signer's clock.
    public var date: String

    /// A statement from its parts.
    public init(
      system: String, modelVersion: String, gate: String, covers: [String], supersedes: [String] = [], reason: String,
      name: String, function: String, date: String = Timestamp.now()
    ) {
      self.system = system
      self.modelVersion = modelVersion
      self.gate = gate
      self.covers = covers
      self.supersedes = supersedes
      self.reason = reason
      self.name = name
      self.function = function
      self.date = date
    }

    /// Whether it takes back what it names and waives nothing.
    public var isWithdrawal: Bool { covers.isEmpty }

    /// Reads a statement from the bytes that are signed.
    /// - Throws: `EvidenceError.badSignature` if they are none, in the exact form.
    public init(content: Data) throws {
      let statement: Statement
      do { statement = try CanonicalJSON.decode(Statement.self, from: content) } catch let error as JSONError {
        throw EvidenceError(.badSignature, "not a waiver that --prepare wrote: \(error.message)")
      }
      guard try statement.content() == content, statement.problems.isEmpty else {
        throw EvidenceError(
          .badSignature,
          "not a waiver that --prepare wrote: "
            + (statement.problems.isEmpty ? "it has another form" : statement.problems.joined(separator: "; ")))
      }
      self = statement
    }

    /// What is wrong with it, in words.
    public var problems: [String] {
      var problems = faults(ifEmpty: [
        ("system", system), ("model_version", modelVersion), ("gate", gate), ("reason", reason), ("name", name),
        ("function", function),
      ])
      if covers.isEmpty && supersedes.isEmpty { problems.append("it covers nothing and withdraws nothing") }
      if covers.contains(where: { $0.allSatisfy(\.isWhitespace) }) {
        problems.append("it covers a finding without a key")
      }
      for (key, list) in [("covers", covers), ("supersedes", supersedes)] where Set(list).count < list.count {
        problems.append("\(key) names something twice")
      }
      for id in supersedes where !RunIdentifier.isValid(id) { problems.append("supersedes: '\(id)' is no identifier") }
      return problems
    }
  }

  /// The document's format.
  public var schema = Self.format
  /// The entry's identifier.
  public var id = RunIdentifier.next()
  /// What is signed.
  public var statement: Statement
  /// How it is signed.
  public var form: RunSignature.Form
  /// The signature, base64.
  public var signature: String
  /// The public key in PEM form; only with Ed25519. A CMS signature holds its certificate.
  public var publicKey: String?

  /// A document with a signature that was made of its statement.
  public init(_ statement: Statement, _ parts: SignatureParts) {
    self.statement = statement
    (form, signature, publicKey) = (parts.form, parts.signature, parts.publicKey)
  }

  /// It is about findings, not about one run.
  public var subject: String? { nil }
  /// Who, what and why.
  public var summary: String {
    let what =
      statement.isWithdrawal
      ? "withdrew \(statement.supersedes.joined(separator: ", ")) (\(statement.gate))"
      : "waived \(statement.gate) about \(statement.covers.joined(separator: "; "))"
    return "\(statement.name), \(statement.function), \(what) for model version \(statement.modelVersion): "
      + "\(statement.reason), \(statement.date)"
  }
  /// What is wrong with the statement.
  public var problems: [String] { statement.problems }
}
