import Analysis

/// What the dossier explains in plain words: how to read the numbers, what the methods cannot show, and its terms.
extension English {
  /// How to read the evidence, one paragraph each.
  static let howToRead = [
    "The model reads a record as text and continues it with an answer. Its decision value is one number per record: the "
      + "logarithm of how much more probable the answers counted for are than the answers counted against. Above 0 the "
      + "first are the more probable ones, below 0 the others. The unit is called logit: +0.7 logits means about twice as "
      + "probable, +2.3 about ten times.",
    "A question is put to the model by changing one thing in a record and leaving every other word as it is. The record "
      + "before the change is the clean prompt, the changed one the counterfactual prompt; together they are a pair. What "
      + "changes in the decision value is then due to that change in the text.",
    "Each number has n, how many pairs or records it rests on, an interval, and the run it comes from. The interval says how "
      + "far the number would vary over records like these; it says nothing about other kinds of records or about a model "
      + "that is trained again.",
  ]

  /// What heads and MLPs are, for a reader who has not met them.
  static let partsOfAModel =
    "The model works in layers. Each layer has several attention heads, which carry information from one word to another, and one MLP, "
    + "which works on each word by itself. This part asks which of them carry the change of the decision. A circuit is a small set of "
    + "heads that carries much of it; the glossary explains every term."

  /// The three standings.
  static let standings: [(badge: Badge, meaning: String)] = [
    (
      badge(.measured),
      "computed exactly on this model, with its interval or p-value; where an effect is claimed, the interval excludes 0, or the "
        + "p-value is at most what the intervals’ level leaves (0.05 of 95 %)"
    ),
    (badge(.screened), "an approximation; its error against exact values was measured and stands beside it"),
    (
      badge(.notEstablished), "refused or not run, or the interval covers 0. This is not evidence that there is nothing"
    ),
  ]

  /// What the methods cannot show.
  static let limits: [(title: String, text: String)] = [
    (
      "Changed records may be unlike any real one.",
      "Changing one word leaves everything else as it is. Some of the records made in this way combine values that do not "
        + "occur together in life, and the model was not trained on such records."
    ),
    (
      "A word is not a person’s attribute.",
      "The effect of a recorded attribute is the effect of that word in the text. Other words can carry the same "
        + "information about a person; their influence is not part of this number."
    ),
    (
      "Other parts of the model could do the same work.",
      "A set of heads with high scores is one such set. Another set can score as high; the search does not look for all."
    ),
    (
      "Comparisons with random circuits are coarse and made on the same pairs.",
      "The p-value counts how many random circuits do as well. In a small model few circuits can be drawn, so the smallest "
        + "possible p-value stands beside it. The circuit was selected on the pairs it is compared on: a small p-value says that "
        + "such a set is rare among random ones, not that it holds on other prompts or that it is the whole mechanism."
    ),
    (
      "Tests of single heads ask whether the mean effect is 0.",
      "A head whose exact effect is tiny but of one sign on every pair passes such a test. Whether an effect is large is for "
        + "the number itself to say. With few pairs, no p-value can be small. Benjamini and Hochberg’s adjustment takes for "
        + "granted that the tests are independent or go together; Holm’s, in the table, does not."
    ),
    (
      "The stronger search can miss sets.",
      "It adds and drops single heads by their exact loss. Where heads work only together it can stop early; its result comes "
        + "with measured scores and no assurance that there is no better set."
    ),
    (
      "Where a head looks is not what it does.",
      "Roles describe attention on these prompts, with limits chosen by convention. A head that passes none can still matter, "
        + "and one that passes can be idle. Copying is measured on embeddings alone, which in later layers is a hint."
    ),
    (
      "A lens reads early layers with the last layer’s eyes.",
      "Early layers need not write in the form that the output reads. What a part writes directly leaves out all that it does "
        + "through later parts."
    ),
    (
      "Scores of connections are first order.",
      "Edges are ranked by estimates; only the strongest were also replaced exactly. An edge outside that list can have been "
        + "underestimated, and edges that act only together can be missed. Composition of weights says what could pass, not what does."
    ),
    (
      "Heads and MLPs are coarse parts.",
      "A head or MLP can do several things at once. That it carries an effect does not say what it computes."
    ),
    (
      "Means hide single cases.",
      "A mean near 0 can hide records that move far in both directions. The run’s record holds the value of every pair."
    ),
    (
      "Replacing activations disturbs the model.",
      "An activation from another prompt can put the model into a state that no prompt would give. Ratios of effects can "
        + "therefore lie above 1 or below 0; they are printed as they are."
    ),
    (
      "Approximations are approximations.",
      "Attribution patching and token attributions are first-order estimates. Their error was measured on the same pairs "
        + "and stands in the register; on other prompts it can differ."
    ),
    (
      "Labels are past decisions or outcomes.",
      "Performance says how often the decision equals the label. If the labels carry an error or a past practice, so does "
        + "the number. A difference between groups in these tables is an association; the tables do not say where it comes from."
    ),
    (
      "Small groups give wide intervals.",
      "Where a group has few records, read the interval and not the single number."
    ),
  ]

