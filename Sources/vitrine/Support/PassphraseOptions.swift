import ArgumentParser
import Evidence
import Foundation

/// With what a new private key is protected.
struct ProtectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file whose first line is the passphrase that the key is kept under ('-': standard input); without it you are asked.",
      valueName: "file"))
  var passphraseFile: String?
  @Flag(help: "Keep the key without a passphrase: whoever can read its file can sign as you.") var noPassphrase = false

  func validate() throws {
    guard !noPassphrase || passphraseFile == nil else {
      throw ValidationError("give --passphrase-file or --no-passphrase, not both")
    }
  }

  /// The new passphrase; nil if the user wants none.
  /// - Throws: `ValidationError` if there is nobody to ask; `EvidenceError.badKey` if it is too weak.
  func new(for key: String) throws -> Passphrase? {
    guard !noPassphrase else { return nil }
    return try Passphrases.new(for: key, file: passphraseFile)
  }
}

/// Where passphrases come from: a file for machines, the terminal for people.
enum Passphrases {
  /// How often a person may try.
  private static let tries = 3

  /// The first line of a file, or of standard input for `-`.
  static func read(_ path: String) throws -> Passphrase {
    guard path != "-" else { return try Passphrase.read(descriptor: STDIN_FILENO) }
    let (passphrase, othersMayRead) = try Passphrase.read(URL(fileURLWithPath: path))
    if othersMayRead {
      Console.err("warning: \(path): others may read this passphrase; change that with 'chmod 600 \(path)'")
    }
    return passphrase
  }

  /// A passphrase for a key that is to be protected: from a file, or asked for twice.
  static func new(for key: String, file: String?) throws -> Passphrase {
    if let file {
      let passphrase = try read(file)
      if let weakness = passphrase.weakness { throw EvidenceError(.badKey, "\(file): \(weakness)") }
      return passphrase
    }
    let asked = try Terminal.use { terminal in
      for _ in 0..<tries {
        let first = try terminal.ask("New passphrase for the private key '\(key)': ")
        if let weakness = first.weakness {
          terminal.say("vitrine: \(weakness)\n")
          continue
        }
        if try terminal.ask("The same passphrase again: ").isSame(as: first) { return first }
        terminal.say("vitrine: the two are not the same\n")
      }
      throw EvidenceError(.badKey, "no passphrase was given in \(tries) tries; nothing was written")
    }
    guard let asked else {
      throw ValidationError(
        "a private key is kept under a passphrase, and there is no terminal to ask for one: name with --passphrase-file FILE the "
          + "file that holds it in its first line, or say --no-passphrase")
    }
    return asked
  }

  /// Opens something that is under a passphrase: with that of a file, once, or with what a person types, in up to three tries.
  /// - Parameters:
  ///   - what: what is opened, e.g. `the private key 'ada'`.
  ///   - option: the option that names a file.
  ///   - isWrong: whether an error says that the passphrase is another one.
  ///   - open: opens it.
  static func opening<Result>(
    _ what: String, file: String?, option: String, isWrong: (EvidenceError) -> Bool = { $0.code == .wrongPassphrase },
    _ open: (Passphrase) throws -> Result
  ) throws -> Result {
    if let file { return try open(read(file)) }
    let opened = try Terminal.use { terminal in
      for number in 1...tries {
        let passphrase = try terminal.ask("Passphrase for \(what): ")
        do { return try open(passphrase) } catch let error as EvidenceError where isWrong(error) {
          guard number < tries else { throw error }
          terminal.say("vitrine: that is not the passphrase\n")
        }
      }
      throw EvidenceError(.wrongPassphrase, "\(what): the passphrase is another one")
    }
    guard let opened else {
      throw ValidationError(
        "\(what) is under a passphrase, and there is no terminal to ask for it: name with \(option) FILE the file that holds it in "
          + "its first line")
    }
    return opened
  }
}
