import Testing

@testable import Project

@Suite("Shards: work divided among processes")
struct ShardTests {
  @Test(
    "1/1 to 8/8 name parts", arguments: [("1/1", 1, 1), ("2/8", 2, 8), ("8/8", 8, 8), ("10000/10000", 10000, 10000)])
  func reads(text: String, index: Int, count: Int) throws {
    let shard = try #require(Shard(text))
    #expect(shard.index == index && shard.count == count && shard.description == text)
    #expect(shard.storeName == "evidence.shard-\(index)-of-\(count).sqlite")
  }

  @Test(
    "anything else names none",
    arguments: [
      "", "1", "/", "0/4", "5/4", "-1/4", "1/0", "1/10001", "1/2/3", " 1/2", "1/ 2", "01/2", "+1/2", "a/b", "1.0/2",
    ])
  func refuses(text: String) { #expect(Shard(text) == nil) }

  @Test("every job is done by exactly one part, also with more parts than jobs", arguments: 1...12)
  func covers(parts: Int) throws {
    for sizes in [[], [5], [1, 1, 1, 1, 1], [9, 0, 3, 3, 0, 7, 12, 1], Array(1...40)] {
      let own = try (1...parts).map { try #require(Shard("\($0)/\(parts)")).jobs(sizes: sizes) }
      #expect(own.joined().sorted() == Array(sizes.indices))
      #expect(own.allSatisfy { $0 == $0.sorted() })
    }
  }

  @Test("Graham's worst case for three machines: 11 where 9 is possible")
  func grahamsWorstCase() throws {
    // R. L. Graham (1969), the family 2m−1, 2m−1, …, m+1, m+1, m, m, m: the bound (4m − 1)/3m is reached.
    let sizes = [5, 5, 4, 4, 3, 3, 3]
    let loads = try (1...3).map { part in
      try #require(Shard("\(part)/3")).jobs(sizes: sizes).reduce(0) { $0 + sizes[$1] }
    }
    #expect(loads.max() == 11 && loads.reduce(0, +) == 27)
  }

  @Test("no part has more than 4/3 of what the best division needs", arguments: 2...4)
  func bound(parts: Int) throws {
    // All divisions of six jobs are tried.
    for seed in 1...30 {
      let sizes = (0..<6).map { (seed * 7919 + $0 * $0 * 104_729) % 97 }
      var best = Int.max
      for code in 0..<pow(parts, 6) {
        var loads = [Int](repeating: 0, count: parts)
        var rest = code
        for size in sizes {
          loads[rest % parts] += size
          rest /= parts
        }
        best = min(best, loads.max() ?? 0)
      }
      let loads = try (1...parts).map { part in
        try #require(Shard("\(part)/\(parts)")).jobs(sizes: sizes).reduce(0) { $0 + sizes[$1] }
      }
      #expect(3 * (loads.max() ?? 0) <= 4 * best)
    }
  }

  private func pow(_ base: Int, _ exponent: Int) -> Int { (0..<exponent).reduce(1) { power, _ in power * base } }
}
