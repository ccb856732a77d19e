"""Keys and certificates that are weak, unfit or of another time, as openssl makes them."""

import dataclasses
import pathlib

from .base import PEOPLE, tool
from .bundles import bundle_forgery
from .catalogue import Target, forgery, refused

WEAK = "Weak or unfit keys and certificates"
END = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n"
P256 = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")


@dataclasses.dataclass
class Made:
    key: pathlib.Path
    file: pathlib.Path


def certificate(
    folder, label, name, algorithm=P256, extensions=END, start=None, end="20400101000000Z", digest="sha256", issuer=None, key=None
):
    """A certificate and, if none is given, its key, made with openssl: self-signed, or by an issuer."""
    made = Made(key or folder / (label + ".made.key"), folder / (label + ".made.pem"))
    request, texts, database = folder / (label + ".csr"), folder / (label + ".ext"), folder / (label + ".ca")
    if not key:
        tool("openssl", "genpkey", *algorithm, "-out", made.key)
    tool("openssl", "req", "-new", "-key", made.key, "-out", request, "-subj", "/CN=" + name, "-" + digest)
    texts.write_text(extensions)
    database.mkdir()
    (database / "index.txt").write_text("")
    (database / "serial").write_text("0%d\n" % (len(label) % 8 + 1))
    (database / "ca.cnf").write_text(
        "[ca]\ndefault_ca=x\n[x]\ndatabase=%s/index.txt\nserial=%s/serial\nnew_certs_dir=%s\ndefault_md=%s\npolicy=p\nunique_subject=no\n"
        "email_in_dn=no\n[p]\ncommonName=supplied\n" % (database, database, database, digest)
    )
    by = ("-cert", issuer.file, "-keyfile", issuer.key) if issuer else ("-selfsign", "-keyfile", made.key)
    tool(
        "openssl",
        "ca",
        "-batch",
        "-notext",
        "-config",
        database / "ca.cnf",
        *by,
        "-in",
        request,
        "-out",
        made.file,
        "-extfile",
        texts,
        "-startdate",
        start or "20260101000000Z",
        "-enddate",
        end
    )
    return made


def approved_by(make, options=("-cades",), **attributes):
    """The bundle with the approval signed anew by what `make` gives."""

    def change(bundle, case):
        if attributes:
            bundle.manifests(roles=("approved",), **attributes)
        made = make(case)
        bundle.sign("approved", made.key, made.file, case.folder, *options)

    return change


def attach(make, options=("-cades",), name="Cy Example", role="approved"):
    """`sign --prepare`, openssl, `sign --attach`: how a signature of elsewhere comes in."""

    def sign(case):
        def ask(site):
            content, signature = case.folder / "a.xml", case.folder / "a.xml.p7s"
            site.expect("sign", "--model", "1.1", "--role", role, "--name", name, "--prepare", content)
            made = make(case)
            tool(
                "openssl",
                "cms",
                "-sign",
                "-binary",
                "-outform",
                "DER",
                "-in",
                content,
                "-signer",
                made.file,
                "-inkey",
                made.key,
                "-out",
                signature,
                *options
            )
            return site.run("sign", "--model", "1.1", "--attach", signature)

        return ask

    return sign


def weak(name, attack, make, word, options=("-cades",)):
    def forged(case):
        bundle = case.bundle()
        approved_by(make, options)(bundle, case)
        other = type(case)(case.base, case.folder / "attached")
        return Target(case.ready().folder, case.write(bundle), sign=attach(lambda _: make(other), options)(case))

    forged.__name__ = name
    forgery(WEAK, attack, sign=refused(word), verify=refused(word), paper=refused(word))(forged)


def made_as(**more):
    return lambda case: certificate(case.folder, "weak", "Cy Example", **more)


BITS = r"1024|bits|security|weak|short|strength"
weak(
    "rsa_1024",
    "An RSA key of 1024 bits approves.",
    made_as(algorithm=("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")),
    BITS,
)
weak(
    "curve_p192",
    "A key on the curve P-192 approves.",
    made_as(algorithm=("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-192")),
    BITS,
)
weak(
    "curve_brainpool_160",
    "A key on the curve brainpoolP160r1 approves.",
    made_as(algorithm=("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:brainpoolP160r1")),
    BITS,
)
weak(
    "sha_1_in_the_signature",
    "The approval is over a SHA-1.",
    made_as(),
    "SHA-?1|digest|security|weak|signing-certificate-v2",
    ("-cades", "-md", "sha1"),
)
weak(
    "key_for_encryption",
    "A certificate approves that is for encryption only.",
    made_as(extensions="basicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment\n"),
    "key ?usage|not for signatures|not.*signatures",
)
weak(
    "certificate_expired",
    "A certificate approves that has expired.",
    made_as(start="20200101000000Z", end="20210101000000Z"),
    "valid|expired",
)
weak("certificate_of_the_future", "A certificate approves that is not valid yet.", made_as(start="20390101000000Z"), "valid")
weak(
    "no_signed_attributes", "The approval has no signed attributes.", made_as(), "CAdES|attribute|signed content type", ("-noattr",)
)
weak(
    "no_cades_attribute",
    "The approval does not bind its certificate (CAdES).",
    made_as(),
    "CAdES|attribute|signing.?certificate",
    ("-nosmimecap",),
)


def two_signers(case):
    return certificate(case.folder, "weak", "Cy Example")


def also_by_another(case):
    other = certificate(case.folder, "another", "Mallory Example")
    return ("-cades", "-signer", other.file, "-inkey", other.key)


def two_signers_of_one(bundle, case):
    made = two_signers(case)
    bundle.sign("approved", made.key, made.file, case.folder, *also_by_another(case))


bundle_forgery("two_signers_in_one", "Two persons' signatures stand in one.", two_signers_of_one, group=WEAK)


def embedded_content(bundle, case):
    """Every signature carries what was signed with it, and another manifest stands beside it."""
    site = case.base.signed
    for name, (_, role) in PEOPLE.items():
        bundle.sign(role, site.key(name), site.certificate(name), case.folder, "-cades", "-nodetach")
    bundle.replace("dossier/dossier.html", "Credit screening", "Credit screening, free of discrimination")
    bundle.manifests()


bundle_forgery(
    "content_in_the_signature",
    "The signatures carry their own content, and another manifest stands beside them.",
    embedded_content,
    group=WEAK,
)
