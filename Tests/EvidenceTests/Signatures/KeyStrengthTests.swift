import Foundation
import Testing

@testable import Evidence

/// How a key and its certificate are made with openssl, and what import, signing and verification say of them.
struct KeyCase: Sendable, CustomTestStringConvertible {
  let what: String
  /// Makes k.pem.
  let key: String
  /// Options of `openssl req -x509 -key k.pem`.
  let certificate: String
  /// What the refusal says; nil: it is taken.
  let refusal: String?

  var testDescription: String { what }

  init(_ what: String, key: String = ec("P-256"), certificate: String = "-sha256", _ refusal: String?) {
    (self.what, self.key, self.certificate, self.refusal) = (what, key, certificate, refusal)
  }

  static func ec(_ curve: String) -> String {
    "openssl ecparam -name \(curve) -genkey -noout -out k.pem"
  }
  static func rsa(_ bits: Int, _ options: String = "") -> String {
    "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:\(bits) \(options) -out k.pem"
  }

  static let all = [
    KeyCase("P-256", nil), KeyCase("P-384", key: ec("P-384"), certificate: "-sha384", nil),
    KeyCase("P-521", key: ec("P-521"), certificate: "-sha512", nil),
    KeyCase("brainpool", key: ec("brainpoolP256r1"), nil), KeyCase("RSA-2048", key: rsa(2048), nil),
    KeyCase(
      "RSA-PSS", key: "openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out k.pem",
      "no CMS signature"),
    KeyCase("RSA-1024", key: rsa(1024), "1024 bits"), KeyCase("RSA-2040", key: rsa(2040), "RSA needs 2048 bits"),
    KeyCase("RSA with exponent 3", key: rsa(2048, "-pkeyopt rsa_keygen_pubexp:3"), "public exponent"),
    KeyCase(
      "DSA",
      key: "openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:2048 -out d.pem && "
        + "openssl genpkey -paramfile d.pem -out k.pem", "kind DSA"),
    KeyCase("P-192", key: ec("prime192v1"), "less than 112 bits"), KeyCase("P-224", key: ec("secp224r1"), "secp224r1"),
    KeyCase("secp256k1", key: ec("secp256k1"), "secp256k1"),
    KeyCase(
      "explicit parameters", key: "openssl ecparam -name P-256 -param_enc explicit -genkey -noout -out k.pem",
      "none of P-256"),
    KeyCase("Ed25519", key: "openssl genpkey -algorithm ED25519 -out k.pem", certificate: "", "no CMS signature"),
    KeyCase("Ed448", key: "openssl genpkey -algorithm ED448 -out k.pem", certificate: "", "no CMS signature"),
    KeyCase("signed with SHA-1", certificate: "-sha1", "signed with SHA1"),
    KeyCase("signed with MD5", key: rsa(2048), certificate: "-md5", "signed with MD5"),
    KeyCase("for encryption", certificate: "-addext keyUsage=keyEncipherment", "key usage"),
    KeyCase("for servers", certificate: "-addext extendedKeyUsage=serverAuth", "extended key usage"),
    KeyCase("of an authority", certificate: "-addext keyUsage=keyCertSign,digitalSignature", "an authority's"),
    KeyCase("of an authority alone", certificate: "-addext keyUsage=keyCertSign", "key usage"),
    KeyCase("for signatures", certificate: "-addext keyUsage=nonRepudiation", nil),
    KeyCase("expired", certificate: "EXPIRED", "had expired"),
    KeyCase("not yet valid", certificate: "FUTURE", "not yet valid"),
    KeyCase("of another key", certificate: "OTHER", "does not belong"),
  ]
}

