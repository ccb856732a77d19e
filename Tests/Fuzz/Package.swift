// swift-tools-version: 6.2
import PackageDescription

// Damaged model folders under AddressSanitizer and UndefinedBehaviorSanitizer: run by scripts/fuzz. A package of its own,
// so that `./test` does not build it.
let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "Vitrine", path: "../..")],
  targets: [
    .target(name: "CFuzz"),
    .executableTarget(
      name: "Fuzz",
      dependencies: ["CFuzz", .product(name: "Analysis", package: "Vitrine")],
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
      ],
      // Every mapping of a file goes through CFuzz, which makes the bytes behind its end unreadable.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--wrap=mmap", "-Xlinker", "--wrap=munmap"])]),
  ],
  swiftLanguageModes: [.v6]
)
