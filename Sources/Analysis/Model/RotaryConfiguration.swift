extension ModelConfiguration {
  /// The share of a head's values that turns, in families where it need not be all of them.
  struct RotaryPart {
    /// The key that says it beside `rope_parameters › partial_rotary_factor`.
    let key: String
    /// Where nothing says it.
    let standard: Double
  }

  /// The rotation that `rope_theta`, `rope_scaling` and, as transformers 5 writes them, `rope_parameters` describe. Where transformers 4 and
  /// 5 would read a configuration differently, it is refused (compared with 4.57.6 and 5.24, `Tests/Reference/checkpoints`).
  /// - Parameters:
  ///   - part: how the share that turns is said; nil where all of a head turns.
  ///   - thetaKey: key of the base.
  /// - Throws: `AnalysisError.badConfiguration` naming the key, e.g. for a `rope_type` that the engine does not know.
  func rotary(headWidth: Int, part: RotaryPart? = nil, thetaKey: String = "rope_theta") throws -> Rotary {
    let (parameters, scaling) = (try rotation("rope_parameters"), try rotation("rope_scaling"))
    if let parameters, let scaling {
      func compared(_ object: ModelJSONObject) -> StrictJSON {
        .object(object.members.filter { !["rope_theta", "partial_rotary_factor"].contains($0.key) })
      }
      guard compared(parameters) == compared(scaling) else {
        throw json.failure(
          "rope_scaling", "says something else than 'rope_parameters'; which counts depends on the program: keep one")
      }
    }
    let theta = try theta(thetaKey, parameters, scaling)
    let share =
      try part.map { try json.number($0.key) ?? parameters?.number("partial_rotary_factor") ?? $0.standard } ?? 1
    let dimensions = share > 0 && share <= 1 ? Int(Double(headWidth) * share) : 0
    guard dimensions >= 2, dimensions % 2 == 0 else {
      throw json.failure(
        "head_dim", "is \(headWidth), of which \(share) is to turn: that must be an even number of values, at least 2")
    }
    try check(share, part, parameters, scaling)
    var frequencies = Rotary.frequencies(base: theta, dimensions: dimensions)
    if let scaling = parameters ?? scaling { try scale(&frequencies, by: scaling) }
    return Rotary(frequencies: frequencies)
  }

  /// Keys that a description of a rotation may have; what a type does not read changes nothing.
  private static let rotationKeys: Set<String> = [
    "attention_factor", "beta_fast", "beta_slow", "factor", "finetuned", "high_freq_factor", "long_factor",
    "low_freq_factor",
    "mscale", "mscale_all_dim", "original_max_position_embeddings", "partial_rotary_factor", "rope_theta", "rope_type",
    "short_factor", "truncate", "type",
  ]

  /// A description of a rotation; nil if it is absent or empty.
  private func rotation(_ key: String) throws -> ModelJSONObject? {
    guard let object = try json.object(key), !object.members.isEmpty else { return nil }
    for member in object.members.sorted(by: { $0.key < $1.key }) {
      if case .object = member.value {
        throw json.failure(
          key,
          "describes rotations by type of layer ('\(member.key)'), which transformers does not run for this model_type; give one for all"
        )
      }
      guard Self.rotationKeys.contains(member.key) else {
        throw object.failure(
          member.key, "is unknown to the engine and may change the rotation; remove it if it does not")
      }
    }
    if let type = try object.string("rope_type"), let old = try object.string("type"), type != old {
      throw object.failure("type", "is '\(old)', but 'rope_type' is '\(type)'; keep one")
    }
    return object
  }

  /// The base. It may be said in several places, by several programs' habits; they must agree.
  private func theta(_ key: String, _ parameters: ModelJSONObject?, _ scaling: ModelJSONObject?) throws -> Double {
    func inside(_ object: ModelJSONObject?) throws -> Double? {
      guard let object, try object.number("rope_theta") != nil else { return nil }
      return try ModelConfiguration(object).positive("rope_theta", default: 10_000)
    }
    let own = try json.number(key) == nil ? nil : try positive(key, default: 10_000)
    let theta = try own ?? inside(parameters) ?? 10_000
    let said: [(place: String, value: Double?)] = [
      ("rope_parameters: rope_theta", try inside(parameters)), ("rope_scaling: rope_theta", try inside(scaling)),
      ("rope_theta", try json.number("rope_theta")),
    ]
    if let other = said.first(where: { $0.value != nil && $0.value != theta }) {
      throw json.failure(
        key,
        "is \(theta)\(own == nil ? " where it is not given" : ""), but '\(other.place)' is \(other.value ?? 0); which counts depends on "
          + "the program: write the same base in '\(key)' only")
    }
    return theta
  }

  /// - Throws: `AnalysisError.badConfiguration` if the share of a head that turns is said in several places and they do not agree.
  private func check(
    _ share: Double, _ part: RotaryPart?, _ parameters: ModelJSONObject?, _ scaling: ModelJSONObject?
  ) throws {
    let said: [(place: String, value: Double?)] = [
      ("rope_parameters: partial_rotary_factor", try parameters?.number("partial_rotary_factor")),
      ("rope_scaling: partial_rotary_factor", try scaling?.number("partial_rotary_factor")),
      ("partial_rotary_factor", try json.number("partial_rotary_factor")),
    ]
    guard let other = said.first(where: { $0.value != nil && $0.value != share }) else { return }
    throw json.failure(
      part?.key ?? "partial_rotary_factor",
      part == nil
        ? "is \(other.value ?? 0) in '\(other.place)', but all of a head turns in this model_type; remove it"
        : "is \(share), but '\(other.place)' is \(other.value ?? 0); keep one")
  }

  private func scale(_ frequencies: inout [Float], by scaling: ModelJSONObject) throws {
    let type = try scaling.string("rope_type") ?? scaling.string("type") ?? "default"
    switch type {
    case "default": break
    // Within max_position_embeddings, the longest prompt there is, dynamic scaling changes nothing.
    case "dynamic": break
    case "linear":
      let factor = Float(try Self.required("factor", of: scaling))
      frequencies = frequencies.map { $0 / factor }
    case "llama3": try scaleAsLlama3(&frequencies, scaling)
    default:
      throw scaling.failure(
        "rope_type", "is '\(type)'; the engine knows default, linear, dynamic and llama3: use another model")
    }
  }

  private static func required(_ key: String, of scaling: ModelJSONObject) throws -> Double {
    _ = try scaling.required(key, scaling.number)
    return try ModelConfiguration(scaling).positive(key, default: 1)
  }

  /// Long waves are stretched by `factor`, short ones kept, those between mixed (Llama 3.1's reference code); rounded as in
  /// Hugging Face's float32.
  private func scaleAsLlama3(_ frequencies: inout [Float], _ scaling: ModelJSONObject) throws {
    let factor = Float(try Self.required("factor", of: scaling))
    let low = try Self.required("low_freq_factor", of: scaling)
    let high = try Self.required("high_freq_factor", of: scaling)
    let context = try Self.required("original_max_position_embeddings", of: scaling)
    if let outside = try json.number("original_max_position_embeddings"), outside != context {
      throw json.failure(
        "original_max_position_embeddings",
        "is \(outside), but \(context) in the rotation; transformers 5 takes the first: keep one")
    }
    guard high > low else { throw scaling.failure("high_freq_factor", "is \(high), not above low_freq_factor \(low)") }
    frequencies = frequencies.map { frequency in
      let wave = Float(2 * Double.pi) / frequency
      if wave < Float(context / high) { return frequency }
      if wave > Float(context / low) { return frequency / factor }
      let smooth = (Float(context) / wave - Float(low)) / Float(high - low)
      return (1 - smooth) * frequency / factor + smooth * frequency
    }
  }
}