@Suite("What is strong enough to sign with", .enabled(if: OtherProgram.hasOpenSSL))
struct KeyStrengthTests {
  @Test("import refuses what verification refuses, with the reason", arguments: KeyCase.all)
  func importing(one: KeyCase) throws {
    let scratch = try Scratch()
    let request = "openssl req -x509 -key k.pem -out c.pem -subj '/CN=Ada Example'"
    let certificate =
      switch one.certificate {
      case "EXPIRED": dated("20200101000000Z", "20210101000000Z")
      case "FUTURE": dated("20900101000000Z", "20910101000000Z")
      case "OTHER": "mv k.pem first.pem && \(KeyCase.ec("P-256")) && \(request) && mv first.pem k.pem"
      default: "\(request) \(one.certificate)"
      }
    let made = try OtherProgram.shell("\(one.key) 2>&1 && \(certificate)", in: scratch.folder)
    try #require(made.status == 0, "\(made.out)")
    let (key, made509) = (
      try PrivateKey(pem: Data(contentsOf: scratch("k.pem"))), try Certificate(pem: Data(contentsOf: scratch("c.pem")))
    )
    let fault = try made509.faultForSigning(with: key)
    guard let refusal = one.refusal else { return #expect(fault == nil) }
    #expect(fault?.contains(refusal) == true, "\(fault ?? "taken")")
  }

  /// `openssl ca` alone gives a certificate any dates.
  private func dated(_ from: String, _ to: String) -> String {
    """
    printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=i\\nserial=s\\nnew_certs_dir=.\\ndefault_md=sha256\\npolicy=p\\n[p]\\ncommonName=supplied\\n' > ca.cnf
    : > i; echo 01 > s
    openssl req -new -key k.pem -subj '/CN=Ada Example' -out r.pem &&
      openssl ca -batch -selfsign -config ca.cnf -in r.pem -keyfile k.pem -startdate \(from) -enddate \(to) -out c.pem -notext 2>&1
    """
  }

  @Test(
    "a certificate whose RSA exponent is 1 is refused: everybody can sign with it", .enabled(if: OtherProgram.hasPython)
  )
  func exponentOne() throws {
    let scratch = try Scratch()
    // The numbers of a real key with e = d = 1, written by openssl's own generator of ASN.1.
    let made = try OtherProgram.shell(
      """
      openssl genrsa -traditional -out r.pem 2048 2>/dev/null || openssl genrsa -out r.pem 2048
      openssl asn1parse -in r.pem > numbers
      python3 - <<'EOF'
      numbers = [int(line.split(":")[-1], 16) for line in open("numbers") if "INTEGER" in line]
      n, p, q = numbers[1], numbers[4], numbers[5]
      fields = dict(v=0, n=n, e=1, d=1, p=p, q=q, dp=1, dq=1, qi=pow(q, -1, p))
      with open("k.cnf", "w") as out:
          out.write("asn1=SEQUENCE:k\\n[k]\\n" + "".join(f"{k}=INTEGER:{v:#x}\\n" for k, v in fields.items()))
      with open("p.cnf", "w") as out:
          out.write("asn1=SEQUENCE:k\\n[k]\\na=SEQUENCE:a\\nb=BITWRAP,SEQUENCE:b\\n[a]\\no=OID:rsaEncryption\\nn=NULL\\n"
                    f"[b]\\nn=INTEGER:{n:#x}\\ne=INTEGER:1\\n")
      EOF
      openssl asn1parse -genconf p.cnf -noout -out p.der && openssl pkey -pubin -inform DER -in p.der -out p.pem &&
        openssl ecparam -name P-256 -genkey -noout -out ca.pem &&
        openssl req -x509 -key ca.pem -out ca.crt -subj /CN=Issuer &&
        openssl x509 -new -force_pubkey p.pem -subj '/CN=Ada Example' -CA ca.crt -CAkey ca.pem -days 9 -out c.pem
      """, in: scratch.folder)
    try #require(made.status == 0, "\(made.out)")
    let certificate = try Certificate(pem: Data(contentsOf: scratch("c.pem")))
    #expect(try certificate.fault(signingAt: Timestamp.now())?.contains("public exponent") == true)
  }
}
