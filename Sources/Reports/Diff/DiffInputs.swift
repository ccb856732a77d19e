public import Analysis
public import Evidence
public import Project

/// Everything a comparison is made of. The same inputs give the same bytes.
public struct DiffInputs: Sendable {
  /// The earlier side.
  public var before: DiffSource
  /// The later side.
  public var after: DiffSource
  /// What counts as a change, and how far changes were foreseen.
  public var settings: ChangeSettings
  /// The law.
  public var catalogue: LawCatalogue
  /// The tensors, name by name; nil if the models are not at hand.
  public var tensors: TensorDifference?
  /// Why there is no comparison of tensors, or on which folders it rests.
  public var tensorsNote: String
  /// Each circuit measured on each model, as recorded.
  public var transfers: [TransferRecord]
  /// Why a behaviour has no such record.
  public var transferNote: String

  /// Inputs from their parts.
  public init(
    before: DiffSource, after: DiffSource, settings: ChangeSettings, catalogue: LawCatalogue,
    tensors: TensorDifference? = nil, tensorsNote: String = "The models were not at hand.",
    transfers: [TransferRecord] = [], transferNote: String = "The models were not at hand."
  ) {
    self.before = before
    self.after = after
    self.settings = settings
    self.catalogue = catalogue
    self.tensors = tensors
    self.tensorsNote = tensorsNote
    self.transfers = transfers
    self.transferNote = transferNote
  }
}
