/// How large a project may be: far beyond what any has, so that what a file can be made to cost stays small. `docs/limits.md` lists
/// them.
package enum ProjectLimits {
  /// Versions under `models`.
  package static let models = 1000
  /// Persons under `people`.
  package static let people = 1000
  /// Entries under `behaviours`.
  package static let behaviours = 1000
  /// Columns under `groups`, limits under `envelope`, values of one list.
  package static let list = 2000
  /// Pairs of all behaviours together.
  package static let pairs = 250_000
  /// Markdown files in the folder of the statements.
  package static let statements = 2000
  /// Bytes of a name that becomes part of file names.
  package static let nameBytes = 100
  /// Bytes of the system's name.
  package static let systemNameBytes = 200
  /// Bytes of a data file.
  package static let dataBytes = 2_000_000_000
  /// Bytes of a statement's file.
  package static let statementBytes = 16_000_000
  /// Bytes of a file that statements refer to, or that is attached.
  package static let providedFileBytes = 64_000_000
  /// Bytes of all files that statements refer to.
  package static let providedFilesBytes = 512_000_000
  /// Files that statements refer to.
  package static let providedFiles = 1000
  /// Pixels of a picture that statements show.
  package static let picturePixels = 100_000_000
}