  /// Terms in the order of the alphabet.
  static let glossary: [(term: String, meaning: String)] = [
    (
      "attribution patching", "estimates the effect of replacing an activation from one gradient; screened, never exact"
    ),
    (
      "AUC",
      "area under the ROC curve: the share of pairs of one positive and one negative record in which the positive one has the "
        + "higher decision value; 0.5 is chance"
    ),
    ("base rate", "the share of records whose label is positive"),
    ("Brier score", "the mean squared difference between the predicted probability and the label; 0 is best"),
    ("calibration in the large", "the mean predicted probability minus the share of positive labels"),
    (
      "backup",
      "a head whose effect grows once other heads are replaced, so that it takes over part of their work"
    ),
    ("circuit", "a small set of heads that carries a large share of the heads’ effect on one decision"),
    ("clean and counterfactual prompt", "a record as text, and the same record with one thing changed"),
    (
      "completeness, minimality",
      "whether circuit and model stay alike when the same heads are taken out of both; whether each head of the circuit is needed"
    ),
    ("comprehensiveness", "the share of the heads’ effect that is lost when only the circuit’s heads are replaced"),
    (
      "decision value",
      "how much more probable the answers counted for are than those counted against, as a logarithm (logits)"
    ),
    ("denoising", "in the counterfactual run, one part of the model gets its value from the clean run"),
    ("digest (SHA-256)", "a fingerprint of a file: another content has another digest"),
    ("edge", "what one part of the model adds to the input of a later one, written L0H1>L1H2.q"),
    (
      "expected calibration error",
      "the mean distance, over bins of predicted probability, to the observed share of positive labels"
    ),
    ("false positive rate", "the share of positive decisions among records whose label is negative"),
    (
      "gradient × input",
      "estimates what each token contributes to the decision value, from one gradient, against an empty embedding; screened"
    ),
    (
      "head, MLP, layer",
      "the parts of a transformer: each layer has several attention heads and one MLP; L2H1 is head 1 of layer 2, both counted from 0"
    ),
    (
      "integrated gradients",
      "distributes the change of the decision value over the tokens that differ; what it leaves over is the completeness residual"
    ),
    (
      "interval",
      "a range made so that, over repeated draws of such records, it covers the value in the stated share of draws"
    ),
    ("logit lens", "reads the decision value from the state between two layers, as if the later layers were not there"),
    ("noising", "in the clean run, one part of the model gets its value from the counterfactual run"),
    (
      "p-value",
      "the share of a null distribution that is at least as extreme as what was seen, this one counted; it cannot fall below the smallest value printed beside it"
    ),
    (
      "random circuit",
      "a set of as many heads drawn at random, in the same layers (matched) or anywhere, to see whether the circuit is more than a set of that size"
    ),
    (
      "reliability table",
      "records in bins of predicted probability, with the share of positive labels observed in each"
    ),
    ("run", "one execution of one plan on one model; its record is stored and never changed"),
    ("sufficiency", "the share of the heads’ effect that stays when every head outside the circuit is replaced"),
    ("token", "a piece of text that the model reads as one unit: a word or a part of one"),
    (
      "total effect",
      "the mean change of the decision value from the clean to the counterfactual prompt, over all measured pairs"
    ),
    ("true positive rate", "the share of positive decisions among records whose label is positive"),
  ]
}
