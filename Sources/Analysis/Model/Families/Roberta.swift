/// RoBERTa (Liu et al. 2019): BERT's layers, positions counted from behind the padding token's id, a classifier with a layer of its own.
enum Roberta: RobertaLayout {
  static let modelType = "roberta"
  static let className = "Roberta"
}
